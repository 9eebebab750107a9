//! Keeps an app's secrets: in the operating system's keychain, in an encrypted file whose key lies
//! in another folder, or in one that opens with a passphrase.
//!
//! It does not know what a secret is for, or who is asked for it.
//!
//! # Theory of operation
//!
//! A [`Vault`] is opened at a [`Location`]. Which store an app uses is decided once, at the first
//! start, and remembered in `vault.json` with the names of the secrets in it, because keychains
//! cannot list them reliably. From then on a keychain that cannot be reached is an error with
//! [`Choice`]s, and never a reason to make other secrets; nothing is moved unless
//! [`Vault::move_to`] or [`Vault::begin_anew`] is called. Changes take turns by `vault.lock`, so
//! that a command and a running app do not undo each other's. Values are written first and their
//! names after that: a value whose name was not written, because of a kill, is found by asking for
//! it.
//!
//! Calls may block. A keychain that does not answer is given up after a second. For one that asks
//! the user to unlock it, the call waits, and [`Opening::on_wait`] is called.

mod cipher;
mod error;
mod index;
mod keychain;
mod memory;
mod sealed;
mod secret;
mod transfer;
mod vault;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use error::{Choice, Trouble, VaultError};
pub use memory::{close_memory, forgo_core_dumps};
pub use secret::{Encoding, Recipe, SecretValue};
pub use transfer::UnpackedSecrets;
pub use vault::Vault;

/// Where an app keeps its secrets.
#[derive(Debug, Clone)]
pub struct Location {
    /// The app's id; the name under which the keychain shows its secrets.
    pub app: String,
    /// Distinguishes folders of the same app in the keychain; empty for the usual one.
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
    /// An encrypted file whose key lies in another folder.
    File,
    /// An encrypted file that opens with a passphrase.
    Passphrase,
}

impl StoreKind {
    /// Describes the store, for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Keychain => "the keychain",
            Self::File => "an encrypted file",
            Self::Passphrase => "an encrypted file with a passphrase",
        }
    }
}

/// Where a secret came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It was generated.
    Generated,
    /// The user gave it.
    Given,
}

/// A secret that an app needs.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// How to generate it if it does not exist; `None` for one that the user gives.
    pub recipe: Option<Recipe>,
}

/// How a vault is to be opened.
#[derive(Clone)]
pub struct Opening<'a> {
    /// Opens an encrypted file with a passphrase.
    pub passphrase: Option<SecretValue>,
    /// Whether the user may be asked to unlock the keychain.
    pub ask: bool,
    /// Called when something takes longer than a moment.
    pub on_wait: Option<&'a dyn Fn(Wait)>,
}

impl Default for Opening<'_> {
    fn default() -> Self {
        Self { passphrase: None, ask: true, on_wait: None }
    }
}

#[cfg(target_os = "linux")]
impl Opening<'_> {
    fn tell(&self, wait: Wait) {
        if let Some(on_wait) = self.on_wait {
            on_wait(wait);
        }
    }
}

/// What takes longer than a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The keychain is being started.
    Starting,
    /// The keychain is locked, and asks the user to unlock it.
    Prompting,
}

/// What is known of an app's secrets without opening anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The store that is used; `None` before the first start.
    pub store: Option<StoreKind>,
    /// The secrets that are kept, by name.
    pub secrets: Vec<Listed>,
}

/// A secret that is kept; its value stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub kept: StoreKind,
    /// Where it came from.
    pub origin: Origin,
}

/// Secrets, by name.
pub type Secrets = BTreeMap<String, SecretValue>;

#[cfg(test)]
mod tests;
