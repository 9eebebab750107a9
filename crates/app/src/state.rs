//! What Ensconce remembers of an app between launches.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is remembered. A file from a newer Ensconce may hold more, which is kept out of the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// The port of the headless origin.
    pub(crate) port: Option<u16>,
    /// The tasks that have succeeded, with the version of the app that they last did in.
    pub(crate) done_tasks: BTreeMap<String, String>,
}

/// The file of a [`State`].
#[derive(Debug, Clone)]
pub(crate) struct StateFile {
    path: PathBuf,
}

impl StateFile {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join("state.json") }
    }

    /// Reads the state. A file that makes no sense is set aside, never thrown away, and said.
    pub(crate) fn read(&self) -> io::Result<State> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            Err(error) => return Err(error),
        };
        match parse(&text) {
            Ok(state) => Ok(state),
            Err(error) => {
                let aside = self.path.with_extension("json.broken");
                fs::rename(&self.path, &aside)?;
                tracing::warn!(
                    "What was remembered could not be read ({error}) and was set aside as {}",
                    aside.display()
                );
                Ok(State::default())
            }
        }
    }

    /// Reads the state without touching anything; a file that makes no sense counts as none.
    pub(crate) fn peek(&self) -> State {
        let text = fs::read(&self.path).unwrap_or_default();
        parse(&text).unwrap_or_default()
    }

    /// Writes the state, whole or not at all.
    pub(crate) fn write(&self, state: &State) -> io::Result<()> {
        write_durably(&self.path, &serde_json::to_vec_pretty(state)?)
    }
}

/// Takes a table and nothing else: serde would read a list as one, too.
fn parse(text: &[u8]) -> serde_json::Result<State> {
    let table: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text)?;
    serde_json::from_value(table.into())
}

/// Writes a file whole or not at all, readable by its owner only; it outlasts a power cut.
fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let file = write_beside(path, content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Writes a file whole or not at all, readable by its owner only; for what a power cut ends anyway.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    write_beside(path, content)?.persist(path)?;
    Ok(())
}

fn write_beside(path: &Path, content: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path());
        let mut state = State { port: Some(4321), ..State::default() };
        state.done_tasks.insert("seed".to_owned(), "1.0.0".to_owned());
        file.write(&state).unwrap();
        assert_eq!(file.read().unwrap(), state);
    }

    #[test]
    fn a_broken_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path());
        for broken in ["", "{\"port\":", "\u{0}\u{0}", "[]", "{\"port\":\"x\"}"] {
            fs::write(folder.path().join("state.json"), broken).unwrap();
            assert_eq!(file.peek(), State::default());
            assert!(folder.path().join("state.json").exists(), "a look changes nothing");
            assert_eq!(file.read().unwrap(), State::default());
            let aside = fs::read_to_string(folder.path().join("state.json.broken")).unwrap();
            assert_eq!(aside, broken);
        }
    }
}
