//! Who may ask for what.

use std::{fmt, io};

use subtle::ConstantTimeEq;

/// The tokens of one launch.
#[derive(Clone)]
pub(crate) struct Tokens {
    /// Lets do everything; it lies beside the lock, for its user only.
    pub(crate) owner: String,
    /// Lets look, and restart one service; for the app's own back end.
    pub(crate) backend: String,
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rights {
    Backend,
    Owner,
}

impl Tokens {
    /// Makes new ones.
    pub(crate) fn generate() -> io::Result<Self> {
        Ok(Self { owner: random()?, backend: random()? })
    }

    /// Returns what a token allows; nothing if it is none of these.
    pub(crate) fn rights(&self, token: &str) -> Option<Rights> {
        let is = |known: &str| bool::from(known.as_bytes().ct_eq(token.as_bytes()));
        match (is(&self.owner), is(&self.backend)) {
            (true, _) => Some(Rights::Owner),
            (_, true) => Some(Rights::Backend),
            _ => None,
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// Makes 256 random bits as text.
pub(super) fn random() -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_its_rights_and_nothing_else_has_any() {
        let tokens = Tokens::generate().unwrap();
        assert_eq!(tokens.rights(&tokens.owner), Some(Rights::Owner));
        assert_eq!(tokens.rights(&tokens.backend), Some(Rights::Backend));
        for wrong in ["", "a", &tokens.owner[1..], &format!("{}0", tokens.backend)] {
            assert_eq!(tokens.rights(wrong), None);
        }
    }
}
