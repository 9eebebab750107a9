//! Replaces all data of an app by that of a file.

use std::path::{Path, PathBuf};

use ensconce_protocol::{ArchiveInfo, HelperWork, UnpackRequest};
use ensconce_vault::UnpackedSecrets;

use super::{DataCare, whole_path};
use crate::error::AppError;
use crate::launch::own_folder::OwnFolder;
use crate::run::migration::database_files;

impl DataCare {
    /// Replaces the data of the app by that of a file; the present data is kept beside it.
    ///
    /// Whether the file is the app's, the passphrase the right one, and the content whole, is known
    /// before anything is stopped or replaced.
    pub(crate) async fn import(
        &self,
        from: PathBuf,
        passphrase: Option<String>,
    ) -> Result<String, AppError> {
        let from = whole_path(from)?;
        let archive = self.inspect(&from).await?;
        self.refuse_newer("file", Some(&archive.version))?;
        let secrets = self.unpack_secrets(&archive, passphrase).await?;
        let turn = self.turn().await?;
        let unpacked = self.unpack(&from).await?;
        if unpacked != archive {
            self.recover().await?;
            return Err(AppError::FileChanged);
        }
        let plan = self.roster.plan();
        let swap = HelperWork::Import {
            data: plan.folders.data.clone(),
            databases: database_files(&plan),
            journal: self.access.own.swap_journal(),
            updates: self.access.own.updates(),
        };
        self.swap(&turn, swap, secrets).await
    }

    async fn inspect(&self, from: &Path) -> Result<ArchiveInfo, AppError> {
        let app_id = self.roster.plan().app.id.clone();
        let work = HelperWork::Inspect { from: from.to_owned(), app_id };
        self.work(work).await?.archive.ok_or_else(no_archive)
    }

    async fn unpack(&self, from: &Path) -> Result<ArchiveInfo, AppError> {
        let plan = self.roster.plan();
        let work = HelperWork::Unpack(UnpackRequest {
            from: from.to_owned(),
            app_id: plan.app.id.clone(),
            data: plan.folders.data.clone(),
            leave_out: vec![OwnFolder::NAME.to_owned()],
            databases: database_files(&plan),
            journal: self.access.own.swap_journal(),
        });
        self.work(work).await?.archive.ok_or_else(no_archive)
    }

    async fn unpack_secrets(
        &self,
        archive: &ArchiveInfo,
        passphrase: Option<String>,
    ) -> Result<Option<UnpackedSecrets>, AppError> {
        let Some(passphrase) = passphrase else { return Ok(None) };
        let packed = archive.secrets.as_ref().ok_or(AppError::NoSecretsInFile)?;
        let unpacking = self.values.secrets.unpack(packed, passphrase);
        self.unless_closing(unpacking).await.map(Some)
    }
}

fn no_archive() -> AppError {
    AppError::NoAnswer("the helper program did not say what the file holds".to_owned())
}
