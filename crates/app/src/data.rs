//! Care for the user's data: backups of databases, and all of it in one file.
//!
//! What touches files is done by the helper program, as a supervised job that holds the lock of the
//! data. What can be refused is refused before any service is stopped. A database that services use
//! is only replaced while they are paused; they start again when the data is whole.

pub(crate) mod backups;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod offline;
pub(crate) mod restore;
pub(crate) mod schedule;
pub(crate) mod swap;

use std::path::PathBuf;

use ensconce_plan::DatabasePlan;
use ensconce_protocol::{DataFeatures, HelperAnswer, HelperWork};

use crate::error::AppError;
use crate::run::helper::HelperRunner;
use crate::run::migration::DataAccess;
use crate::run::roster::Roster;
use crate::run::values::Values;

/// Takes care of the data of one app. Clones stand for the same one.
#[derive(Clone)]
pub(crate) struct DataCare {
    pub(crate) roster: Roster,
    pub(crate) values: Values,
    pub(crate) access: DataAccess,
    pub(crate) helper: HelperRunner,
}

/// Returns the whole path of a file that somebody has typed, `~` for their home folder included. What
/// a path from elsewhere would lead to is not for the user to know.
fn whole_path(typed: PathBuf) -> Result<PathBuf, AppError> {
    let home = dirs::home_dir();
    let whole = match (typed.strip_prefix("~"), &home) {
        (Ok(below), Some(home)) => home.join(below),
        _ => typed,
    };
    if whole.is_absolute() {
        return Ok(whole);
    }
    let example = home.unwrap_or_else(std::env::temp_dir).join(&whole);
    Err(AppError::NoWholePath { example })
}

impl DataCare {
    /// Returns what can be done; nothing without the helper program.
    pub(crate) fn features(&self) -> Option<DataFeatures> {
        let databases = self.roster.plan().databases.iter().map(|one| one.name.clone()).collect();
        HelperRunner::is_there().then_some(DataFeatures { databases })
    }

    async fn work(&self, work: HelperWork) -> Result<HelperAnswer, AppError> {
        self.helper.work(self.access.lock(), work).await
    }

    /// Waits for something, but not once the app begins to end.
    async fn unless_closing<T>(
        &self,
        waiting: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let closing = self.roster.closing();
        closing.run_until_cancelled(waiting).await.unwrap_or(Err(AppError::Stopping))
    }

    fn database(&self, name: &str) -> Result<DatabasePlan, AppError> {
        let plan = self.roster.plan();
        let found = plan.databases.iter().find(|database| database.name == name).cloned();
        found.ok_or_else(|| AppError::NoSuchDatabase(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_is_whole_or_refused() {
        let home = dirs::home_dir().unwrap();
        assert_eq!(whole_path("~/notes".into()).unwrap(), home.join("notes"));
        assert_eq!(whole_path(home.join("notes")).unwrap(), home.join("notes"));
        for typed in ["notes", "./notes", "../notes", "~notes", ""] {
            let refused = whole_path(typed.into()).unwrap_err().to_string();
            assert!(refused.contains(home.to_str().unwrap()), "{refused}");
        }
    }
}
