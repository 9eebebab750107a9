//! What Ensconce remembers of an app between starts.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ensconce_manifest::{Manifest, Task, When};
use ensconce_protocol::DataRecord;
use ensconce_store::{Document, Kept, StoreError, Unusable, set_aside};
use serde::{Deserialize, Serialize};

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// The port of the headless origin.
    pub(crate) port: Option<u16>,
    /// What has been done to the data.
    pub(crate) data: DataRecord,
    /// How often the data was replaced in this launch: what was seen before says nothing about the
    /// data that there is now.
    #[serde(skip)]
    pub(crate) replacements: u64,
}

impl Kept for State {
    const VERSION: u32 = 1;
    // Without the record, every task would run once more, on data that it may ruin.
    const WHEN_BROKEN: Unusable = Unusable::Refuse;
    const WHEN_NEWER: Unusable = Unusable::Refuse;
}

/// The file of a [`State`].
#[derive(Debug, Clone)]
pub(crate) struct StateFile {
    document: Document<State>,
}

/// The state of an app that is held, shared by all that read or change it.
#[derive(Debug, Clone)]
pub(crate) struct SharedState {
    file: StateFile,
    known: Arc<Mutex<State>>,
}

impl StateFile {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { document: Document::new(file) }
    }

    /// Reads the state.
    ///
    /// # Errors
    /// When the file cannot be read, makes no sense, or is of a newer Ensconce. It stays as it is.
    pub(crate) fn read(&self) -> Result<State, StoreError> {
        Ok(self.document.read()?.content().unwrap_or_default())
    }

    /// Reads the state before an app starts. If none of its tasks depends on what it has done before,
    /// an app that starts with less is better than one that does not start: a file that makes no
    /// sense is set aside then, never thrown away, and reported.
    ///
    /// # Errors
    /// When the file cannot be used otherwise.
    pub(crate) fn read_for(&self, manifest: &Manifest) -> Result<State, StoreError> {
        let depends = |task: &Task| task.settings.when.is_some_and(|when| when != When::Always);
        match self.read() {
            Err(StoreError::Broken { path, why }) if !manifest.tasks.values().any(depends) => {
                begin_anew(path, &why)
            }
            read => read,
        }
    }

    /// Reads the state without touching anything; a file that makes no sense counts as none.
    pub(crate) fn peek(&self) -> State {
        self.document.look().ok().flatten().unwrap_or_default()
    }
}

/// Sets a file aside that makes no sense, where nothing depends on what was in it.
fn begin_anew(path: PathBuf, why: &str) -> Result<State, StoreError> {
    let aside = set_aside(&path).map_err(|error| StoreError::File { path, error })?;
    tracing::warn!(
        "What was remembered could not be read ({why}) and was set aside as {}",
        aside.display()
    );
    Ok(State::default())
}

impl SharedState {
    /// Reads the state.
    pub(crate) fn open(file: StateFile) -> Result<Self, StoreError> {
        let known = Arc::new(Mutex::new(file.read()?));
        Ok(Self { file, known })
    }

    pub(crate) fn get(&self) -> State {
        self.lock().clone()
    }

    /// Changes the state, and writes it whole or not at all; what was not written is not so.
    ///
    /// The disk may take a moment: call it where threads may block.
    pub(crate) fn update(&self, change: impl FnOnce(&mut State)) -> Result<(), StoreError> {
        let mut known = self.lock();
        let mut changed = known.clone();
        change(&mut changed);
        if changed != *known {
            self.file.document.write(&changed)?;
            *known = changed;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path().join("state.json"));
        let shared = SharedState::open(file.clone()).unwrap();
        shared.update(|state| state.port = Some(4321)).unwrap();
        let done = ("seed".to_owned(), "1.0.0".to_owned());
        shared.update(|state| state.data.tasks.extend([done])).unwrap();
        let read = file.read().unwrap();
        assert_eq!((read.port, read.data.tasks.len()), (Some(4321), 1));
        assert_eq!(shared.get(), read);
    }

    #[test]
    fn what_cannot_be_written_is_not_so() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        let shared = SharedState::open(StateFile::new(own.join("state.json"))).unwrap();
        fs::write(&own, "in the way").unwrap();
        assert!(shared.update(|state| state.port = Some(4321)).is_err());
        assert_eq!(shared.get(), State::default());
    }

    #[test]
    fn a_file_that_cannot_be_used_stays_and_is_an_error() {
        let newer = r#"{"version": 2, "port": 4321}"#;
        for unusable in ["", "{\"port\":", "\u{0}\u{0}", "[]", "{\"port\":\"x\"}", newer] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state.json");
            let file = StateFile::new(path.clone());
            fs::write(&path, unusable).unwrap();
            assert_eq!(file.peek(), State::default());
            assert!(path.exists(), "a look changes nothing");
            assert!(file.read().is_err(), "{unusable}");
            assert_eq!(fs::read_to_string(&path).unwrap(), unusable);
        }
    }
}
