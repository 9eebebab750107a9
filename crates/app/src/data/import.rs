//! Replaces all data of an app by that of a file, and ends replacements that were interrupted.

use std::path::{Path, PathBuf};

use ensconce_protocol::{ArchiveInfo, HelperWork};
use ensconce_vault::UnpackedSecrets;

use super::DataCare;
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
        let archive = self.inspect(&from).await?;
        let secrets = self.unpack_secrets(&archive, passphrase).await?;
        let turn = self.roster.data_turn().await?;
        let unpacked = self.unpack(&from).await?;
        if unpacked.secrets != archive.secrets {
            self.remove_staged().await;
            return Err(AppError::FileChanged);
        }
        let pause = turn.pause().await?;
        let replaced = self.replace_all(secrets).await;
        if replaced.is_err() {
            self.remove_staged().await;
        }
        pause.end().await;
        replaced
    }

    /// Ends what a replacement that was killed has begun, before anything uses the data.
    pub(crate) async fn recover(&self) -> Result<(), AppError> {
        let answer = self.work(self.recovery()).await?;
        match answer.recovered {
            // Secrets would need their passphrase, which is kept nowhere.
            Some(recovered) => self.take_over(recovered, None).await,
            None => Ok(()),
        }
    }

    /// Returns whether a replacement of the data was interrupted.
    pub(crate) fn needs_recovery(&self) -> bool {
        let plan = self.roster.plan();
        let beside = |file: &Path, suffix: &str| {
            let mut path = file.as_os_str().to_owned();
            path.push(suffix);
            Path::new(&path).exists()
        };
        let mut databases = plan.databases.iter().map(|database| database.file.as_path());
        self.access.own.swap_journal().exists()
            || beside(&plan.folders.data, ".importing")
            || databases.any(|file| beside(file, ".restoring") || beside(file, ".importing"))
    }

    fn recovery(&self) -> HelperWork {
        let plan = self.roster.plan();
        HelperWork::Recover {
            data: plan.folders.data.clone(),
            databases: database_files(&plan),
            journal: self.access.own.swap_journal(),
        }
    }

    async fn inspect(&self, from: &Path) -> Result<ArchiveInfo, AppError> {
        let app_id = self.roster.plan().app.id.clone();
        let work = HelperWork::Inspect { from: from.to_owned(), app_id };
        self.work(work).await?.archive.ok_or_else(no_archive)
    }

    async fn unpack(&self, from: &Path) -> Result<ArchiveInfo, AppError> {
        let plan = self.roster.plan();
        let work = HelperWork::Unpack {
            from: from.to_owned(),
            app_id: plan.app.id.clone(),
            data: plan.folders.data.clone(),
            leave_out: vec![OwnFolder::NAME.to_owned()],
            databases: database_files(&plan),
        };
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

    async fn replace_all(&self, secrets: Option<UnpackedSecrets>) -> Result<String, AppError> {
        let plan = self.roster.plan();
        let swap = HelperWork::Import {
            data: plan.folders.data.clone(),
            databases: database_files(&plan),
            journal: self.access.own.swap_journal(),
            void: self.access.own.update_note(),
        };
        let answer = self.work(swap).await?;
        if let Some(recovered) = answer.recovered {
            self.take_over(recovered, secrets).await?;
        }
        Ok(answer.message)
    }

    /// Removes what was unpacked and is not imported. A swap that has begun is not touched.
    async fn remove_staged(&self) {
        if self.access.own.swap_journal().exists() {
            return;
        }
        if let Err(error) = self.work(self.recovery()).await {
            tracing::warn!("What was unpacked could not be removed: {error}");
        }
    }
}

fn no_archive() -> AppError {
    AppError::NoAnswer("the helper program did not say what the file holds".to_owned())
}
