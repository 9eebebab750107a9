//! What was made before, by the hash of everything that decided it.
//!
//! An entry is made in a folder of its own and moved into place whole, so that a build that is
//! killed, or meets another one, leaves either all of it or nothing. What killed builds have left
//! half-made is removed by the next one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::PayloadError;

/// A folder of entries that are either whole or not there.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// The name of an entry: a hash of everything that decides what it holds.
#[derive(Debug, Clone)]
pub struct Key(blake3::Hasher);

impl Key {
    /// Begins a key for one kind of entries; change `kind` when they are made in another way.
    pub fn new(kind: &str) -> Self {
        Self(blake3::Hasher::new()).with(kind)
    }

    /// Adds a text or bytes.
    #[must_use]
    pub fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.0.update(&(part.len() as u64).to_le_bytes()).update(part);
        self
    }

    /// Adds a file's contents.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_file(mut self, path: &Path) -> Result<Self, PayloadError> {
        let error = |error| PayloadError::File { what: "read", path: path.to_owned(), error };
        let mut file = fs::File::open(path).map_err(error)?;
        let mut contents = blake3::Hasher::new();
        contents.update_reader(&mut file).map_err(error)?;
        self.0.update(contents.finalize().as_bytes());
        Ok(self)
    }

    fn name(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// A folder to work in, which is gone when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    /// Held as long as the folder is in use; the system lets go of it when the process ends.
    _lock: File,
}

impl Scratch {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The folder, within the cache, of everything half-made.
const MAKING: &str = "making";

impl Cache {
    /// Uses a folder, which is made when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: &Path) -> Result<Self, PayloadError> {
        let making = root.join(MAKING);
        let made = fs::create_dir_all(&making);
        made.map_err(|error| PayloadError::File { what: "make", path: root.to_owned(), error })?;
        remove_abandoned(&making);
        Ok(Self { root: root.to_owned() })
    }

    /// The folder that all is below.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes a folder to work in, on the same disk as the cache.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(&self) -> Result<Scratch, PayloadError> {
        let making = self.root.join(MAKING);
        let made = || {
            let folder = tempfile::tempdir_in(&making)?;
            let lock = File::create(lock_of(folder.path()))?;
            lock.lock()?;
            Ok(Scratch { folder, _lock: lock })
        };
        made().map_err(|error| PayloadError::File { what: "write", path: making.clone(), error })
    }

    /// Gives the folder of an entry, which is made first when there is none.
    ///
    /// # Errors
    /// When it cannot be made; nothing is kept of it then.
    pub fn folder(
        &self,
        key: &Key,
        make: impl FnOnce(&Path) -> Result<(), PayloadError>,
    ) -> Result<PathBuf, PayloadError> {
        let entry = self.root.join(key.name());
        if entry.is_dir() {
            return Ok(entry);
        }
        let error =
            |path: &Path, error| PayloadError::File { what: "write", path: path.to_owned(), error };
        let making = self.scratch()?;
        make(making.path())?;
        match fs::rename(making.path(), &entry) {
            // Another build has made the same meanwhile.
            Err(_) if entry.is_dir() => Ok(entry),
            Err(cause) => Err(error(&entry, cause)),
            Ok(()) => Ok(entry),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(lock_of(self.folder.path()));
    }
}

fn is_recent(time: SystemTime) -> bool {
    time.elapsed().unwrap_or_default() < Duration::from_secs(60)
}

/// The lock lies beside the folder, so that the folder is empty at first.
fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

/// Removes what nobody works on any more. What cannot be removed does no harm.
fn remove_abandoned(making: &Path) {
    let entries = fs::read_dir(making).into_iter().flatten().flatten();
    let locks = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some());
    for lock in locks {
        let Ok(file) = File::open(&lock) else { continue };
        let is_new = file.metadata().and_then(|file| file.modified()).is_ok_and(is_recent);
        // One that was made right now may not be held yet.
        if !is_new && file.try_lock().is_ok() {
            let _ = fs::remove_dir_all(lock.with_extension(""));
            let _ = fs::remove_file(&lock);
        }
    }
}
