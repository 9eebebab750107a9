//! Encrypts with a key, and derives a key from a passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::{SecretValue, VaultError};

/// The length of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// The length of a nonce, which is random: 192 bits are enough for that.
pub(crate) const NONCE_BYTES: usize = 24;
/// The length of a passphrase's salt.
pub(crate) const SALT_BYTES: usize = 16;

/// A key in memory.
pub(crate) type Key = Zeroizing<Vec<u8>>;

/// How a passphrase becomes a key, by Argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// How much memory it takes, in KiB.
    pub(crate) memory_kib: u32,
    /// How often it goes through the memory.
    pub(crate) passes: u32,
    /// How many lanes could be computed in parallel.
    pub(crate) lanes: u32,
}

impl Stretch {
    /// What RFC 9106 recommends where memory is not plentiful.
    pub(crate) const USUAL: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// The file says how much work to do; a forged one must not ask for all memory.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    /// Derives the key; `None` for invalid parameters.
    pub(crate) fn key(self, passphrase: &SecretValue, salt: &[u8]) -> Option<Key> {
        let most = Self::MOST;
        if self.memory_kib > most.memory_kib || self.passes > most.passes || self.lanes > most.lanes
        {
            return None;
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(KEY_BYTES)).ok()?;
        let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.reveal().as_bytes(), salt, &mut key)
            .ok()?;
        Some(key)
    }
}

/// Encrypts; decrypting needs the same `bound`.
pub(crate) fn seal(key: &[u8], nonce: &[u8], bound: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let cipher = XChaCha20Poly1305::new_from_slice(key).ok()?;
    let nonce = XNonce::try_from(nonce).ok()?;
    cipher.encrypt(&nonce, Payload { msg: plain, aad: bound }).ok()
}

/// Decrypts; `None` with another key, or when anything was changed.
pub(crate) fn open(key: &[u8], nonce: &[u8], bound: &[u8], sealed: &[u8]) -> Option<Key> {
    let cipher = XChaCha20Poly1305::new_from_slice(key).ok()?;
    let nonce = XNonce::try_from(nonce).ok()?;
    cipher.decrypt(&nonce, Payload { msg: sealed, aad: bound }).ok().map(Zeroizing::new)
}

/// Returns random bytes.
pub(crate) fn random(count: usize) -> Result<Key, VaultError> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    getrandom::fill(&mut bytes).map_err(|error| VaultError::Random(error.to_string()))?;
    Ok(bytes)
}

/// Refuses an empty passphrase.
pub(crate) fn check_passphrase(passphrase: &SecretValue) -> Result<(), VaultError> {
    if passphrase.reveal().is_empty() { Err(VaultError::EmptyPassphrase) } else { Ok(()) }
}
