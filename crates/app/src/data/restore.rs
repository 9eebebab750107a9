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
        let turn = self.roster.data_turn().await?;
        let file = self.access.own.backups().join(id);
        let stage = HelperWork::StageRestore { backup: file, database: database.clone() };
        self.work(stage).await?;
        let swap = HelperWork::Restore {
            database,
            journal: self.access.own.swap_journal(),
            record,
            void: self.access.own.update_note(),
        };
        let pause = turn.pause().await?;
        let replaced = self.replace(swap).await;
        pause.end().await;
        replaced
    }

    /// Swaps data that is staged while nothing uses it, and takes over what comes with it.
    async fn replace(&self, swap: HelperWork) -> Result<String, AppError> {
        let answer = self.work(swap).await?;
        if let Some(recovered) = answer.recovered {
            self.take_over(recovered, None).await?;
        }
        Ok(answer.message)
    }
}
