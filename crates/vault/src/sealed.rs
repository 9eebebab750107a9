//! The encrypted file that stands in for a keychain. Its key is in another folder, or derived from
//! a passphrase.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ensconce_store::{Lasting, clear_leftovers, create_private, set_aside, write_private};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::cipher::{self, KEY_BYTES, Key, NONCE_BYTES, SALT_BYTES, Stretch, random};
use crate::{Location, SecretValue, Secrets, StoreKind, VaultError};

/// The version of files whose key is in another folder.
const WITH_KEY_FILE: u32 = 1;
/// The version of files whose key is derived from a passphrase.
const WITH_PASSPHRASE: u32 = 2;

/// The encrypted file of one app.
pub(crate) struct SealedFile {
    path: PathBuf,
    /// Bound to the ciphertext, so that one app's file is not mistaken for another's.
    app: String,
    lock: Lock,
}

/// What opens the file.
enum Lock {
    KeyFile(PathBuf),
    Passphrase { stretch: Stretch, salt: Vec<u8>, key: Key },
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    argon2id: Option<WrittenStretch>,
    nonce: String,
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct WrittenStretch {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

impl SealedFile {
    /// Returns the file with its key in another folder.
    pub(crate) fn with_key_file(location: &Location) -> Self {
        let lock = Lock::KeyFile(location.key_file.clone());
        Self { path: path(location), app: location.app.clone(), lock }
    }

    /// Returns the file with a passphrase: of the existing file, or of a new one.
    pub(crate) fn with_passphrase(
        location: &Location,
        passphrase: &SecretValue,
    ) -> Result<Self, VaultError> {
        let found = read(&path(location))?;
        let written = found.and_then(|content| content.argon2id);
        let Some(written) = written else {
            return Self::with_new_passphrase(location, passphrase, Stretch::USUAL);
        };
        let shown = path(location).display().to_string();
        let WrittenStretch { memory_kib, passes, lanes, salt } = written;
        let stretch = Stretch { memory_kib, passes, lanes };
        let salt = STANDARD.decode(salt).map_err(|error| VaultError::damaged(&shown, error))?;
        let key = stretch.key(passphrase, &salt);
        let key = key.ok_or_else(|| VaultError::damaged(&shown, "its parameters are invalid"))?;
        let lock = Lock::Passphrase { stretch, salt, key };
        let file = Self { path: path(location), app: location.app.clone(), lock };
        // A wrong passphrase is found out now.
        file.read()?;
        Ok(file)
    }

    /// Returns the file with a new passphrase.
    pub(crate) fn with_new_passphrase(
        location: &Location,
        passphrase: &SecretValue,
        stretch: Stretch,
    ) -> Result<Self, VaultError> {
        cipher::check_passphrase(passphrase)?;
        let salt = random(SALT_BYTES)?.to_vec();
        let key = stretch.key(passphrase, &salt);
        let key = key.ok_or_else(|| VaultError::Random("no memory for a key".to_owned()))?;
        let lock = Lock::Passphrase { stretch, salt, key };
        Ok(Self { path: path(location), app: location.app.clone(), lock })
    }

    /// Returns which kind of file exists, whether or not it can be opened.
    pub(crate) fn kind_at(location: &Location) -> Result<Option<StoreKind>, VaultError> {
        let content = read(&path(location))?;
        Ok(content.map(|content| match content.argon2id {
            Some(_) => StoreKind::Passphrase,
            None => StoreKind::File,
        }))
    }

    /// Sets a file aside that cannot be opened any more; it is not deleted.
    pub(crate) fn move_away(location: &Location) -> Result<(), VaultError> {
        let path = path(location);
        match set_aside(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(VaultError::file(&path, error))
            }
            Ok(aside) => {
                tracing::warn!("The previous secrets were set aside as {}", aside.display());
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }

    /// Removes what killed writers have left.
    pub(crate) fn clear_up(location: &Location) {
        clear_leftovers(&path(location));
        clear_leftovers(&location.key_file);
    }

    pub(crate) fn read(&self) -> Result<Secrets, VaultError> {
        let Some(content) = read(&self.path)? else { return Ok(Secrets::new()) };
        let damaged = |why: &str| VaultError::damaged(self.path.display().to_string(), why);
        let nonce = STANDARD.decode(&content.nonce).map_err(|_| damaged("its nonce is unreadable"));
        let sealed =
            STANDARD.decode(&content.sealed).map_err(|_| damaged("its content is unreadable"));
        let (nonce, sealed) = (nonce?, sealed?);
        let key = self.key()?.ok_or_else(|| self.no_key())?;
        let plain = cipher::open(&key, &nonce, &self.bound(), &sealed);
        let plain = plain.ok_or_else(|| self.will_not_open())?;
        let secrets: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|_| damaged("its content is invalid"))?;
        Ok(secrets.into_iter().map(|(name, value)| (name, SecretValue::new(value))).collect())
    }

    pub(crate) fn write(&self, secrets: &Secrets) -> Result<(), VaultError> {
        let key = match self.key()? {
            Some(key) => key,
            None => self.make_key()?,
        };
        let plain = to_json(secrets);
        let nonce = random(NONCE_BYTES)?;
        let sealed = cipher::seal(&key, &nonce, &self.bound(), &plain);
        let sealed = sealed.ok_or_else(|| self.will_not_open())?;
        let text = serde_json::to_vec(&self.content(&nonce, &sealed));
        let text = text.map_err(|error| VaultError::file(&self.path, error.into()))?;
        write_private(&self.path, &text, Lasting::PowerCut)
            .map_err(|error| VaultError::file(&self.path, error))
    }

    fn content(&self, nonce: &[u8], sealed: &[u8]) -> Content {
        let (version, argon2id) = match &self.lock {
            Lock::KeyFile(_) => (WITH_KEY_FILE, None),
            Lock::Passphrase { stretch, salt, .. } => {
                let Stretch { memory_kib, passes, lanes } = *stretch;
                let salt = STANDARD.encode(salt);
                (WITH_PASSPHRASE, Some(WrittenStretch { memory_kib, passes, lanes, salt }))
            }
        };
        let (nonce, sealed) = (STANDARD.encode(nonce), STANDARD.encode(sealed));
        Content { version, argon2id, nonce, sealed }
    }

    /// What the ciphertext belongs to.
    fn bound(&self) -> Vec<u8> {
        match &self.lock {
            Lock::KeyFile(_) => self.app.clone().into_bytes(),
            Lock::Passphrase { .. } => format!("passphrase\0{}", self.app).into_bytes(),
        }
    }

    fn key(&self) -> Result<Option<Key>, VaultError> {
        match &self.lock {
            Lock::Passphrase { key, .. } => Ok(Some(key.clone())),
            Lock::KeyFile(file) => match fs::read(file) {
                Ok(key) => Ok(Some(Zeroizing::new(key))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(VaultError::file(file, error)),
            },
        }
    }

    /// Creates the key, unless another app of this user has just created it.
    fn make_key(&self) -> Result<Key, VaultError> {
        let Lock::KeyFile(file) = &self.lock else { return Err(self.will_not_open()) };
        match create_private(file, &random(KEY_BYTES)?) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(VaultError::file(file, error))
            }
            _ => self.key()?.ok_or_else(|| self.no_key()),
        }
    }

    fn no_key(&self) -> VaultError {
        match &self.lock {
            Lock::KeyFile(file) => {
                VaultError::NoKey { path: self.path.clone(), key_file: file.clone() }
            }
            Lock::Passphrase { .. } => self.will_not_open(),
        }
    }

    fn will_not_open(&self) -> VaultError {
        match &self.lock {
            Lock::KeyFile(file) => {
                VaultError::Sealed { path: self.path.clone(), key_file: file.clone() }
            }
            Lock::Passphrase { .. } => {
                VaultError::WrongPassphrase { what: self.path.display().to_string() }
            }
        }
    }
}

/// The file of an app's secrets.
pub(crate) fn path(location: &Location) -> PathBuf {
    location.folder.join("secrets.sealed")
}

/// Serialises secrets into memory that is zeroed on drop, and not moved while it grows.
fn to_json(secrets: &Secrets) -> Zeroizing<Vec<u8>> {
    // `\u0000` is the longest form of a byte.
    let room = |(name, value): (&String, &SecretValue)| 6 * (name.len() + value.reveal().len()) + 8;
    let room = secrets.iter().map(room).sum::<usize>() + 2;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    let plain: BTreeMap<&str, &str> =
        secrets.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(&mut *text, &plain);
    text
}

fn read(path: &Path) -> Result<Option<Content>, VaultError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(VaultError::file(path, error)),
    };
    let shown = path.display().to_string();
    let damaged = |error| VaultError::damaged(&shown, error);
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(damaged)?;
    if value["version"].as_u64().is_some_and(|version| version > WITH_PASSPHRASE.into()) {
        return Err(VaultError::Newer { what: shown });
    }
    serde_json::from_value(value).map(Some).map_err(damaged)
}
