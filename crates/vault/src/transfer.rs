//! Transfers secrets to another machine: one encrypted blob that needs nothing but its passphrase.
//!
//! The blob begins with [`MAGIC`], a version, the parameters of Argon2id (three numbers of four
//! bytes, little-endian), the salt and the nonce. All of that is bound to what follows, which
//! is JSON sealed with XChaCha20-Poly1305.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::cipher::{self, NONCE_BYTES, SALT_BYTES, Stretch, random};
use crate::{Origin, SecretValue, VaultError};

/// What the blob begins with.
pub(crate) const MAGIC: &[u8; 16] = b"ensconce-secrets";
const VERSION: u32 = 1;
const PARAMETERS: usize = MAGIC.len() + 4;
const SALT: usize = PARAMETERS + 12;
const NONCE: usize = SALT + SALT_BYTES;
const HEADER: usize = NONCE + NONCE_BYTES;

/// What it is called in errors.
const NAME: &str = "The file of exported secrets";

/// Secrets that were packed by [`Vault::export`](crate::Vault::export), decrypted. So a wrong
/// passphrase is found before anything is changed.
pub struct UnpackedSecrets {
    pub(crate) secrets: Transferred,
}

impl UnpackedSecrets {
    /// Unpacks the secrets of an app.
    ///
    /// # Errors
    /// When the passphrase is not the right one, or they are damaged, or another app's.
    pub fn open(app: &str, packed: &[u8], passphrase: &SecretValue) -> Result<Self, VaultError> {
        Ok(Self { secrets: unpack(app, packed, passphrase)? })
    }

    /// Returns the secrets by their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretValue)> {
        self.secrets.iter().map(|(name, (value, _))| (name.as_str(), value))
    }
}

impl std::fmt::Debug for UnpackedSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.secrets.keys()).finish()
    }
}

/// The secrets of an app, in transit.
pub(crate) type Transferred = BTreeMap<String, (SecretValue, Origin)>;

#[derive(Serialize)]
struct Outgoing<'a> {
    app: &'a str,
    secrets: BTreeMap<&'a str, OutgoingSecret<'a>>,
}

#[derive(Serialize)]
struct OutgoingSecret<'a> {
    value: &'a str,
    origin: Origin,
}

#[derive(Deserialize)]
struct Incoming {
    app: String,
    secrets: BTreeMap<String, IncomingSecret>,
}

#[derive(Deserialize)]
struct IncomingSecret {
    value: String,
    origin: Origin,
}

/// Packs secrets.
pub(crate) fn pack(
    app: &str,
    secrets: &Transferred,
    passphrase: &SecretValue,
    stretch: Stretch,
) -> Result<Vec<u8>, VaultError> {
    cipher::check_passphrase(passphrase)?;
    let (salt, nonce) = (random(SALT_BYTES)?, random(NONCE_BYTES)?);
    let mut blob = Vec::with_capacity(HEADER);
    blob.extend_from_slice(MAGIC);
    for number in [VERSION, stretch.memory_kib, stretch.passes, stretch.lanes] {
        blob.extend_from_slice(&number.to_le_bytes());
    }
    blob.extend_from_slice(&salt);
    blob.extend_from_slice(&nonce);
    let room =
        secrets.iter().map(|(name, (value, _))| 6 * (name.len() + value.reveal().len()) + 64);
    let mut plain = Zeroizing::new(Vec::with_capacity(room.sum::<usize>() + app.len() * 6 + 64));
    let secrets = secrets.iter().map(|(name, (value, origin))| {
        (name.as_str(), OutgoingSecret { value: value.reveal(), origin: *origin })
    });
    let outgoing = Outgoing { app, secrets: secrets.collect() };
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(&mut *plain, &outgoing);
    let sealed = stretch
        .key(passphrase, &salt)
        .and_then(|key| cipher::seal(&key, &nonce, &blob, &plain))
        .ok_or_else(|| VaultError::Random("no memory for a key".to_owned()))?;
    blob.extend_from_slice(&sealed);
    Ok(blob)
}

/// Unpacks the secrets of an app.
pub(crate) fn unpack(
    app: &str,
    blob: &[u8],
    passphrase: &SecretValue,
) -> Result<Transferred, VaultError> {
    let damaged = |why: &str| VaultError::damaged(NAME, why);
    if !blob.starts_with(MAGIC) {
        return Err(damaged("it is another kind of file"));
    }
    let too_short = || damaged("it is cut short");
    let (header, sealed) = blob.split_at_checked(HEADER).ok_or_else(too_short)?;
    let [version, memory_kib, passes, lanes] =
        [0, 4, 8, 12].map(|offset| number(&header[MAGIC.len() + offset..]));
    if version > VERSION {
        return Err(VaultError::Newer { what: NAME.to_owned() });
    }
    let stretch = Stretch { memory_kib, passes, lanes };
    let key = stretch.key(passphrase, &header[SALT..NONCE]);
    let key = key.ok_or_else(|| damaged("its parameters are invalid"))?;
    let plain = cipher::open(&key, &header[NONCE..], header, sealed)
        .ok_or_else(|| VaultError::WrongPassphrase { what: NAME.to_owned() })?;
    let incoming: Incoming =
        serde_json::from_slice(&plain).map_err(|_| damaged("its content is invalid"))?;
    if incoming.app != app {
        return Err(VaultError::OtherApp { found: incoming.app, expected: app.to_owned() });
    }
    let secret = |(name, secret): (String, IncomingSecret)| {
        (name, (SecretValue::new(secret.value), secret.origin))
    };
    Ok(incoming.secrets.into_iter().map(secret).collect())
}

/// Reads four bytes, little-endian.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
