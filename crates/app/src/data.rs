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

use semver::Version;

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

    /// Refuses data of a newer version of the app, which this one may not understand, and whose
    /// schema no task leads back from. Data of which nothing is known is taken.
    ///
    /// # Errors
    /// When it is newer. `what` is what holds it.
    fn refuse_newer(&self, what: &'static str, data: Option<&String>) -> Result<(), AppError> {
        let app = self.roster.plan().app.version.clone();
        match data {
            Some(data) if is_newer(data, &app) => {
                Err(AppError::NewerData { what, data: data.clone(), app })
            }
            _ => Ok(()),
        }
    }

    fn database(&self, name: &str) -> Result<DatabasePlan, AppError> {
        let plan = self.roster.plan();
        let found = plan.databases.iter().find(|database| database.name == name).cloned();
        found.ok_or_else(|| AppError::NoSuchDatabase(name.to_owned()))
    }
}

/// Returns whether data is of a newer version than an app. Of versions that cannot be compared, which
/// no manifest may have, only the same one is known not to be newer.
fn is_newer(data: &str, app: &str) -> bool {
    match (Version::parse(data), Version::parse(app)) {
        (Ok(data), Ok(app)) => data.cmp_precedence(&app).is_gt(),
        _ => data != app,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_of_a_newer_version_is_newer() {
        for (data, app, newer) in [
            ("1.0.0", "1.0.0", false),
            ("1.9.0", "1.10.0", false),
            ("1.10.0", "1.9.0", true),
            ("2.0.0-rc.1", "2.0.0", false),
            ("2.0.0", "2.0.0-rc.1", true),
            ("1.0.0+build.2", "1.0.0+build.1", false),
            ("spring", "spring", false),
            ("spring", "1.0.0", true),
        ] {
            assert_eq!(is_newer(data, app), newer, "{data} in {app}");
        }
    }

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
