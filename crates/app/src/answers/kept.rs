//! The answers as they lie on the disk, shared by all that give or need them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ensconce_store::{Document, Found, Kept, StoreError, Unusable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::shown::Answers;

/// The answers that are no secrets, as they lie on the disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SettingsFile {
    pub(crate) answers: BTreeMap<String, Value>,
}

impl Kept for SettingsFile {
    const VERSION: u32 = 1;
    // Set-up can ask again; but this version must not lose what a newer one has kept.
    const WHEN_BROKEN: Unusable = Unusable::SetAside;
    const WHEN_NEWER: Unusable = Unusable::Refuse;
}

/// The answers of an app.
#[derive(Clone)]
pub(crate) struct KeptAnswers {
    known: Arc<Mutex<Answers>>,
    file: PathBuf,
    /// Held by whoever keeps answers together with something else.
    turn: Arc<AsyncMutex<()>>,
}

impl KeptAnswers {
    /// Reads what is kept; `secret` are the names of the secrets that are. A file that makes no
    /// sense is set aside, and reported.
    pub(crate) fn read(file: PathBuf, secret: BTreeSet<String>) -> Result<Self, StoreError> {
        let found = document(&file).read()?;
        if let Found::SetAside { path, why } = &found {
            tracing::warn!("{why} The answers are asked for again; they are in {}", path.display());
        }
        let settings: SettingsFile = found.content().unwrap_or_default();
        let known = Answers { plain: settings.answers, secret };
        Ok(Self { known: Arc::new(Mutex::new(known)), file, turn: Arc::default() })
    }

    /// Waits for the right to keep answers.
    ///
    /// Data that is replaced brings its own answers along, which are kept once more if the app is
    /// killed before all is over, or given up again. What a user saves in between would be lost
    /// after it was acknowledged.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    pub(crate) fn get(&self) -> Answers {
        self.lock().clone()
    }

    /// Changes some answers, one caller after the other, so that none loses what another has just
    /// kept; what was not written is not so.
    ///
    /// The disk may take a moment: call it where threads may block.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Answers)) -> Result<(), StoreError> {
        let mut known = self.lock();
        let mut changed = known.clone();
        change(&mut changed);
        if changed.plain != known.plain {
            let settings = SettingsFile { answers: changed.plain.clone() };
            document(&self.file).write(&settings)?;
        }
        *known = changed;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn document(file: &Path) -> Document<SettingsFile> {
    Document::new(file.to_owned())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn changes_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        let answers = KeptAnswers::read(file.clone(), BTreeSet::new()).unwrap();
        thread::scope(|scope| {
            for number in 0..20 {
                let answers = answers.clone();
                scope.spawn(move || {
                    let name = format!("field{number}");
                    answers.update(|all| drop(all.plain.insert(name, number.into()))).unwrap();
                });
            }
        });
        assert_eq!(answers.get().plain.len(), 20);
        let read = KeptAnswers::read(file, BTreeSet::new()).unwrap();
        assert_eq!(read.get(), answers.get());
    }
}
