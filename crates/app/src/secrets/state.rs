//! How it stands with an app's secrets.

use ensconce_protocol::{SecretStore, SecretStoreKind, StoreChoice, StoreTrouble};
use ensconce_vault::{KeychainChoice, KeychainWait, StoreKind, VaultError};

/// How it stands with an app's secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretsState {
    /// They are being fetched.
    Opening,
    /// That takes longer than a moment.
    Waiting(KeychainWait),
    /// The app has none.
    NotNeeded,
    /// They are at hand.
    Open(StoreKind),
    /// They cannot be had.
    Failed {
        /// Why, and what to do about it.
        message: String,
        /// What the user can choose from; often nothing.
        choices: &'static [KeychainChoice],
    },
}

impl SecretsState {
    /// The state after the store could not be opened.
    pub(crate) fn failed(error: &VaultError) -> Self {
        Self::Failed { message: format!("{error}. {}", error.hint()), choices: error.choices() }
    }

    /// Returns where secrets are kept, for the pages of set-up and settings.
    pub(crate) fn describe(&self) -> SecretStore {
        match self {
            Self::Open(store) => SecretStore { kind: kind_of(*store), trouble: None },
            Self::NotNeeded => SecretStore { kind: SecretStoreKind::None, trouble: None },
            Self::Opening | Self::Waiting(KeychainWait::Starting) => {
                SecretStore { kind: SecretStoreKind::Keychain, trouble: None }
            }
            Self::Waiting(KeychainWait::Prompting) => SecretStore {
                kind: SecretStoreKind::Keychain,
                trouble: Some(StoreTrouble {
                    title: "Your keychain is locked".to_owned(),
                    message: "Unlock it in the window that has asked for its password.".to_owned(),
                    choices: vec![StoreChoice::Retry, StoreChoice::File, StoreChoice::Passphrase],
                }),
            },
            Self::Failed { message, choices } => SecretStore {
                kind: SecretStoreKind::None,
                trouble: Some(StoreTrouble {
                    title: "Secrets cannot be kept yet".to_owned(),
                    message: message.clone(),
                    choices: choices.iter().copied().map(choice).collect(),
                }),
            },
        }
    }
}

fn kind_of(store: StoreKind) -> SecretStoreKind {
    match store {
        StoreKind::Keychain => SecretStoreKind::Keychain,
        StoreKind::File => SecretStoreKind::File,
        StoreKind::Passphrase => SecretStoreKind::Passphrase,
    }
}

fn choice(choice: KeychainChoice) -> StoreChoice {
    match choice {
        KeychainChoice::TryAgain => StoreChoice::Retry,
        KeychainChoice::UseFile => StoreChoice::File,
        KeychainChoice::UsePassphrase => StoreChoice::Passphrase,
    }
}
