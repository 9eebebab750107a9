//! Puts a backup in the place of a database.

use ensconce_protocol::HelperWork;

use super::DataCare;
use super::backups::found;
use crate::error::AppError;
use crate::run::migration::database_file;

impl DataCare {
    /// Puts a backup in the place of a database, which is kept beside it. The backup is checked and
    /// copied while services still run.
    pub(crate) async fn restore(&self, name: &str, id: &str) -> Result<String, AppError> {
        let database = database_file(&self.database(name)?);
        let backup = found(&self.access.own, name).into_iter().find(|one| one.backup.id == id);
        let record = backup.ok_or(AppError::NoSuchBackup)?.record;
        self.refuse_newer("backup", record.version.as_ref())?;
        let turn = self.turn().await?;
        let own = &self.access.own;
        let (backup, journal) = (own.backups().join(id), own.swap_journal());
        let stage = HelperWork::StageRestore {
            backup,
            database: database.clone(),
            journal: journal.clone(),
        };
        self.work(stage).await?;
        let swap = HelperWork::Restore { database, journal, record, updates: own.updates() };
        self.swap(&turn, swap, None).await
    }
}
