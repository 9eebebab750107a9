//! Backups of databases, and what is recorded about the data in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What has been done to an app's data: it belongs to the data, is kept with each backup and in
/// each export, and comes back with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataRecord {
    /// The version of the app that last worked with the data.
    pub version: Option<String>,
    /// The tasks that have succeeded on it, with the version of the app that they last did in.
    pub tasks: BTreeMap<String, String>,
}

impl DataRecord {
    /// Adds an update of databases, which the app of that version has made.
    pub fn add_update(&mut self, update: &UpdateOf) {
        self.version = Some(update.version.clone());
        self.tasks.insert(update.task.clone(), update.version.clone());
    }
}

/// How far an update of databases has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdatePhase {
    /// Copies are being made; the task has not started.
    Copying,
    /// The copies are whole, and the task may have changed anything.
    Running,
    /// The copies are being put back: one that is missing is in its place.
    PuttingBack,
    /// The task has succeeded, which the app may not have recorded yet.
    Done,
}

/// What is noted of an update of databases, as far as the app reads it.
///
/// The helper keeps the note, in a file `TASK.update`, from before the first change until the next
/// start of the app has the update in its record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UpdateNote {
    /// How far it has come.
    pub phase: UpdatePhase,
    /// What is noted of it.
    pub content: UpdateOf,
}

impl UpdateNote {
    /// What the names of the files end in.
    pub const EXTENSION: &str = "update";
}

/// Which task updates databases, to which version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateOf {
    /// The task.
    pub task: String,
    /// The version of the app that runs it.
    pub version: String,
}

/// The backups of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DatabaseBackups {
    /// The database's name.
    pub name: String,
    /// Its backups, the newest first.
    pub backups: Vec<Backup>,
}

/// A copy of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Backup {
    /// The name of its file.
    pub id: String,
    /// When it was made, as RFC 3339 has it.
    pub at: String,
    /// The version of the app that the data was of, where that is known.
    pub version: Option<String>,
    /// Its size.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// Why it was made.
    pub reason: BackupReason,
}

/// What is noted of a backup, in a file beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupNote {
    /// The database's name.
    pub database: String,
    /// When it was made, as RFC 3339 has it.
    pub at: String,
    /// Why it was made.
    pub reason: BackupReason,
    /// What the data is of.
    pub record: DataRecord,
    /// The version that an update was to lead to, for one that was made before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_to: Option<String>,
}

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum BackupReason {
    /// A new version of the app was about to change the database.
    BeforeUpdate,
    /// The manifest asks for one from time to time.
    Scheduled,
    /// Somebody asked for it.
    Manual,
}
