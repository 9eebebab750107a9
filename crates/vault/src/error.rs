//! Why secrets are not available, and what can be done about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use ensconce_store::StoreError;

/// What is wrong with the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is none here; the reason, for people.
    NoService(String),
    /// It is locked, and nobody was asked to unlock it.
    Locked,
    /// It is locked, and the user declined to unlock it, or could not be asked.
    Dismissed,
    /// It went away while it was in use.
    Vanished,
    /// It does not answer.
    Silent,
    /// It answers, but does not do what it is asked to; its own words.
    Refused(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoService(why) => write!(f, "The keychain cannot be used: {why}"),
            Self::Locked => f.write_str("The keychain is locked"),
            Self::Dismissed => f.write_str("The keychain is locked, and was not unlocked"),
            Self::Vanished => f.write_str("The keychain went away while it was in use"),
            Self::Silent => f.write_str("The keychain does not answer"),
            Self::Refused(why) => write!(f, "The keychain cannot be used: {why}"),
        }
    }
}

/// What the user can do when the keychain cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Ask the keychain again.
    TryAgain,
    /// Keep secrets in an encrypted file from now on.
    UseFile,
    /// Keep secrets in an encrypted file that opens with a passphrase from now on.
    UsePassphrase,
}

impl Choice {
    /// All of them, the least drastic first.
    pub const ALL: [Self; 3] = [Self::TryAgain, Self::UseFile, Self::UsePassphrase];

    /// Describes what it does, and what it costs.
    pub fn text(self) -> &'static str {
        match self {
            Self::TryAgain => "Unlock the keychain, and try again",
            Self::UseFile => {
                "Use an encrypted file. What is in the keychain stays there: secrets that the app \
                 makes will be new, others have to be entered again"
            }
            Self::UsePassphrase => {
                "Use an encrypted file and a passphrase, which is asked for at each start. What is \
                 in the keychain stays there"
            }
        }
    }
}

/// Why secrets are not available.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// They are in a keychain that cannot be used, or it is not known whether they are.
    #[error("{0}")]
    Keychain(Trouble),
    /// They open with a passphrase, and there is none.
    #[error("{} needs its passphrase", .0.display())]
    PassphraseNeeded(PathBuf),
    /// A file of secrets does not open with the passphrase.
    #[error("{what} does not open: the passphrase is wrong, or the data was changed")]
    WrongPassphrase {
        /// The file, or what it is.
        what: String,
    },
    /// A passphrase is empty.
    #[error("The passphrase is empty")]
    EmptyPassphrase,
    /// The encrypted file exists, but its key does not.
    #[error("{} cannot be opened: its key is missing, {}", path.display(), key_file.display())]
    NoKey {
        /// The encrypted file.
        path: PathBuf,
        /// Where its key should be.
        key_file: PathBuf,
    },
    /// The encrypted file does not open with the key.
    #[error("{} cannot be opened with the key in {}: it belongs to another user or app, or was changed", path.display(), key_file.display())]
    Sealed {
        /// The encrypted file.
        path: PathBuf,
        /// The file of its key.
        key_file: PathBuf,
    },
    /// A file is truncated, or not what it should be.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// The file, or what it is.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file was made by a newer version.
    #[error("{what} was made by a newer version")]
    Newer {
        /// The file, or what it is.
        what: String,
    },
    /// Exported secrets belong to another app.
    #[error("These are the secrets of `{found}`, not of `{expected}`")]
    OtherApp {
        /// Whose they are.
        found: String,
        /// Whose they should be.
        expected: String,
    },
    /// A generated secret is no longer where it was kept.
    #[error("The secret `{name}` was kept, but is not there any more")]
    Gone {
        /// Its name.
        name: String,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The system provides no random bytes.
    #[error("The system has no random bytes: {0}")]
    Random(String),
}

impl VaultError {
    /// Suggests what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Keychain(_) => "Unlock the keychain, and try again. Or keep the secrets \
                                  elsewhere, without those that are in it: ensconce secret use \
                                  file --anew"
                .to_owned(),
            Self::PassphraseNeeded(_) => {
                "Write it to a file, and set ENSCONCE_PASSPHRASE_FILE to its path".to_owned()
            }
            Self::WrongPassphrase { .. } => "Try again with the right one".to_owned(),
            Self::EmptyPassphrase => "Choose a passphrase of several words".to_owned(),
            Self::NoKey { .. } | Self::Sealed { .. } => {
                "Put the key back. Or begin anew, without the secrets in the file: ensconce secret \
                 use file --anew"
                    .to_owned()
            }
            Self::Damaged { .. } => "Restore a copy of it; it was left as it is".to_owned(),
            Self::Newer { .. } => "Use the newer version again; it was left as it is".to_owned(),
            Self::OtherApp { .. } => "Choose the file of this app".to_owned(),
            Self::Gone { name } => {
                format!("Put it back, or make a new one: ensconce secret rotate {name}")
            }
            Self::File { .. } => {
                "Check the folder's permissions and the free space on the disk".to_owned()
            }
            Self::Random(_) => "Try again".to_owned(),
        }
    }

    /// Returns what the user can choose from; empty if there is no choice.
    pub fn choices(&self) -> &'static [Choice] {
        match self {
            Self::Keychain(_) => &Choice::ALL,
            _ => &[],
        }
    }

    pub(crate) fn file(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }

    pub(crate) fn damaged(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::Damaged { what: what.into(), why: why.to_string() }
    }
}

impl From<Trouble> for VaultError {
    fn from(trouble: Trouble) -> Self {
        Self::Keychain(trouble)
    }
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::File { path, error } => Self::File { path, error },
            StoreError::Broken { path, why } => Self::damaged(path.display().to_string(), why),
            StoreError::Newer { path, .. } => Self::Newer { what: path.display().to_string() },
        }
    }
}
