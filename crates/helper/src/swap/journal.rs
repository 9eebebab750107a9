//! The journal: one file that says what is staged or being swapped, and how far that has come.

use std::path::{Path, PathBuf};

use ensconce_protocol::Recovered;
use serde::{Deserialize, Serialize};

use super::moves::{FileSwap, FolderSwap};
use crate::error::WorkError;
use crate::files;
use crate::phased::{Phased, Unreadable};

/// How far a replacement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// Something lies beside its place, or is about to; nothing was replaced.
    Staged,
    /// What is in the places is being moved aside.
    Old,
    /// What is new is being moved in.
    New,
    /// All is in its place; the app has not taken over what comes with it yet.
    Settled,
    /// What is new is being moved out again.
    NewOut,
    /// What was moved aside is being moved back.
    OldBack,
    /// The app has taken all over; what is left is being removed.
    Forgotten,
}

/// What is replaced.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Content {
    /// The journal itself, by its real path. The other paths are of the same data folder: one that
    /// was copied together with its journal must not be mistaken for the original, whose data these
    /// paths lead to.
    journal: PathBuf,
    /// What was made for it and is removed in the end: folders, and databases.
    pub(super) staged: Vec<PathBuf>,
    /// The content of the data folder, if that is replaced.
    pub(super) folder: Option<FolderSwap>,
    /// Files that are replaced.
    pub(super) files: Vec<FileSwap>,
    /// What the app has to take over besides; none while nothing is replaced.
    pub(super) recovered: Option<Recovered>,
}

impl Content {
    /// Returns the content of a journal while something is staged.
    pub(super) fn staged(journal: &Path, staged: Vec<PathBuf>) -> Self {
        let journal = files::real(journal);
        Self { journal, staged, folder: None, files: Vec::new(), recovered: None }
    }
}

/// A journal that is on the disk.
#[derive(Debug)]
pub(super) struct Journal(Phased<Phase, Content>);

impl Journal {
    /// Writes a journal whole, in the place of an earlier one.
    pub(super) fn write(path: &Path, phase: Phase, content: Content) -> Result<Self, WorkError> {
        Phased::write(path, phase, content).map(Self).map_err(WorkError::file(path))
    }

    /// Reads a journal, if there is one, and if it is of the data folder that it is in.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, WorkError> {
        match Phased::<Phase, Content>::read(path) {
            Ok(Some(found)) if found.content.journal != files::real(path) => {
                let former = files::folder_of(&found.content.journal);
                Err(WorkError::Elsewhere { file: path.to_owned(), former })
            }
            Ok(found) => Ok(found.map(Self)),
            Err(Unreadable::Io(error)) => Err(WorkError::file(path)(error)),
            Err(Unreadable::Newer) => Err(WorkError::NewerWork(path.to_owned())),
            Err(Unreadable::Odd(why)) => Err(WorkError::Journal { file: path.to_owned(), why }),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.0.phase()
    }

    pub(super) fn content(&self) -> &Content {
        &self.0.content
    }

    /// Goes on to another phase, durably. When this fails, the phase is the one before.
    pub(super) fn enter(&mut self, phase: Phase) -> Result<(), WorkError> {
        self.0.enter(phase).map_err(WorkError::file(self.0.path()))
    }

    /// Removes the journal: the replacement is over.
    pub(super) fn remove(&self) -> Result<(), WorkError> {
        self.0.remove().map_err(WorkError::file(self.0.path()))
    }
}
