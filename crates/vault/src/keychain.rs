//! The operating system's keychain: Secret Service, Keychain or Credential Manager.

#[cfg(target_os = "linux")]
mod secret_service;

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use crate::{Location, Opening, SecretValue, Trouble};

/// The secrets of one app in the keychain.
pub(crate) struct Keychain {
    store: Arc<CredentialStore>,
    app: String,
    instance: String,
    /// How many bytes a value may have in UTF-16, where there is a limit.
    longest: Option<usize>,
}

impl Keychain {
    /// Connects to the keychain, and has the user unlock it if that is wanted.
    pub(crate) fn open(location: &Location, opening: &Opening<'_>) -> Result<Self, Trouble> {
        #[cfg(target_os = "linux")]
        secret_service::reach(opening)?;
        #[cfg(not(target_os = "linux"))]
        let _ = opening;
        Ok(Self::of(platform_store()?, location, LONGEST))
    }

    /// Uses a store that is already connected.
    pub(crate) fn of(
        store: Arc<CredentialStore>,
        location: &Location,
        longest: Option<usize>,
    ) -> Self {
        Self { store, app: location.app.clone(), instance: location.instance.clone(), longest }
    }

    /// Returns whether a value is short enough for it.
    pub(crate) fn has_room_for(&self, value: &SecretValue) -> bool {
        self.longest.is_none_or(|longest| 2 * value.reveal().encode_utf16().count() <= longest)
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<SecretValue>, Trouble> {
        match self.ask(name, |entry| entry.get_password())? {
            Ok(value) => Ok(Some(SecretValue::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.trouble(&error)),
        }
    }

    pub(crate) fn set(&self, name: &str, value: &SecretValue) -> Result<(), Trouble> {
        let value = Zeroizing::new(value.reveal().to_owned());
        self.ask(name, move |entry| entry.set_password(&value))?
            .map_err(|error| self.trouble(&error))
    }

    /// Removes a secret; one that is not there counts as removed.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Trouble> {
        match self.ask(name, |entry| entry.delete_credential())? {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(self.trouble(&error)),
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        name: &str,
        question: impl FnOnce(Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<Result<T, Error>, Trouble> {
        let account = if self.instance.is_empty() {
            name.to_owned()
        } else {
            format!("{name}@{}", self.instance)
        };
        let entry = self.store.build(&self.app, &account, None);
        let entry = entry.map_err(|error| Trouble::Refused(error.to_string()))?;
        patiently(move || question(entry))
    }

    /// Determines what is wrong with a keychain that has failed, better than its own error says.
    fn trouble(&self, error: &Error) -> Trouble {
        #[cfg(target_os = "linux")]
        if let Err(trouble) = secret_service::reach(&Opening { ask: false, ..Opening::default() }) {
            return match trouble {
                Trouble::NoService(_) => Trouble::Vanished,
                trouble => trouble,
            };
        }
        Trouble::Refused(error.to_string())
    }
}

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE`: the Credential Manager takes no more.
#[cfg(windows)]
const LONGEST: Option<usize> = Some(2560);
#[cfg(not(windows))]
const LONGEST: Option<usize> = None;

/// Waits for an open keychain, for as long as one that writes to a slow disk may need.
#[cfg(target_os = "linux")]
fn patiently<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    secret_service::within(secret_service::WORK_LIMIT, f)
}

/// Waits as long as it takes: these keychains ask the user whenever they like.
#[cfg(not(target_os = "linux"))]
fn patiently<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    Ok(f())
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<CredentialStore>, Trouble> {
    use zbus_secret_service_keyring_store::Store;
    let store = secret_service::within(secret_service::WORK_LIMIT, Store::new)?;
    Ok(store.map_err(|error| Trouble::Refused(error.to_string()))?)
}

#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<CredentialStore>, Trouble> {
    let store = apple_native_keyring_store::keychain::Store::new();
    Ok(store.map_err(|error| Trouble::Refused(error.to_string()))?)
}

#[cfg(windows)]
fn platform_store() -> Result<Arc<CredentialStore>, Trouble> {
    let store = windows_native_keyring_store::Store::new();
    Ok(store.map_err(|error| Trouble::Refused(error.to_string()))?)
}
