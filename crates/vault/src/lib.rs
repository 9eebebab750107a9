//! Keeps an app's secrets: in the operating system's keychain, or where there is none, in an
//! encrypted file whose key lies in another folder.
//!
//! Where an app's secrets are is decided once and remembered, so that a keychain that cannot be
//! reached today is an error, and never a reason to make other secrets. Calls may block, for as
//! long as the keychain asks its user to unlock it.

mod keychain;
mod sealed;
mod secret;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use keychain::Keychain;
use sealed::SealedFile;
pub use secret::{Encoding, SecretValue};

/// Where an app keeps its secrets.
#[derive(Debug, Clone)]
pub struct Location {
    /// The app's id; the name under which the keychain shows its secrets.
    pub app: String,
    /// Tells folders of the same app apart in the keychain; empty for the usual one.
    pub instance: String,
    /// The folder of the encrypted file and of the note on which store is used.
    pub folder: PathBuf,
    /// The file of the key for encrypted files; in another folder.
    pub key_file: PathBuf,
}

/// Where secrets are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// The operating system's keychain.
    Keychain,
    /// An encrypted file.
    File,
}

/// A secret that is made when it does not exist.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// How many random bytes to make it of.
    pub bytes: u16,
    /// How they are written.
    pub encoding: Encoding,
}

/// Why secrets cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The secrets are in a keychain that does not answer.
    #[error("The keychain that holds this app's secrets cannot be used: {0}")]
    Keychain(String),
    /// A file cannot be read or written.
    #[error("{} cannot be used: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The encrypted file does not open with the key.
    #[error("{} cannot be opened with the key in {}", path.display(), key_file.display())]
    Sealed {
        /// The encrypted file.
        path: PathBuf,
        /// The file of its key.
        key_file: PathBuf,
    },
}

impl VaultError {
    /// Says what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Keychain(_) => "Unlock the keychain, then try again",
            Self::File { .. } => "Check the folder's permissions and the space on the disk",
            Self::Sealed { .. } => "Put the key back, or move the file away to begin anew",
        }
    }
}

/// All secrets of an app, by name.
pub type Secrets = BTreeMap<String, SecretValue>;

/// Gives the wanted secrets, and makes those that do not exist.
///
/// # Errors
/// When the store that holds them cannot be used, or none can be made.
pub fn obtain(location: &Location, wanted: &[Wanted]) -> Result<(Secrets, StoreKind), VaultError> {
    match remembered(location)? {
        Some(StoreKind::Keychain) => {
            let keychain = Keychain::open(location).map_err(VaultError::Keychain)?;
            let secrets = from_keychain(&keychain, wanted).map_err(VaultError::Keychain)?;
            Ok((secrets, StoreKind::Keychain))
        }
        Some(StoreKind::File) => Ok((from_file(location, wanted)?, StoreKind::File)),
        None => first_time(location, wanted),
    }
}

fn first_time(location: &Location, wanted: &[Wanted]) -> Result<(Secrets, StoreKind), VaultError> {
    let keychain = Keychain::open(location);
    match keychain.and_then(|keychain| from_keychain(&keychain, wanted)) {
        Ok(secrets) => {
            remember(location, StoreKind::Keychain)?;
            Ok((secrets, StoreKind::Keychain))
        }
        Err(reason) => {
            tracing::warn!("No keychain ({reason}); secrets are kept in an encrypted file");
            let secrets = from_file(location, wanted)?;
            remember(location, StoreKind::File)?;
            Ok((secrets, StoreKind::File))
        }
    }
}

fn from_keychain(keychain: &Keychain, wanted: &[Wanted]) -> Result<Secrets, String> {
    let mut secrets = Secrets::new();
    for one in wanted {
        let value = match keychain.get(&one.name)? {
            Some(value) => value,
            None => {
                let value = SecretValue::random(one.bytes, one.encoding)?;
                keychain.set(&one.name, &value)?;
                value
            }
        };
        secrets.insert(one.name.clone(), value);
    }
    Ok(secrets)
}

fn from_file(location: &Location, wanted: &[Wanted]) -> Result<Secrets, VaultError> {
    let file = SealedFile::new(location);
    let mut secrets = file.read()?;
    let before = secrets.len();
    for one in wanted {
        if !secrets.contains_key(&one.name) {
            let value = SecretValue::random(one.bytes, one.encoding).map_err(|reason| {
                VaultError::File { path: file.path().to_owned(), error: io::Error::other(reason) }
            })?;
            secrets.insert(one.name.clone(), value);
        }
    }
    if secrets.len() != before {
        file.write(&secrets)?;
    }
    Ok(secrets)
}

#[derive(Serialize, Deserialize)]
struct Note {
    store: StoreKind,
}

fn note(location: &Location) -> PathBuf {
    location.folder.join("vault.json")
}

fn remembered(location: &Location) -> Result<Option<StoreKind>, VaultError> {
    let path = note(location);
    let failed = |error| VaultError::File { path: path.clone(), error };
    match fs::read(&path) {
        Ok(text) => {
            let note: Note = serde_json::from_slice(&text).map_err(|e| failed(e.into()))?;
            Ok(Some(note.store))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn remember(location: &Location, store: StoreKind) -> Result<(), VaultError> {
    let path = note(location);
    let text = serde_json::to_vec(&Note { store }).unwrap_or_default();
    write_private(&path, &text).map_err(|error| VaultError::File { path, error })
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    prepare_private(path, content)?.persist(path)?;
    Ok(())
}

/// The same for a file that does not exist yet; one that does is an error, and stays.
fn write_new_private(path: &Path, content: &[u8]) -> io::Result<()> {
    prepare_private(path, content)?.persist_noclobber(path)?;
    Ok(())
}

fn prepare_private(path: &Path, content: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    // Temporary files are made with mode 0600, which survives the renaming.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests;
