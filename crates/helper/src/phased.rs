//! A file that says what is being done, and how far that has come.
//!
//! It is written whole, once. After that only its phase changes, which is written over in place: it
//! stands in the first line, which has one length always. That takes no room, so that what has
//! begun can be brought to its end on a disk that is full; and a disk writes these few bytes as a
//! whole or not at all. The file is JSON all the same, with blanks behind the phase.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::files;

/// The form of these files; one of a newer Ensconce is not guessed at.
const FORMAT: u32 = 1;
/// How long the first line is, with its end.
const LINE: usize = 32;

/// A file with a phase and content that is on the disk.
#[derive(Debug)]
pub(crate) struct Phased<P, C> {
    path: PathBuf,
    phase: P,
    pub(crate) content: C,
}

/// Why a file could not be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The system does not let it be read.
    Io(io::Error),
    /// It is of the form of a newer Ensconce.
    Newer,
    /// It is not such a file.
    Odd(String),
}

/// As much of a file as every form has.
#[derive(Deserialize)]
struct AnyForm {
    format: u32,
}

/// The file as a whole.
#[derive(Deserialize)]
struct Whole<P, C> {
    phase: P,
    #[serde(flatten)]
    rest: Rest<C>,
}

/// What comes after the first line.
#[derive(Serialize, Deserialize)]
struct Rest<C> {
    format: u32,
    content: C,
}

impl<P: Serialize + DeserializeOwned + Copy, C: Serialize + DeserializeOwned> Phased<P, C> {
    /// Writes a file whole, in the place of an earlier one.
    pub(crate) fn write(path: &Path, phase: P, content: C) -> io::Result<Self> {
        let rest = Rest { format: FORMAT, content };
        let text = serde_json::to_string_pretty(&rest)?;
        let text = line(phase)? + text.trim_start_matches('{');
        files::write_whole(path, text.as_bytes())?;
        Ok(Self { path: path.to_owned(), phase, content: rest.content })
    }

    /// Reads a file, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Unreadable> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Unreadable::Io(error)),
        };
        let odd = |why: &dyn ToString| Unreadable::Odd(why.to_string());
        // First: nothing else of a newer form need be known here.
        let AnyForm { format } = serde_json::from_slice(&text).map_err(|error| odd(&error))?;
        if format > FORMAT {
            return Err(Unreadable::Newer);
        }
        let whole: Whole<P, C> = serde_json::from_slice(&text).map_err(|error| odd(&error))?;
        let Whole { phase, rest: Rest { content, .. } } = whole;
        // Otherwise the next phase would be written over something else.
        if !text.starts_with(line(phase).map_err(Unreadable::Io)?.as_bytes()) {
            return Err(odd(&"its first line is not as it was written"));
        }
        Ok(Some(Self { path: path.to_owned(), phase, content }))
    }

    /// Returns the path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how far it has come.
    pub(crate) fn phase(&self) -> P {
        self.phase
    }

    /// Goes on to another phase, durably. When this fails, the phase is the one before.
    pub(crate) fn enter(&mut self, phase: P) -> io::Result<()> {
        let mut file = File::options().write(true).open(&self.path)?;
        file.write_all(line(phase)?.as_bytes())?;
        files::make_durable(&file)?;
        self.phase = phase;
        Ok(())
    }

    /// Removes the file: what it is about has ended.
    pub(crate) fn remove(&self) -> io::Result<()> {
        files::remove(&self.path)?;
        files::sync_folder(&files::folder_of(&self.path))?;
        files::remove_unfinished(&self.path)
    }
}

/// Returns the first line of a file.
fn line(phase: impl Serialize) -> io::Result<String> {
    let phase = serde_json::to_string(&phase)?;
    let line = format!("{{\"phase\":{phase:width$},\n", width = LINE - r#"{"phase":,"#.len() - 1);
    if line.len() == LINE {
        Ok(line)
    } else {
        Err(io::Error::other(format!("the phase {phase} is too long")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Phase {
        Begun,
        PuttingBack,
    }

    type Note = Phased<Phase, Vec<String>>;

    #[test]
    fn the_next_phase_is_written_over_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        let mut note = Note::write(&path, Phase::Begun, vec!["x".to_owned()]).unwrap();
        let begun = fs::read_to_string(&path).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&begun).is_ok(), "{begun}");
        note.enter(Phase::PuttingBack).unwrap();
        let after = fs::read_to_string(&path).unwrap();
        assert_eq!((after.len(), &after[LINE..]), (begun.len(), &begun[LINE..]));
        let read = Note::read(&path).unwrap().unwrap();
        assert_eq!((read.phase(), read.content), (Phase::PuttingBack, vec!["x".to_owned()]));
        note.remove().unwrap();
        assert!(Note::read(&path).unwrap().is_none());
        assert!(note.enter(Phase::Begun).is_err());
        assert_eq!(note.phase(), Phase::PuttingBack);
    }

    #[test]
    fn what_is_not_of_this_form_is_not_guessed_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        for text in [
            "",
            "{",
            "{\"phase\":\"ended\"               ,\n\"format\":1,\"content\":[]}",
            "{\"phase\":\"begun\",\"format\":1,\"content\":[]}",
        ] {
            fs::write(&path, text).unwrap();
            assert!(matches!(Note::read(&path), Err(Unreadable::Odd(_))), "{text}");
        }
        let newer = "{\"phase\":\"unheard-of\"          ,\n\"format\":2,\"more\":{}}";
        fs::write(&path, newer).unwrap();
        assert!(matches!(Note::read(&path), Err(Unreadable::Newer)));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(Note::read(&path), Err(Unreadable::Io(_))));
    }
}
