//! The operating system's keychain: Secret Service, Keychain or Credential Manager.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};

use crate::{Location, SecretValue};

/// The secrets of one app in the keychain.
pub(crate) struct Keychain {
    store: Arc<CredentialStore>,
    app: String,
    instance: String,
}

impl Keychain {
    /// Connects to the keychain; the error is a sentence for people.
    pub(crate) fn open(location: &Location) -> Result<Self, String> {
        let store = platform_store()?;
        Ok(Self { store, app: location.app.clone(), instance: location.instance.clone() })
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<SecretValue>, String> {
        match self.entry(name)?.get_password() {
            Ok(value) => Ok(Some(SecretValue::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    pub(crate) fn set(&self, name: &str, value: &SecretValue) -> Result<(), String> {
        self.entry(name)?.set_password(value.reveal()).map_err(|error| error.to_string())
    }

    fn entry(&self, name: &str) -> Result<Entry, String> {
        let account = if self.instance.is_empty() {
            name.to_owned()
        } else {
            format!("{name}@{}", self.instance)
        };
        self.store.build(&self.app, &account, None).map_err(|error| error.to_string())
    }
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<CredentialStore>, String> {
    if !has_session_bus() {
        return Err("there is no session bus".to_owned());
    }
    let store = zbus_secret_service_keyring_store::Store::new().map_err(|e| e.to_string())?;
    Ok(store)
}

/// Looks before it asks: connecting to a bus that is not there can take seconds.
#[cfg(target_os = "linux")]
fn has_session_bus() -> bool {
    let in_runtime_dir = |folder| std::path::Path::new(&folder).join("bus").exists();
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty())
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(in_runtime_dir)
}

#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<CredentialStore>, String> {
    let store = apple_native_keyring_store::keychain::Store::new().map_err(|e| e.to_string())?;
    Ok(store)
}

#[cfg(windows)]
fn platform_store() -> Result<Arc<CredentialStore>, String> {
    let store = windows_native_keyring_store::Store::new().map_err(|e| e.to_string())?;
    Ok(store)
}
