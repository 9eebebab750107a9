//! What is written down about an update that is under way.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::phased::{Phased, Unreadable};
use crate::{clock, files};

/// The name of the marker in the folder of backups.
const NAME: &str = "update-in-progress.json";

/// How far an update has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// The copies are being made; the task has not started.
    Copying,
    /// The copies are whole, and the task may have changed anything.
    Running,
    /// The copies are being put back: one that is missing is in its place.
    PuttingBack,
}

/// An update that has begun.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct UpdateNote {
    /// The version that is updated to.
    version: String,
    started: String,
    pub(super) databases: Vec<DatabaseCopy>,
}

/// A database as it was before the update.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DatabaseCopy {
    pub(super) name: String,
    pub(super) file: PathBuf,
    /// The name of the copy; none if there was no database yet.
    pub(super) backup: Option<String>,
    /// The size of the copy, once it is made.
    pub(super) bytes: u64,
}

impl UpdateNote {
    /// Returns an update that begins now.
    pub(super) fn new(version: &str, databases: Vec<DatabaseCopy>) -> Self {
        Self { version: version.to_owned(), started: clock::now(), databases }
    }
}

/// The file that says that an update has begun and not ended.
pub(super) type Marker = Phased<Phase, UpdateNote>;

/// Returns the file of the marker in a folder of backups.
pub(super) fn marker_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// Why there is no marker to go by.
pub(super) enum NoMarker {
    /// It cannot be read now; perhaps it can the next time.
    Unreadable(std::io::Error),
    /// It cannot be understood, and was set aside to this path.
    SetAside(PathBuf),
}

/// Reads the marker, if there is one; one that cannot be understood is set aside.
pub(super) fn read_marker(folder: &Path) -> Result<Option<Marker>, NoMarker> {
    let file = marker_in(folder);
    Marker::read(&file).map_err(|error| match error {
        Unreadable::Io(error) => NoMarker::Unreadable(error),
        Unreadable::Odd(_) => NoMarker::SetAside(set_aside(&file)),
    })
}

/// Keeps a marker under another name; returns its path.
pub(super) fn set_aside(marker: &Path) -> PathBuf {
    let suffix = format!(".unresolved-{}", clock::now());
    let aside = files::free(files::with_suffix(marker, &suffix));
    let _ = files::rename(marker, &aside);
    aside
}
