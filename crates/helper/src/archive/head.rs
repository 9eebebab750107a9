//! What an export says about itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use ensconce_protocol::{ArchivedApp, DataRecord};

/// The name of the first entry.
pub(super) const NAME: &str = "ensconce-data.json";
/// The format that this version writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;
/// What the names of the data folder's entries begin with.
pub(super) const DATA: &str = "data";
/// What those of databases begin with that lie elsewhere.
pub(super) const DATABASES: &str = "databases";

/// The first entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ArchiveHead {
    pub(super) format: u32,
    pub(super) app: ArchivedApp,
    /// When it was made.
    pub(super) made: String,
    pub(super) databases: Vec<DatabaseEntry>,
    pub(super) settings: Value,
    /// What the data is of.
    pub(super) record: DataRecord,
    /// Encrypted with a passphrase.
    pub(super) secrets: Option<String>,
    pub(super) folders: Vec<String>,
    pub(super) files: Vec<FileEntry>,
}

/// Which entry a database is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct DatabaseEntry {
    pub(super) name: String,
    pub(super) path: String,
}

/// An entry after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// As much of it as every format has.
#[derive(Deserialize)]
pub(super) struct AnyHead {
    pub(super) format: u32,
}
