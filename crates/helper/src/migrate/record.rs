//! What is written down about an update that is under way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{clock, files};

/// The form of the files; one from a newer Ensconce is not guessed at.
const FORMAT: u32 = 1;

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
#[derive(Serialize, Deserialize)]
pub(super) struct Marker {
    format: u32,
    /// The version that is updated to.
    version: String,
    started: String,
    pub(super) phase: Phase,
    pub(super) databases: Vec<Copy>,
}

/// A database as it was before the update.
#[derive(Serialize, Deserialize)]
pub(super) struct Copy {
    pub(super) name: String,
    pub(super) file: PathBuf,
    /// The name of the copy; none if there was no database yet.
    pub(super) backup: Option<String>,
    /// The size of the copy, once it is made.
    pub(super) bytes: u64,
}

impl Marker {
    /// Returns the marker of an update that begins now.
    pub(super) fn new(version: &str, databases: Vec<Copy>) -> Self {
        let (version, started) = (version.to_owned(), clock::now());
        Self { format: FORMAT, version, started, phase: Phase::Copying, databases }
    }
}

/// The files in the folder of the backups.
pub(super) struct Records {
    marker: PathBuf,
}

impl Records {
    /// Those of a folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { marker: folder.join("update-in-progress.json") }
    }

    /// The update that has begun and not ended. One that cannot be read is set aside; the error is
    /// where it is then.
    pub(super) fn marker(&self) -> Result<Option<Marker>, PathBuf> {
        let Ok(text) = fs::read(&self.marker) else { return Ok(None) };
        match serde_json::from_slice::<Marker>(&text) {
            Ok(marker) if marker.format == FORMAT => Ok(Some(marker)),
            _ => Err(self.set_marker_aside()),
        }
    }

    /// Writes down an update, durably.
    pub(super) fn write(&self, marker: &Marker) -> io::Result<()> {
        files::write_whole(&self.marker, &serde_json::to_vec_pretty(marker)?)
    }

    /// The update has ended.
    pub(super) fn remove_marker(&self) -> io::Result<()> {
        files::remove(&self.marker)?;
        files::sync_folder(&files::folder_of(&self.marker))
    }

    /// Keeps the marker under another name, and says which.
    pub(super) fn set_marker_aside(&self) -> PathBuf {
        let aside = files::with_suffix(&self.marker, &format!(".unresolved-{}", clock::now()));
        let _ = files::rename(&self.marker, &aside);
        aside
    }
}
