//! The encrypted file that stands in for a keychain: XChaCha20-Poly1305, its key in another folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Location, SecretValue, Secrets, VaultError, write_new_private, write_private};

const VERSION: u32 = 1;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The encrypted file of one app.
pub(crate) struct SealedFile {
    path: PathBuf,
    key_file: PathBuf,
    /// Bound to the ciphertext, so that one app's file is not taken for another's.
    app: String,
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    nonce: String,
    sealed: String,
}

impl SealedFile {
    pub(crate) fn new(location: &Location) -> Self {
        Self {
            path: location.folder.join("secrets.sealed"),
            key_file: location.key_file.clone(),
            app: location.app.clone(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read(&self) -> Result<Secrets, VaultError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Secrets::new()),
            Err(error) => return Err(file_error(&self.path, error)),
        };
        let plain = self.key()?.and_then(|key| self.open(&key, &text));
        let plain = plain.ok_or_else(|| self.will_not_open())?;
        let secrets: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|_| self.will_not_open())?;
        Ok(secrets.into_iter().map(|(name, value)| (name, SecretValue::new(value))).collect())
    }

    pub(crate) fn write(&self, secrets: &Secrets) -> Result<(), VaultError> {
        let key = match self.key()? {
            Some(key) => key,
            None => self.make_key()?,
        };
        let plain: BTreeMap<&str, &str> =
            secrets.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&plain).unwrap_or_default());
        let sealed = self.seal(&key, &plain).map_err(|error| file_error(&self.path, error))?;
        write_private(&self.path, &sealed).map_err(|error| file_error(&self.path, error))
    }

    fn seal(&self, key: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
        let nonce = random(NONCE_BYTES)?;
        let sealed = cipher(key)
            .zip(nonce_of(&nonce))
            .and_then(|(cipher, nonce)| {
                cipher.encrypt(&nonce, Payload { msg: plain, aad: self.app.as_bytes() }).ok()
            })
            .ok_or_else(|| io::Error::other("encryption failed"))?;
        let content = Content {
            version: VERSION,
            nonce: STANDARD.encode(&nonce),
            sealed: STANDARD.encode(sealed),
        };
        Ok(serde_json::to_vec(&content)?)
    }

    fn open(&self, key: &[u8], text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let content: Content = serde_json::from_slice(text).ok()?;
        let nonce = nonce_of(&STANDARD.decode(content.nonce).ok()?)?;
        let sealed = STANDARD.decode(content.sealed).ok()?;
        let payload = Payload { msg: &sealed, aad: self.app.as_bytes() };
        cipher(key)?.decrypt(&nonce, payload).ok().map(Zeroizing::new)
    }

    fn key(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match fs::read(&self.key_file) {
            Ok(key) => Ok(Some(Zeroizing::new(key))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error(&self.key_file, error)),
        }
    }

    /// Makes the key, unless another app of this user has just made it.
    fn make_key(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let made = random(KEY_BYTES).and_then(|key| write_new_private(&self.key_file, &key));
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(file_error(&self.key_file, error))
            }
            _ => self.key()?.ok_or_else(|| self.will_not_open()),
        }
    }

    fn will_not_open(&self) -> VaultError {
        VaultError::Sealed { path: self.path.clone(), key_file: self.key_file.clone() }
    }
}

fn cipher(key: &[u8]) -> Option<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(key).ok()
}

fn nonce_of(bytes: &[u8]) -> Option<XNonce> {
    XNonce::try_from(bytes).ok()
}

fn random(count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

fn file_error(path: &Path, error: io::Error) -> VaultError {
    VaultError::File { path: path.to_owned(), error }
}
