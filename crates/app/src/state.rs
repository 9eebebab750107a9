//! What Ensconce remembers of an app between launches.

use std::collections::BTreeMap;
use std::path::Path;

use ensconce_store::{Document, Found, Kept, StoreError, Unusable};
use serde::{Deserialize, Serialize};

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// The port of the headless origin.
    pub(crate) port: Option<u16>,
    /// The tasks that have succeeded, with the version of the app that they last did in.
    pub(crate) done_tasks: BTreeMap<String, String>,
}

impl Kept for State {
    const VERSION: u32 = 1;
    // An app that starts with less is better than one that does not start.
    const WHEN_BROKEN: Unusable = Unusable::SetAside;
    const WHEN_NEWER: Unusable = Unusable::SetAside;
}

/// The file of a [`State`].
#[derive(Debug, Clone)]
pub(crate) struct StateFile {
    document: Document<State>,
}

impl StateFile {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { document: Document::new(folder.join("state.json")) }
    }

    /// Removes what killed writers have left.
    pub(crate) fn clear_up(&self) {
        ensconce_store::clear_leftovers(self.document.path());
    }

    /// Reads the state. A file that makes no sense is set aside, never thrown away, and said.
    pub(crate) fn read(&self) -> Result<State, StoreError> {
        match self.document.read()? {
            Found::Content(state) => Ok(state),
            Found::Nothing => Ok(State::default()),
            Found::SetAside { path, why } => {
                tracing::warn!(
                    "What was remembered could not be read ({why}) and was set aside as {}",
                    path.display()
                );
                Ok(State::default())
            }
        }
    }

    /// Reads the state without touching anything; a file that makes no sense counts as none.
    pub(crate) fn peek(&self) -> State {
        self.document.look().ok().flatten().unwrap_or_default()
    }

    /// Writes the state, whole or not at all.
    pub(crate) fn write(&self, state: &State) -> Result<(), StoreError> {
        self.document.write(state)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
    fn a_file_from_before_there_were_versions_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let before = r#"{"port": 4321, "done_tasks": {"seed": "1.0.0"}}"#;
        fs::write(folder.path().join("state.json"), before).unwrap();
        let state = StateFile::new(folder.path()).read().unwrap();
        assert_eq!((state.port, state.done_tasks.len()), (Some(4321), 1));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_set_aside() {
        let newer = r#"{"version": 2, "port": 4321}"#;
        for unusable in ["", "{\"port\":", "\u{0}\u{0}", "[]", "{\"port\":\"x\"}", newer] {
            let folder = tempfile::tempdir().unwrap();
            let file = StateFile::new(folder.path());
            fs::write(folder.path().join("state.json"), unusable).unwrap();
            assert_eq!(file.peek(), State::default());
            assert!(folder.path().join("state.json").exists(), "a look changes nothing");
            assert_eq!(file.read().unwrap(), State::default());
            let aside = fs::read_to_string(folder.path().join("state.json.broken")).unwrap();
            assert_eq!(aside, unusable);
        }
    }
}
