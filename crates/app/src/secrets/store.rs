//! Fetches an app's secrets while everything else starts, and keeps them at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ensconce_protocol::StoreChoice;
use ensconce_vault::{
    KeychainWait, SecretValue, Secrets, StoreKind, UnpackedSecrets, Vault, VaultError,
    VaultLocation, VaultOptions, WantedSecret,
};
use tokio::sync::watch;

use super::passphrase::passphrase_from_file;
use super::state::SecretsState;
use crate::error::AppError;
use crate::redact::Redaction;

/// The secrets of an app, which come when the keychain has given them.
///
/// A keychain may ask its user, for as long as the user likes. So it is opened on a thread of its
/// own, and whoever needs a secret waits without one.
#[derive(Clone)]
pub(crate) struct AppSecrets {
    inner: Arc<Inner>,
}

struct Inner {
    /// What the last fetch has come to.
    fetched: watch::Sender<Fetch>,
    state: watch::Sender<SecretsState>,
    /// What was asked for last, to ask for it again.
    asked: Mutex<Option<(Vec<WantedSecret>, VaultLocation)>>,
    redaction: Redaction,
}

/// A fetch of secrets.
struct Fetch {
    /// Tells it from earlier ones, whose result nobody wants any more.
    number: u64,
    result: FetchResult,
}

enum FetchResult {
    /// The keychain has not given them yet.
    Pending,
    Failed(String),
    Open(Arc<Opened>),
}

/// An open store, and the secrets at hand.
#[derive(Default)]
struct Opened {
    /// For what is kept, forgotten or packed later; none if the app has no secrets.
    vault: Mutex<Option<Vault>>,
    at_hand: Mutex<AtHand>,
}

#[derive(Default)]
struct AtHand {
    secrets: Secrets,
    /// The names that nobody has given a value yet.
    missing: BTreeSet<String>,
    /// How often each was changed since the start, to see whether a job was given an older one.
    changes: BTreeMap<String, u64>,
}

impl Default for AppSecrets {
    /// The secrets of an app that has none.
    fn default() -> Self {
        let nothing = Fetch { number: 0, result: FetchResult::Open(Arc::default()) };
        Self {
            inner: Arc::new(Inner {
                fetched: watch::Sender::new(nothing),
                state: watch::Sender::new(SecretsState::NotNeeded),
                asked: Mutex::default(),
                redaction: Redaction::default(),
            }),
        }
    }
}

impl AppSecrets {
    /// Begins to fetch secrets, after a change of the manifest for instance, or to try again.
    pub(crate) fn fetch(&self, wanted: Vec<WantedSecret>, location: VaultLocation) {
        *lock(&self.inner.asked) = Some((wanted.clone(), location.clone()));
        self.fetch_by(wanted, move |opening| Vault::open_with(&location, opening), None);
    }

    /// Fetches once more if a fetch has failed, or a secret was missing that may be set now.
    pub(crate) fn fetch_what_failed(&self) {
        let has_failed = match &self.inner.fetched.borrow().result {
            FetchResult::Pending => false,
            FetchResult::Failed(_) => true,
            FetchResult::Open(opened) => !lock(&opened.at_hand).missing.is_empty(),
        };
        let asked = lock(&self.inner.asked).clone();
        if let Some((wanted, location)) = asked.filter(|_| has_failed) {
            self.fetch(wanted, location);
        }
    }

    /// Does what the user has chosen about a store that cannot be used; returns when that is done.
    pub(crate) async fn choose(
        &self,
        choice: StoreChoice,
        passphrase: Option<String>,
    ) -> Result<(), AppError> {
        let asked = lock(&self.inner.asked).clone();
        let Some((wanted, location)) = asked else { return Ok(()) };
        if matches!(self.inner.fetched.borrow().result, FetchResult::Open(_)) {
            // The keychain was opened before the choice was made.
            return Ok(());
        }
        let passphrase = passphrase.filter(|text| !text.is_empty()).map(SecretValue::new);
        let anew = |kind| {
            let location = location.clone();
            move |opening: &VaultOptions<'_>| Vault::begin_anew(&location, kind, opening)
        };
        match choice {
            StoreChoice::Retry => {
                let open = move |opening: &VaultOptions<'_>| Vault::open_with(&location, opening);
                self.fetch_by(wanted, open, passphrase);
            }
            StoreChoice::File => self.fetch_by(wanted, anew(StoreKind::File), None),
            StoreChoice::Passphrase => {
                self.fetch_by(wanted, anew(StoreKind::Passphrase), passphrase);
            }
        }
        self.opened().await.map(drop)
    }

    /// Returns a secret, as soon as the keychain has given it.
    pub(crate) async fn get(&self, name: &str) -> Result<String, AppError> {
        let opened = self.opened().await?;
        let at_hand = lock(&opened.at_hand);
        if at_hand.missing.contains(name) {
            return Err(AppError::SecretNotSet(name.to_owned()));
        }
        let secret = at_hand.secrets.get(name);
        let secret = secret.ok_or_else(|| AppError::NoSuchSecret(name.to_owned()))?;
        Ok(secret.reveal().to_owned())
    }

    /// Returns how often a secret was changed since the start.
    pub(crate) fn changes(&self, name: &str) -> u64 {
        match &self.inner.fetched.borrow().result {
            FetchResult::Open(opened) => {
                lock(&opened.at_hand).changes.get(name).copied().unwrap_or_default()
            }
            FetchResult::Pending | FetchResult::Failed(_) => 0,
        }
    }

    /// Keeps secrets that the user has given, and forgets those without a value.
    pub(crate) async fn keep(
        &self,
        secrets: BTreeMap<String, Option<String>>,
    ) -> Result<(), AppError> {
        let values = secrets.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        self.inner.redaction.learn(values.map(|(name, value)| (name.as_str(), value.as_str())));
        self.with_vault(move |vault, at_hand| {
            for (name, value) in secrets {
                let value = value.map(SecretValue::new);
                match &value {
                    Some(value) => vault.set(&name, value.clone())?,
                    None => drop(vault.remove(&name)?),
                }
                at_hand.put(&name, value);
            }
            Ok(())
        })
        .await
    }

    /// Packs all secrets for another machine, as text.
    pub(crate) async fn pack(&self, passphrase: String) -> Result<String, AppError> {
        let passphrase = SecretValue::new(passphrase);
        let packed = self.with_vault(move |vault, _| vault.export(&passphrase)).await?;
        Ok(STANDARD.encode(packed))
    }

    /// Unpacks secrets, and keeps none yet: whether the passphrase is the right one is known before
    /// anything is changed, and whether the store takes secrets.
    pub(crate) async fn unpack(
        &self,
        packed: &str,
        passphrase: String,
    ) -> Result<UnpackedSecrets, AppError> {
        let packed = STANDARD.decode(packed).map_err(|_| AppError::DamagedSecrets)?;
        let app = lock(&self.inner.asked).as_ref().map(|(_, location)| location.app.clone());
        let app = app.ok_or(AppError::NoSecrets)?;
        let passphrase = SecretValue::new(passphrase);
        self.with_vault(move |_, _| UnpackedSecrets::open(&app, &packed, &passphrase)).await
    }

    /// Keeps secrets that were unpacked.
    pub(crate) async fn take_in(&self, unpacked: UnpackedSecrets) -> Result<(), AppError> {
        let values = unpacked.iter().map(|(name, value)| (name, value.reveal()));
        self.inner.redaction.learn(values);
        self.with_vault(move |vault, at_hand| {
            vault.take_in(&unpacked)?;
            for (name, value) in unpacked.iter() {
                at_hand.put(name, Some(value.clone()));
            }
            Ok(())
        })
        .await
    }

    /// Returns what must not be seen in any output: these secrets, those from before a change of
    /// the manifest, and what looks like one.
    pub(crate) fn redaction(&self) -> &Redaction {
        &self.inner.redaction
    }

    /// Returns how it stands with them, now and after each change.
    pub(crate) fn state(&self) -> watch::Receiver<SecretsState> {
        self.inner.state.subscribe()
    }

    /// Waits for the store.
    async fn opened(&self) -> Result<Arc<Opened>, AppError> {
        let mut fetched = self.inner.fetched.subscribe();
        let settled = |fetch: &Fetch| !matches!(fetch.result, FetchResult::Pending);
        let fetch = fetched.wait_for(settled).await.map_err(|_| AppError::Stopping)?;
        match &fetch.result {
            FetchResult::Open(opened) => Ok(Arc::clone(opened)),
            FetchResult::Failed(why) => Err(AppError::SecretsUnavailable(why.clone())),
            FetchResult::Pending => Err(AppError::Stopping),
        }
    }

    /// Does something with the open store, where threads may block: a keychain is another program.
    async fn with_vault<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Vault, &mut AtHand) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, AppError> {
        let opened = self.opened().await?;
        let acting = tokio::task::spawn_blocking(move || {
            let mut vault = lock(&opened.vault);
            let vault = vault.as_mut().ok_or(AppError::NoSecrets)?;
            Ok(action(vault, &mut lock(&opened.at_hand))?)
        });
        acting.await?
    }

    fn fetch_by(
        &self,
        wanted: Vec<WantedSecret>,
        open: impl FnOnce(&VaultOptions<'_>) -> Result<Vault, VaultError> + Send + 'static,
        passphrase: Option<SecretValue>,
    ) {
        let inner = Arc::clone(&self.inner);
        if wanted.is_empty() {
            inner.begin(FetchResult::Open(Arc::default()));
            inner.state.send_replace(SecretsState::NotNeeded);
            return;
        }
        let number = inner.begin(FetchResult::Pending);
        inner.state.send_replace(SecretsState::Opening);
        std::thread::spawn(move || {
            let result = inner.obtain(&wanted, open, passphrase);
            inner.finish(number, result);
        });
    }
}

impl Inner {
    /// Puts a new fetch in the place of the last one; returns its number.
    fn begin(&self, result: FetchResult) -> u64 {
        let mut number = 0;
        self.fetched.send_modify(|fetch| {
            number = fetch.number + 1;
            *fetch = Fetch { number, result };
        });
        number
    }

    fn obtain(
        &self,
        wanted: &[WantedSecret],
        open: impl FnOnce(&VaultOptions<'_>) -> Result<Vault, VaultError>,
        passphrase: Option<SecretValue>,
    ) -> Result<(Vault, AtHand), VaultError> {
        let on_wait = |wait| {
            if wait == KeychainWait::Prompting {
                tracing::warn!("The keychain is locked, and asks for its password");
            }
            self.state.send_replace(SecretsState::Waiting(wait));
        };
        let passphrase = match passphrase {
            Some(passphrase) => Some(passphrase),
            None => passphrase_from_file()?,
        };
        let opening = VaultOptions { passphrase, ask: true, on_wait: Some(&on_wait) };
        let mut vault = open(&opening)?;
        let secrets = vault.obtain(wanted)?;
        let missing = wanted.iter().filter(|one| !secrets.contains_key(&one.name));
        let missing = missing.map(|one| one.name.clone()).collect();
        Ok((vault, AtHand { secrets, missing, changes: BTreeMap::new() }))
    }

    /// Takes in what a fetch has come to, if it still is the last one: the user may have decided
    /// otherwise meanwhile.
    fn finish(&self, number: u64, result: Result<(Vault, AtHand), VaultError>) {
        let (state, result) = match result {
            Ok((vault, at_hand)) => {
                let store = vault.kind();
                tracing::info!(store = store.text(), "Secrets are at hand");
                // Before anyone can be given one.
                let secrets = at_hand.secrets.iter();
                self.redaction.learn(secrets.map(|(name, value)| (name.as_str(), value.reveal())));
                let opened =
                    Opened { vault: Mutex::new(Some(vault)), at_hand: Mutex::new(at_hand) };
                (SecretsState::Open(store), FetchResult::Open(Arc::new(opened)))
            }
            Err(error) => {
                let state = SecretsState::failed(&error);
                (state, FetchResult::Failed(format!("{error}. {}", error.hint())))
            }
        };
        self.fetched.send_if_modified(|fetch| {
            let is_last = fetch.number == number;
            if is_last {
                fetch.result = result;
                self.state.send_replace(state);
            }
            is_last
        });
    }
}

impl AtHand {
    /// Puts a secret among those at hand, or takes it away.
    fn put(&mut self, name: &str, value: Option<SecretValue>) {
        *self.changes.entry(name.to_owned()).or_default() += 1;
        match value {
            Some(value) => {
                self.secrets.insert(name.to_owned(), value);
                self.missing.remove(name);
            }
            None => {
                self.secrets.remove(name);
                self.missing.insert(name.to_owned());
            }
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
