//! An app's secrets, opened.

mod storing;

use std::io;

use ensconce_store::{Found, Hold, StoreError, set_aside};

use crate::cipher::Stretch;
use crate::index::{Entry, Index};
use crate::keychain::Keychain;
use crate::sealed::{self, SealedFile};
use crate::transfer::{Transferred, UnpackedSecrets, pack};
use crate::{
    Listed, Location, Opening, Origin, Overview, Recipe, SecretValue, Secrets, StoreKind, Trouble,
    VaultError, Wanted,
};

/// An app's secrets, opened.
pub struct Vault {
    location: Location,
    kind: StoreKind,
    store: Store,
}

/// Where the secrets are.
enum Store {
    /// In the keychain; values that are too long for it are in the file with a key file.
    Keychain(Keychain),
    /// In an encrypted file.
    Sealed(SealedFile),
}

impl Vault {
    /// Opens the secrets of an app in the store that they are kept in. The first start chooses the
    /// keychain, or an encrypted file if there is no keychain.
    ///
    /// # Errors
    /// When the store that holds them cannot be used, or must not be.
    pub fn open(location: &Location) -> Result<Self, VaultError> {
        Self::open_with(location, &Opening::default())
    }

    /// Does the same with options: a passphrase, whether the user is asked, who hears of waits.
    ///
    /// # Errors
    /// When the store that holds them cannot be used, or must not be.
    pub fn open_with(location: &Location, opening: &Opening<'_>) -> Result<Self, VaultError> {
        SealedFile::clear_up(location);
        match kind_in_use(location)? {
            Some(kind) => Self::open_as(location, kind, opening),
            None => match Keychain::open(location, opening) {
                Ok(keychain) => Ok(Self::with_keychain(location, keychain)),
                Err(Trouble::NoService(reason)) => {
                    tracing::warn!("No keychain ({reason}); secrets are kept in an encrypted file");
                    Self::open_as(location, StoreKind::File, opening)
                }
                Err(trouble) => Err(trouble.into()),
            },
        }
    }

    /// Returns what is kept and where, without opening anything.
    ///
    /// # Errors
    /// When that is not known.
    pub fn overview(location: &Location) -> Result<Overview, VaultError> {
        let index = Index::document(location).look()?;
        let secrets = index.as_ref().map(Index::list).unwrap_or_default();
        Ok(Overview { store: kind_in_use(location)?, secrets })
    }

    /// Begins with another store when the present one cannot be used. What is in that one stays
    /// there: a file is set aside, a keychain left as it is.
    ///
    /// # Errors
    /// When the other store cannot be used, or what is there is from a newer version.
    pub fn begin_anew(
        location: &Location,
        kind: StoreKind,
        opening: &Opening<'_>,
    ) -> Result<Self, VaultError> {
        let document = Index::document(location);
        let broken = match document.look() {
            Ok(_) => false,
            Err(StoreError::Broken { .. }) => true,
            Err(error) => return Err(error.into()),
        };
        if let Err(newer @ VaultError::Newer { .. }) = SealedFile::kind_at(location) {
            return Err(newer);
        }
        // Nothing is changed before the new store is known to work.
        let store = match kind {
            StoreKind::Keychain => Store::Keychain(Keychain::open(location, opening)?),
            StoreKind::File => Store::Sealed(SealedFile::with_key_file(location)),
            StoreKind::Passphrase => Store::Sealed(new_passphrase_file(location, opening)?),
        };
        let vault = Self { location: location.clone(), kind, store };
        let _hold = vault.hold()?;
        if broken {
            set_aside(document.path()).map_err(|error| VaultError::file(document.path(), error))?;
        }
        SealedFile::move_away(location)?;
        vault.settle(&Secrets::new())?;
        document.write(&Index::new(kind))?;
        Ok(vault)
    }

    /// Returns where the secrets are.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// Returns the secrets that are kept.
    ///
    /// # Errors
    /// When that is not known.
    pub fn list(&self) -> Result<Vec<Listed>, VaultError> {
        Ok(self.index()?.list())
    }

    /// Returns a secret, if it is kept.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub fn get(&self, name: &str) -> Result<Option<SecretValue>, VaultError> {
        Ok(self.fetch(&[name], &self.index()?)?.remove(name))
    }

    /// Keeps a secret that the user has given.
    ///
    /// # Errors
    /// When the store cannot be used; what was kept before stays.
    pub fn set(&mut self, name: &str, value: SecretValue) -> Result<(), VaultError> {
        let secrets = Secrets::from([(name.to_owned(), value)]);
        self.change(|vault, index| vault.put(&secrets, Origin::Given, index))
    }

    /// Generates a secret anew. Processes that use it must be restarted.
    ///
    /// # Errors
    /// When the store cannot be used; what was kept before stays.
    pub fn rotate(&mut self, name: &str, recipe: Recipe) -> Result<(), VaultError> {
        let secrets = Secrets::from([(name.to_owned(), SecretValue::random(recipe)?)]);
        self.change(|vault, index| vault.put(&secrets, Origin::Generated, index))
    }

    /// Forgets a secret; returns whether it was there.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub fn remove(&mut self, name: &str) -> Result<bool, VaultError> {
        self.change(|vault, index| {
            let found = vault.fetch(&[name], index)?.contains_key(name);
            if found {
                vault.take_out(name, index)?;
            }
            index.names.remove(name);
            Ok(found)
        })
    }

    /// Returns the wanted secrets, and generates those that do not exist and can be generated.
    /// Those that the user has yet to give are left out.
    ///
    /// # Errors
    /// When the store cannot be used, or a generated secret has disappeared.
    pub fn obtain(&mut self, wanted: &[Wanted]) -> Result<Secrets, VaultError> {
        let names: Vec<&str> = wanted.iter().map(|one| one.name.as_str()).collect();
        let index = self.index()?;
        let found = self.fetch(&names, &index)?;
        let is_settled = |one: &Wanted| match found.contains_key(&one.name) {
            true => index.names.contains_key(&one.name),
            false => one.recipe.is_none(),
        };
        if wanted.iter().all(is_settled) {
            return Ok(found);
        }
        self.change(|vault, index| vault.complete(wanted, &names, index))
    }

    /// Moves all secrets to another store, and uses that from then on.
    ///
    /// # Errors
    /// When either of them cannot be used; the secrets are then where they were.
    pub fn move_to(self, kind: StoreKind, opening: &Opening<'_>) -> Result<Self, VaultError> {
        if kind == self.kind && kind != StoreKind::Passphrase {
            return Ok(self);
        }
        let location = self.location.clone();
        let _hold = self.hold()?;
        let mut index = self.index()?;
        let secrets = self.everything(&index)?;
        let store = match kind {
            StoreKind::Keychain => Store::Keychain(Keychain::open(&location, opening)?),
            StoreKind::File => Store::Sealed(SealedFile::with_key_file(&location)),
            StoreKind::Passphrase => Store::Sealed(new_passphrase_file(&location, opening)?),
        };
        let new = Self { location, kind, store };
        let in_file = new.settle(&secrets)?;
        index.store = kind;
        for name in secrets.keys() {
            let kept = if in_file.contains_key(name) { StoreKind::File } else { kind };
            let origin = index.names.get(name).map_or(Origin::Given, |entry| entry.origin);
            index.names.insert(name.clone(), Entry { kept, origin });
        }
        Index::document(&new.location).write(&index)?;
        // Only now, so that a kill before this leaves everything where it was.
        match &self.store {
            Store::Sealed(_) if kind == StoreKind::Keychain => new.prune(&in_file)?,
            Store::Sealed(_) => {}
            Store::Keychain(keychain) => {
                for name in secrets.keys() {
                    keychain.remove(name)?;
                }
            }
        }
        Ok(new)
    }

    /// Packs all secrets for another machine.
    ///
    /// # Errors
    /// When the store cannot be used, or the passphrase is empty.
    pub fn export(&self, passphrase: &SecretValue) -> Result<Vec<u8>, VaultError> {
        let index = self.index()?;
        let origin = |name: &str| index.names.get(name).map_or(Origin::Given, |entry| entry.origin);
        let secrets: Transferred = self
            .everything(&index)?
            .into_iter()
            .map(|(name, value)| {
                let origin = origin(&name);
                (name, (value, origin))
            })
            .collect();
        pack(&self.location.app, &secrets, passphrase, Stretch::USUAL)
    }

    /// Takes in what [`Vault::export`] has packed, in place of secrets of the same name; returns
    /// the names.
    ///
    /// # Errors
    /// When it does not open, or is another app's, or the store cannot be used.
    pub fn import(
        &mut self,
        packed: &[u8],
        passphrase: &SecretValue,
    ) -> Result<Vec<String>, VaultError> {
        let unpacked = UnpackedSecrets::open(&self.location.app, packed, passphrase)?;
        self.take_in(&unpacked)?;
        Ok(unpacked.secrets.keys().cloned().collect())
    }

    /// Takes in secrets that were unpacked, in place of those of the same name.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub fn take_in(&mut self, unpacked: &UnpackedSecrets) -> Result<(), VaultError> {
        let of = |wanted: Origin| -> Secrets {
            let secrets = unpacked.secrets.iter().filter(|(_, (_, origin))| *origin == wanted);
            secrets.map(|(name, (value, _))| (name.clone(), value.clone())).collect()
        };
        self.change(|vault, index| {
            vault.put(&of(Origin::Generated), Origin::Generated, index)?;
            vault.put(&of(Origin::Given), Origin::Given, index)
        })
    }

    pub(crate) fn with_keychain(location: &Location, keychain: Keychain) -> Self {
        let store = Store::Keychain(keychain);
        Self { location: location.clone(), kind: StoreKind::Keychain, store }
    }

    fn open_as(
        location: &Location,
        kind: StoreKind,
        opening: &Opening<'_>,
    ) -> Result<Self, VaultError> {
        let store = match kind {
            StoreKind::Keychain => Store::Keychain(Keychain::open(location, opening)?),
            StoreKind::File => Store::Sealed(SealedFile::with_key_file(location)),
            StoreKind::Passphrase => {
                let needed = || VaultError::PassphraseNeeded(sealed::path(location));
                let passphrase = opening.passphrase.as_ref().ok_or_else(needed)?;
                Store::Sealed(SealedFile::with_passphrase(location, passphrase)?)
            }
        };
        Ok(Self { location: location.clone(), kind, store })
    }

    /// Changes what is kept, while this process holds the lock.
    fn change<T>(
        &self,
        change: impl FnOnce(&Self, &mut Index) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let _hold = self.hold()?;
        let mut index = self.index()?;
        let before = index.clone();
        let done = change(self, &mut index)?;
        let document = Index::document(&self.location);
        if index != before || !document.path().exists() {
            document.write(&index)?;
        }
        Ok(done)
    }

    fn complete(
        &self,
        wanted: &[Wanted],
        names: &[&str],
        index: &mut Index,
    ) -> Result<Secrets, VaultError> {
        // Once more, because another process may have generated them meanwhile.
        let mut secrets = self.fetch(names, index)?;
        let mut made = Secrets::new();
        for Wanted { name, recipe } in wanted {
            match (secrets.contains_key(name), recipe) {
                (true, _) => self.note(name, recipe.is_some(), index),
                (false, None) => {}
                (false, Some(_)) if index.names.contains_key(name) => {
                    return Err(VaultError::Gone { name: name.clone() });
                }
                (false, Some(recipe)) => {
                    made.insert(name.clone(), SecretValue::random(*recipe)?);
                }
            }
        }
        self.put(&made, Origin::Generated, index)?;
        secrets.extend(made);
        Ok(secrets)
    }

    /// Records the name of a secret that was found without one in the index.
    fn note(&self, name: &str, can_be_made: bool, index: &mut Index) {
        let origin = if can_be_made { Origin::Generated } else { Origin::Given };
        index.names.entry(name.to_owned()).or_insert(Entry { kept: self.kind, origin });
    }

    fn index(&self) -> Result<Index, VaultError> {
        match Index::document(&self.location).read()? {
            Found::Content(index) if is_keychain(index.store) == is_keychain(self.kind) => {
                Ok(index)
            }
            Found::Content(_) => {
                let error = io::Error::other("another process has changed where secrets are kept");
                Err(VaultError::file(Index::document(&self.location).path(), error))
            }
            Found::Nothing | Found::SetAside { .. } => Ok(Index::new(self.kind)),
        }
    }

    fn hold(&self) -> Result<Hold, VaultError> {
        let path = self.location.folder.join("vault.lock");
        Hold::take(&path).map_err(|error| VaultError::file(&path, error))
    }
}

/// Returns which store an app uses; `None` before the first start.
fn kind_in_use(location: &Location) -> Result<Option<StoreKind>, VaultError> {
    match Index::document(location).read()?.content() {
        Some(Index { store: StoreKind::Keychain, .. }) => Ok(Some(StoreKind::Keychain)),
        // The file itself knows best how it opens.
        Some(index) => Ok(Some(SealedFile::kind_at(location)?.unwrap_or(index.store))),
        // A process that was killed before the first note was written leaves a file without one.
        None => SealedFile::kind_at(location),
    }
}

fn new_passphrase_file(
    location: &Location,
    opening: &Opening<'_>,
) -> Result<SealedFile, VaultError> {
    let needed = || VaultError::PassphraseNeeded(sealed::path(location));
    let passphrase = opening.passphrase.as_ref().ok_or_else(needed)?;
    SealedFile::with_new_passphrase(location, passphrase, Stretch::USUAL)
}

fn is_keychain(kind: StoreKind) -> bool {
    kind == StoreKind::Keychain
}
