//! What is written down about an update that is under way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{clock, files};

/// The form of the files; one from a newer Ensconce is not guessed at.
const FORMAT: u32 = 1;

/// An update that has begun.
#[derive(Serialize, Deserialize)]
pub(super) struct Marker {
    format: u32,
    /// The version that is updated to.
    pub(super) version: String,
    started: String,
    /// Whether copies are being put back: one that is missing is in its place then.
    pub(super) restoring: bool,
    pub(super) databases: Vec<Copy>,
}

/// A database as it was before the update.
#[derive(Serialize, Deserialize)]
pub(super) struct Copy {
    pub(super) name: String,
    pub(super) file: PathBuf,
    /// The name of the copy; none if there was no database yet.
    pub(super) backup: Option<String>,
    pub(super) bytes: u64,
}

impl Marker {
    /// An update that begins now.
    pub(super) fn new(version: &str, databases: Vec<Copy>) -> Self {
        let version = version.to_owned();
        Self { format: FORMAT, version, started: clock::now(), restoring: false, databases }
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
        let _ = fs::rename(&self.marker, &aside);
        aside
    }
}
