//! Reads and writes secrets where they are: in the keychain, in a file, or in both.

use std::io;

use super::{Store, Vault, is_keychain};
use crate::index::{Entry, Index};
use crate::keychain::Keychain;
use crate::sealed::{self, SealedFile};
use crate::{Origin, Secrets, StoreKind, VaultError};

impl Vault {
    pub(super) fn fetch(&self, names: &[&str], index: &Index) -> Result<Secrets, VaultError> {
        let keychain = match &self.store {
            Store::Keychain(keychain) => keychain,
            Store::Sealed(file) => {
                let mut secrets = file.read()?;
                secrets.retain(|name, _| names.contains(&name.as_str()));
                return Ok(secrets);
            }
        };
        let in_file = |name: &&&str| is_in_file(index, name);
        let mut secrets = match names.iter().any(|name| in_file(&name)) {
            true => self.file_beside().read()?,
            false => Secrets::new(),
        };
        secrets.retain(|name, _| names.contains(&name.as_str()) && is_in_file(index, name));
        for name in names.iter().filter(|name| !in_file(name)) {
            if let Some(value) = keychain.get(name)? {
                secrets.insert((*name).to_owned(), value);
            }
        }
        Ok(secrets)
    }

    /// Writes secrets, and notes them in the index.
    pub(super) fn put(
        &self,
        secrets: &Secrets,
        origin: Origin,
        index: &mut Index,
    ) -> Result<(), VaultError> {
        if secrets.is_empty() {
            return Ok(());
        }
        let mut in_file = Secrets::new();
        match &self.store {
            Store::Sealed(file) => {
                let mut all = file.read()?;
                all.extend(secrets.clone());
                file.write(&all)?;
            }
            Store::Keychain(keychain) => in_file = self.put_apart(keychain, secrets, index)?,
        }
        for name in secrets.keys() {
            let kept = if in_file.contains_key(name) { StoreKind::File } else { self.kind };
            index.names.insert(name.clone(), Entry { kept, origin });
        }
        Ok(())
    }

    /// Writes secrets to the keychain, and those that are too long for it to the file; returns
    /// these.
    fn put_apart(
        &self,
        keychain: &Keychain,
        secrets: &Secrets,
        index: &Index,
    ) -> Result<Secrets, VaultError> {
        let (short, long): (Secrets, Secrets) =
            secrets.clone().into_iter().partition(|(_, value)| keychain.has_room_for(value));
        for (name, value) in &short {
            keychain.set(name, value)?;
        }
        if !long.is_empty() || short.keys().any(|name| is_in_file(index, name)) {
            let file = self.file_beside();
            let mut all = file.read()?;
            all.retain(|name, _| !short.contains_key(name));
            all.extend(long.clone());
            file.write(&all)?;
        }
        for name in long.keys() {
            keychain.remove(name)?;
        }
        Ok(long)
    }

    pub(super) fn take_out(&self, name: &str, index: &Index) -> Result<(), VaultError> {
        let beside = self.file_beside();
        let file = match &self.store {
            Store::Keychain(keychain) if !is_in_file(index, name) => {
                return Ok(keychain.remove(name)?);
            }
            Store::Keychain(_) => &beside,
            Store::Sealed(file) => file,
        };
        let mut all = file.read()?;
        all.remove(name);
        file.write(&all)
    }

    /// Fills the store; returns those that are too long for the keychain, which are for
    /// [`Vault::prune`] to write.
    pub(super) fn settle(&self, secrets: &Secrets) -> Result<Secrets, VaultError> {
        let keychain = match &self.store {
            Store::Sealed(file) => return file.write(secrets).map(|()| Secrets::new()),
            Store::Keychain(keychain) => keychain,
        };
        let (short, long): (Secrets, Secrets) =
            secrets.clone().into_iter().partition(|(_, value)| keychain.has_room_for(value));
        for (name, value) in &short {
            keychain.set(name, value)?;
        }
        Ok(long)
    }

    /// Removes from the file beside the keychain whatever the keychain can hold.
    pub(super) fn prune(&self, long: &Secrets) -> Result<(), VaultError> {
        if !long.is_empty() {
            return self.file_beside().write(long);
        }
        let path = sealed::path(&self.location);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(VaultError::file(&path, error))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn everything(&self, index: &Index) -> Result<Secrets, VaultError> {
        match &self.store {
            Store::Sealed(file) => file.read(),
            Store::Keychain(_) => {
                let names: Vec<&str> = index.names.keys().map(String::as_str).collect();
                self.fetch(&names, index)
            }
        }
    }

    /// Returns the file for what is too long for the keychain.
    pub(super) fn file_beside(&self) -> SealedFile {
        SealedFile::with_key_file(&self.location)
    }
}

fn is_in_file(index: &Index, name: &str) -> bool {
    index.names.get(name).is_some_and(|entry| !is_keychain(entry.kept))
}
