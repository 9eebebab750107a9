//! A secret in memory.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::cipher::random;

/// A secret in memory: never shown, and overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Zeroizing<String>);

/// How a secret is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// How many random bytes it is made of.
    pub bytes: u16,
    /// How they are written.
    pub encoding: Encoding,
}

/// How random bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// URL-safe base64 without padding.
    Base64url,
    /// Lower-case hexadecimal.
    Hex,
}

impl SecretValue {
    /// Wraps a secret.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Generates a secret from random bytes.
    pub(crate) fn random(recipe: Recipe) -> Result<Self, VaultError> {
        let random = random(recipe.bytes.into())?;
        Ok(Self::new(match recipe.encoding {
            Encoding::Base64url => URL_SAFE_NO_PAD.encode(&*random),
            Encoding::Hex => random.iter().map(|byte| format!("{byte:02x}")).collect(),
        }))
    }

    /// Returns the secret itself, for the moment of its use.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}
