//! A secret in memory.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// A secret in memory: never shown, and overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Zeroizing<String>);

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

    /// Makes a secret of random bytes.
    pub(crate) fn random(bytes: u16, encoding: Encoding) -> Result<Self, String> {
        let mut random = Zeroizing::new(vec![0; bytes.into()]);
        getrandom::fill(&mut random).map_err(|error| error.to_string())?;
        Ok(Self::new(match encoding {
            Encoding::Base64url => URL_SAFE_NO_PAD.encode(&random),
            Encoding::Hex => random.iter().map(|byte| format!("{byte:02x}")).collect(),
        }))
    }

    /// Gives the secret itself, for the moment of its use.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}
