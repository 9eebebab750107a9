//! The journal: one file that says what is staged or being swapped, and how far that has come.
//!
//! Its first line is the phase, of the same length always, so that the next phase is written over
//! it. That takes no room, so that a swap that has begun can be finished or taken back on a disk
//! that is full; and a disk writes these few bytes as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ensconce_protocol::Recovered;
use serde::{Deserialize, Serialize};

use super::moves::{FileSwap, FolderSwap};
use crate::error::WorkError;
use crate::files;

/// The form of the journal; one of a newer Ensconce is not guessed at.
const FORMAT: u32 = 1;
/// How long the first line is, with its end.
const LINE: usize = 16;

/// How far a replacement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Phase {
    const ALL: [Self; 7] = [
        Self::Staged,
        Self::Old,
        Self::New,
        Self::Settled,
        Self::NewOut,
        Self::OldBack,
        Self::Forgotten,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Old => "old",
            Self::New => "new",
            Self::Settled => "settled",
            Self::NewOut => "new-out",
            Self::OldBack => "old-back",
            Self::Forgotten => "forgotten",
        }
    }

    /// Returns the first line of a journal.
    fn line(self) -> String {
        format!("{:width$}\n", self.name(), width = LINE - 1)
    }

    fn read(line: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.line().as_bytes() == line)
    }
}

/// What is replaced.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Content {
    format: u32,
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
    /// Returns what is known when something is about to be staged.
    pub(super) fn staged(staged: Vec<PathBuf>) -> Self {
        Self { format: FORMAT, staged, folder: None, files: Vec::new(), recovered: None }
    }
}

/// A journal that is on the disk.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    phase: Phase,
    pub(super) content: Content,
}

impl Journal {
    /// Writes a journal whole, in the place of an earlier one.
    pub(super) fn write(path: &Path, phase: Phase, content: Content) -> Result<Self, WorkError> {
        let mut text = phase.line().into_bytes();
        let written = serde_json::to_writer_pretty(&mut text, &content)
            .map_err(io::Error::from)
            .and_then(|()| files::write_whole(path, &text));
        written.map_err(WorkError::file(path))?;
        Ok(Self { path: path.to_owned(), phase, content })
    }

    /// Reads a journal, if there is one.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, WorkError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(WorkError::file(path)(error)),
        };
        let unreadable = |why: String| WorkError::Journal { file: path.to_owned(), why };
        let (line, text) = text.split_at(LINE.min(text.len()));
        let phase = Phase::read(line).ok_or_else(|| unreadable("its beginning is odd".into()))?;
        let content: Content =
            serde_json::from_slice(text).map_err(|error| unreadable(error.to_string()))?;
        if content.format != FORMAT {
            return Err(unreadable("it is of another version of the app".into()));
        }
        Ok(Some(Self { path: path.to_owned(), phase, content }))
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    /// Goes on to another phase, durably. When this fails, the phase is the one before.
    pub(super) fn enter(&mut self, phase: Phase) -> Result<(), WorkError> {
        let written = File::options().write(true).open(&self.path).and_then(|mut file| {
            file.write_all(phase.line().as_bytes())?;
            files::make_durable(&file)
        });
        written.map_err(WorkError::file(&self.path))?;
        self.phase = phase;
        Ok(())
    }

    /// Removes the journal: the replacement is over.
    pub(super) fn remove(&self) -> Result<(), WorkError> {
        let removed = files::remove(&self.path)
            .and_then(|()| files::sync_folder(&files::folder_of(&self.path)));
        removed.map_err(WorkError::file(&self.path))?;
        Self::remove_unfinished(&self.path)
    }

    /// Removes what is left of a journal that was never written to its end.
    pub(super) fn remove_unfinished(path: &Path) -> Result<(), WorkError> {
        files::remove_unfinished(path).map_err(WorkError::file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_a_line_of_its_own_and_of_one_length() {
        for phase in Phase::ALL {
            assert_eq!(phase.line().len(), LINE);
            assert_eq!(Phase::read(phase.line().as_bytes()), Some(phase));
        }
        assert_eq!(Phase::read(b""), None);
    }

    #[test]
    fn the_next_phase_is_written_over_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("swap");
        let staged = vec![folder.path().join("x")];
        let mut journal =
            Journal::write(&path, Phase::Old, Content::staged(staged.clone())).unwrap();
        let bytes = fs::metadata(&path).unwrap().len();
        journal.enter(Phase::Forgotten).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), bytes);
        let read = Journal::read(&path).unwrap().unwrap();
        assert_eq!((read.phase(), read.content.staged), (Phase::Forgotten, staged));
        read.content.files.iter().for_each(drop);
        journal.remove().unwrap();
        assert!(Journal::read(&path).unwrap().is_none());
    }

    #[test]
    fn what_is_no_journal_of_this_form_is_not_guessed_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("swap");
        let newer = "old            \n{\"format\":2,\"staged\":[],\"files\":[]}";
        for text in ["", "old", "old            \n{", "{\"phase\":\"old\"}           ", newer] {
            fs::write(&path, text).unwrap();
            let error = Journal::read(&path).unwrap_err();
            assert_eq!(error.reason(), "journal", "{text}");
        }
    }
}
