//! What the app and `ensconce-helper` send each other.
//!
//! `ensconce-helper run` reads one [`HelperRequest`] from its standard input and writes one
//! [`HelperAnswer`]. `ensconce-helper migrate -- COMMAND` finds a [`MigrationRequest`] in an
//! environment variable, because its standard input belongs to the task that it runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::backup::{BackupReason, DataRecord};

/// One piece of work. It may hold secrets, so that it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelperRequest {
    /// What must be held while the work is done; none for work that touches no data.
    pub lock: Option<DataLock>,
    /// The work.
    pub work: HelperWork,
}

/// The right to change an app's data: one program at a time has it.
///
/// A helper that outlives the app that started it could come to its turn when another start of the
/// app uses the data. So it looks, once it has the lock, whether its launch still is the current
/// one, and does nothing otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataLock {
    /// The file to lock.
    pub file: PathBuf,
    /// The file that says which launch is the current one, in the key `launch` of its JSON.
    pub announcement: PathBuf,
    /// The launch that the helper belongs to.
    pub launch: String,
    /// The data folder.
    pub data: PathBuf,
    /// The folder of the notes of updates, each of which is an [`UpdateNote`]. Whoever has the lock
    /// first puts back what an update that was interrupted has left.
    ///
    /// [`UpdateNote`]: crate::UpdateNote
    pub updates: PathBuf,
}

/// What a helper can do.
///
/// The answer's reason [`HelperAnswer::UNFINISHED`] means that the data is half replaced, or that an earlier swap
/// still is: nothing may use the data before [`HelperWork::Recover`] has succeeded.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HelperWork {
    /// Tries an address.
    Http(AddressCheck),
    /// Tries a PostgreSQL database.
    Postgres(PostgresCheck),
    /// Checks databases before anything uses them, after a crash.
    CheckDatabases {
        /// The databases; those that do not exist are passed over.
        databases: Vec<PathBuf>,
        /// Where backups are, for the message.
        backups: PathBuf,
    },
    /// Copies a database, while others use it, and removes old copies.
    Backup {
        /// The database.
        database: DatabaseFile,
        /// The folder of the copies.
        folder: PathBuf,
        /// Why it is made.
        reason: BackupReason,
        /// What the copy is of, but for updates that have been noted since.
        record: DataRecord,
        /// How many scheduled copies stay.
        keep: usize,
    },
    /// Checks a backup and copies it beside a database, which may be in use.
    StageRestore {
        /// The backup's file.
        backup: PathBuf,
        /// The database.
        database: DatabaseFile,
        /// The journal of swaps, which lists the copy from now on.
        journal: PathBuf,
    },
    /// Puts a staged backup in the place of a database that nobody uses.
    Restore {
        /// The database.
        database: DatabaseFile,
        /// The journal of swaps.
        journal: PathBuf,
        /// What the backup is of.
        record: DataRecord,
        /// The folder of the notes of updates; that of the database is void from then on.
        updates: PathBuf,
    },
    /// Checks whether an export can be written, and writes nothing.
    CheckExport {
        /// The file to write.
        to: PathBuf,
        /// The data folder.
        data: PathBuf,
        /// The databases, which may lie elsewhere.
        databases: Vec<DatabaseFile>,
    },
    /// Writes all data of an app, which nobody uses, into a file.
    Export(ExportRequest),
    /// Reads what an export says about itself. The answer holds an [`ArchiveInfo`].
    Inspect {
        /// The export.
        from: PathBuf,
        /// The id of the app that it must be of.
        app_id: String,
    },
    /// Unpacks an export beside the data folder, which may be in use. The answer holds an
    /// [`ArchiveInfo`].
    Unpack(UnpackRequest),
    /// Puts what was unpacked in the place of the present data, which nobody uses. The answer holds
    /// a [`Recovered`].
    Import {
        /// The data folder.
        data: PathBuf,
        /// The databases.
        databases: Vec<DatabaseFile>,
        /// The journal of swaps.
        journal: PathBuf,
        /// The folder of the notes of updates, which are void from then on.
        updates: PathBuf,
    },
    /// Ends what was interrupted, and removes what was only staged. There is something to do only
    /// while there is a journal. The answer holds a [`Recovered`] if the app has something to take
    /// over.
    Recover {
        /// The journal of swaps.
        journal: PathBuf,
    },
    /// Puts back what an update that was interrupted has left. All work on the data does so first;
    /// this is for a start of the app, before anything else uses the data.
    RecoverUpdates,
    /// Takes a swap back whose settings the app could not take over.
    Undo {
        /// The journal of swaps.
        journal: PathBuf,
    },
    /// Ends a swap whose settings the app has taken over.
    Forget {
        /// The journal of swaps.
        journal: PathBuf,
    },
}

impl HelperWork {
    /// Returns whether the work touches data, which is done only by whoever has its lock.
    pub fn needs_lock(&self) -> bool {
        match self {
            Self::Http(_) | Self::Postgres(_) | Self::CheckExport { .. } | Self::Inspect { .. } => {
                false
            }
            Self::CheckDatabases { .. }
            | Self::Backup { .. }
            | Self::StageRestore { .. }
            | Self::Restore { .. }
            | Self::Export(_)
            | Self::Unpack(_)
            | Self::Import { .. }
            | Self::Recover { .. }
            | Self::RecoverUpdates
            | Self::Undo { .. }
            | Self::Forget { .. } => true,
        }
    }
}

/// A call of an address.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressCheck {
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers to send.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What to send, as JSON.
    #[serde(default)]
    pub body: Option<Value>,
    /// The statuses of good answers; every 2xx when empty.
    #[serde(default)]
    pub statuses: Vec<u16>,
    /// How long it may take, in milliseconds.
    pub timeout_ms: u64,
}

/// A connection to a PostgreSQL database.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresCheck {
    /// Its address.
    pub url: String,
    /// A query for one value, the version of the app's schema.
    #[serde(default)]
    pub schema_query: Option<String>,
    /// How long it may take, in milliseconds.
    pub timeout_ms: u64,
}

/// A SQLite database of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseFile {
    /// Its name in the manifest.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
}

/// All data of an app, and the file that it is to be written into. Has no `Debug`: it holds
/// settings.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// The file to write.
    pub to: PathBuf,
    /// Whose data it is.
    pub app: ArchivedApp,
    /// The data folder.
    pub data: PathBuf,
    /// What in it is not exported.
    pub leave_out: Vec<String>,
    /// The databases.
    pub databases: Vec<DatabaseFile>,
    /// The app's answers that are no secrets.
    pub settings: Value,
    /// What the data is of, but for updates that have been noted since.
    pub record: DataRecord,
    /// The app's secrets, encrypted.
    pub secrets: Option<String>,
}

/// An export, and the data in whose place it is to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnpackRequest {
    /// The export.
    pub from: PathBuf,
    /// The id of the app that it must be of.
    pub app_id: String,
    /// The data folder.
    pub data: PathBuf,
    /// What in it is not replaced.
    pub leave_out: Vec<String>,
    /// The databases.
    pub databases: Vec<DatabaseFile>,
    /// The journal of swaps, which lists what is unpacked from now on.
    pub journal: PathBuf,
}

/// Whose data an export is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedApp {
    /// The app's id.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The version that has exported it.
    pub version: String,
}

/// A task that changes databases, to be run with a way back. Holds no secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationRequest {
    /// The task's name.
    pub task: String,
    /// The databases that it changes.
    pub databases: Vec<DatabaseFile>,
    /// Where backups are kept.
    pub folder: PathBuf,
    /// The version of the app that runs it.
    pub version: String,
    /// The version in which it last succeeded on this data.
    pub done: Option<String>,
    /// What the data is of.
    pub record: DataRecord,
    /// How many backups of each database stay.
    pub keep: usize,
    /// If this file exists, the app crashed, and the databases are checked first.
    pub unclean: PathBuf,
    /// What must be held while it runs.
    pub lock: DataLock,
}

impl MigrationRequest {
    /// The environment variable that holds it, as JSON.
    pub const VARIABLE: &str = "ENSCONCE_MIGRATE";
}

/// What came of a [`HelperRequest`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HelperAnswer {
    /// Whether the work was done.
    pub ok: bool,
    /// A word for programs that stays the same between versions; `ok` when it was.
    pub reason: String,
    /// What a person reads. Holds no secret.
    pub message: String,
    /// What an export says about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveInfo>,
    /// What the app has to take over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Recovered>,
    /// Numbers and names for logs and tests.
    #[serde(default)]
    pub details: Map<String, Value>,
}

impl HelperAnswer {
    /// The reason of an answer after which nothing may use the data.
    pub const UNFINISHED: &str = "unfinished";
}

/// What an export says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveInfo {
    /// The version of the app that the data is of; if that is not known, the one that has exported
    /// it.
    pub version: String,
    /// The app's secrets, encrypted.
    pub secrets: Option<String>,
}

/// What an app has to take over after its data was replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    /// The app's answers; none if they stay as they are.
    pub settings: Option<Value>,
    /// What the new data is of.
    pub record: DataRecord,
    /// The databases that were replaced one by one; none means that all were.
    pub databases: Vec<String>,
    /// Where the data is that was replaced.
    pub kept: Option<PathBuf>,
}
