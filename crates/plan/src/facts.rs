//! What a plan depends on besides the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ensconce_manifest::{Mode, Platform};
use serde::Serialize;

/// What a plan depends on besides the manifest: the machine, and the app's past.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The operating system.
    pub platform: Platform,
    /// Whether the developer's overrides hold.
    pub mode: Mode,
    /// The folder of the manifest, absolute.
    pub resources: PathBuf,
    /// The folders of this app for this user.
    pub folders: Folders,
    /// The active virtual environment, if there is one.
    pub virtual_env: Option<PathBuf>,
    /// Those of [`python_candidates`](crate::python_candidates) that exist.
    pub existing: BTreeSet<PathBuf>,
    /// The programs that an installed app brings along, by the names that commands use; empty for a
    /// developer's app.
    pub programs: BTreeMap<String, PathBuf>,
    /// The environment, for `{env.NAME}`.
    pub env: BTreeMap<String, String>,
    /// The tasks that have succeeded before, with the version of the app that they last did in.
    pub done_tasks: BTreeMap<String, String>,
}

/// The folders of an app for one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Folders {
    /// What the user would miss: databases, documents.
    pub data: PathBuf,
    /// Settings.
    pub config: PathBuf,
    /// What can be recreated.
    pub cache: PathBuf,
    /// Logs.
    pub logs: PathBuf,
    /// Sockets of one launch; private, with a short path.
    pub run: PathBuf,
}
