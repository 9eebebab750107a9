//! A cache of what was made before, by the hash of everything that determined it.
//!
//! An entry is made in a folder of its own and moved into place whole, so that a build that is
//! killed, or meets another one, leaves either all of it or nothing.

mod prune;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::PayloadError;

/// The folder of what is being made.
const MAKING: &str = "making";

/// The file that builds lock as long as they use the cache; its time is when it was last pruned.
const IN_USE: &str = "in-use";

/// A folder of entries that are either whole or not there.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    /// Held together with other builds, so that nobody removes what one of them has found.
    in_use: File,
}

/// The name of an entry: a hash of everything that determines what it holds.
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

    /// Returns the hash as text.
    pub(crate) fn name(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

impl Cache {
    /// Uses a folder, which is created if it is missing.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(root: &Path) -> Result<Self, PayloadError> {
        crate::copy::folder(&root.join(MAKING))?;
        let path = root.join(IN_USE);
        let opened = File::options().create(true).append(true).open(&path);
        let in_use = opened.map_err(PayloadError::file("write", &path))?;
        in_use.lock_shared().map_err(PayloadError::file("lock", &path))?;
        sweep(&root.join(MAKING));
        Ok(Self { root: root.to_owned(), in_use })
    }

    /// Ends the use of the cache; once a day, if no other build uses it, what was not used for long
    /// is removed then.
    pub fn close(self) {
        let path = self.root.join(IN_USE);
        if !prune::is_due(&path) {
            return;
        }
        // Not every system lets one lock become the other.
        let alone = self.in_use.unlock().is_ok() && self.in_use.try_lock().is_ok();
        if alone {
            prune::prune(&self.root, &prune::Limits::default());
            prune::touch(&path);
        }
    }

    /// Returns what was remembered last under a key.
    pub(crate) fn recall(&self, key: &Key) -> Option<String> {
        let path = self.root.join("notes").join(key.name());
        prune::touch(&path);
        fs::read_to_string(path).ok()
    }

    /// Remembers a text under a key.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remember(&self, key: &Key, text: &str) -> Result<(), PayloadError> {
        crate::copy::write(&self.root.join("notes").join(key.name()), text.as_bytes())
    }

    /// Returns a folder in which a tool keeps what makes it faster the next time.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn work(&self, key: &Key) -> Result<PathBuf, PayloadError> {
        let folder = self.root.join("work").join(key.name());
        crate::copy::folder(&folder)?;
        prune::touch(&folder);
        Ok(folder)
    }

    /// Creates a working folder, on the same disk as the entries.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn scratch(&self) -> Result<Scratch, PayloadError> {
        Scratch::begin(&self.root.join(MAKING))
    }

    /// Returns a file to lock for something that one build at a time may do.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn lock(&self, what: &str) -> Result<File, PayloadError> {
        let path = self.root.join("locks").join(Key::new("lock").with(what).name());
        let made = fs::create_dir_all(self.root.join("locks")).and_then(|()| File::create(&path));
        prune::touch(&path);
        made.map_err(|error| PayloadError::File { what: "write", path, error })
    }

    /// The folder of all entries.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder of an entry, which is made first when there is none.
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
            prune::touch(&entry);
            return Ok(entry);
        }
        let error =
            |path: &Path, error| PayloadError::File { what: "write", path: path.to_owned(), error };
        let making = self.scratch()?;
        make(&making.folder)?;
        match fs::rename(&making.folder, &entry) {
            // Another build has made the same meanwhile.
            Err(_) if entry.is_dir() => Ok(entry),
            Err(cause) => Err(error(&entry, cause)),
            Ok(()) => Ok(entry),
        }
    }
}

/// A folder to work in, which is removed when this is dropped, unless it was moved away.
///
/// A lock beside it is held as long as its build lives, so that others know what nobody makes any
/// more. On disk that is `making/X.lock` and `making/X`.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    _lock: tempfile::NamedTempFile,
}

impl Scratch {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    fn begin(folder: &Path) -> Result<Self, PayloadError> {
        let error = |error| PayloadError::File { what: "write", path: folder.to_owned(), error };
        let lock = loop {
            let lock =
                tempfile::Builder::new().suffix(".lock").tempfile_in(folder).map_err(error)?;
            lock.as_file().lock().map_err(error)?;
            // Another build may have taken it for abandoned before it was held.
            if lock.path().exists() {
                break lock;
            }
        };
        let folder = lock.path().with_extension("");
        fs::create_dir(&folder).map_err(error)?;
        Ok(Self { folder, _lock: lock })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It is not there when it was moved into place.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes what killed builds have left.
fn sweep(making: &Path) {
    for entry in fs::read_dir(making).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_lock = path.extension().is_some_and(|extension| extension == "lock");
        let Ok(lock) = fs::File::open(&path) else { continue };
        if !is_lock || lock.try_lock().is_err() {
            continue;
        }
        // What cannot be removed now is tried again at the next build.
        let folder = path.with_extension("");
        if fs::remove_dir_all(&folder).is_ok() || !folder.exists() {
            let _ = fs::remove_file(&path);
        }
    }
}
