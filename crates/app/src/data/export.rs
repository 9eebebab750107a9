//! Writes all data of an app into one file.

use std::path::PathBuf;

use ensconce_protocol::{ArchivedApp, ExportRequest, HelperWork};

use super::{DataCare, whole_path};
use crate::answers::kept::SettingsFile;
use crate::error::AppError;
use crate::launch::own_folder::OwnFolder;
use crate::run::migration::database_files;

impl DataCare {
    /// Writes all data of the app into one file; secrets only with a passphrase, encrypted by it.
    pub(crate) async fn export(
        &self,
        to: PathBuf,
        passphrase: Option<String>,
    ) -> Result<String, AppError> {
        let to = whole_path(to)?;
        let plan = self.roster.plan();
        let (data, databases) = (plan.folders.data.clone(), database_files(&plan));
        self.work(HelperWork::CheckExport { to: to.clone(), data, databases }).await?;
        let secrets = match passphrase {
            Some(passphrase) => {
                Some(self.unless_closing(self.values.secrets.pack(passphrase)).await?)
            }
            None => None,
        };
        let turn = self.turn().await?;
        let pause = turn.pause().await?;
        let exported = self.work(self.everything(to, secrets)).await;
        pause.end().await;
        Ok(exported?.message)
    }

    fn everything(&self, to: PathBuf, secrets: Option<String>) -> HelperWork {
        let plan = self.roster.plan();
        let settings = SettingsFile { answers: self.values.answers.get().plain };
        HelperWork::Export(ExportRequest {
            to,
            app: ArchivedApp {
                id: plan.app.id.clone(),
                name: plan.app.name.clone(),
                version: plan.app.version.clone(),
            },
            data: plan.folders.data.clone(),
            leave_out: vec![OwnFolder::NAME.to_owned()],
            databases: database_files(&plan),
            // Answers are plain data, which can always be written.
            settings: serde_json::to_value(settings).unwrap_or_default(),
            record: self.access.record(),
            secrets,
        })
    }
}
