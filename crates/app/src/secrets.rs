//! Gets an app's secrets while everything else starts.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ensconce_plan::{Plan, SecretPlan};
use ensconce_vault::{
    Choice, Encoding, Location, Opening, Recipe, SecretValue, Secrets, StoreKind, Vault,
    VaultError, Wait, Wanted,
};
use tokio::sync::watch;

use crate::redact::Redaction;
use crate::setup::{StoreView, TroubleView};

/// Names the file of the passphrase, for apps that keep their secrets with one.
pub const PASSPHRASE_FILE: &str = "ENSCONCE_PASSPHRASE_FILE";

/// How it stands with an app's secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// They are being fetched.
    Opening,
    /// That takes longer than a moment.
    Waiting(Wait),
    /// They are at hand.
    Open {
        /// The store that is used.
        store: StoreKind,
        /// Those that somebody has to give first.
        missing: Vec<String>,
    },
    /// They cannot be had.
    Failed {
        /// Why.
        message: String,
        /// What to do about it.
        hint: String,
        /// What the user can choose from; often nothing.
        choices: &'static [Choice],
    },
}

/// The secrets of an app, which come when the keychain has given them.
#[derive(Clone)]
pub(crate) struct PendingSecrets {
    slot: Arc<Mutex<Slot>>,
    /// The store, once it is open, for what is kept, forgotten or packed later.
    vault: Arc<Mutex<Option<Vault>>>,
    /// What was asked for last, to ask for it again.
    asked: Arc<Mutex<Option<Asked>>>,
    redaction: Redaction,
    keeping: Arc<watch::Sender<Keeping>>,
}

/// What is wanted, and where it is.
type Asked = (Vec<Wanted>, Location);
type Slot = Arc<OnceLock<Result<Mutex<Got>, String>>>;

/// What was got.
#[derive(Default)]
struct Got {
    secrets: Secrets,
    /// The names that nobody has given a value yet.
    missing: BTreeSet<String>,
}

impl Default for PendingSecrets {
    fn default() -> Self {
        let keeping = Arc::new(watch::Sender::new(Keeping::Opening));
        Self {
            slot: Arc::default(),
            vault: Arc::default(),
            asked: Arc::default(),
            redaction: Redaction::default(),
            keeping,
        }
    }
}

impl PendingSecrets {
    /// Begins to get the secrets of a plan, on a thread of its own: a keychain may ask its user.
    pub(crate) fn begin(plan: &Plan, location: Location) -> Self {
        let pending = Self::default();
        pending.renew(plan, location);
        pending
    }

    /// Begins anew, for a plan with other secrets, or to try again.
    pub(crate) fn renew(&self, plan: &Plan, location: Location) {
        let wanted: Vec<Wanted> = plan.secrets.iter().map(wanted).chain(given(plan)).collect();
        *lock(&self.asked) = Some((wanted.clone(), location.clone()));
        self.fetch(wanted, move |opening| Vault::open_with(&location, opening), None);
    }

    /// Does what the user has chosen about a store that cannot be used; returns when that is done.
    pub(crate) fn choose(&self, choice: &str, passphrase: Option<String>) -> Result<(), String> {
        let Some((wanted, location)) = lock(&self.asked).clone() else { return Ok(()) };
        let passphrase = passphrase.filter(|text| !text.is_empty()).map(SecretValue::new);
        let anew = |kind| {
            let location = location.clone();
            move |opening: &Opening<'_>| Vault::begin_anew(&location, kind, opening)
        };
        let is_known = lock(&self.vault).is_some();
        match (choice, is_known) {
            // The keychain was opened before the choice was made.
            (_, true) => return Ok(()),
            ("retry", _) => {
                let location = location.clone();
                let open = move |opening: &Opening<'_>| Vault::open_with(&location, opening);
                self.fetch(wanted, open, passphrase);
            }
            ("file", _) => self.fetch(wanted, anew(StoreKind::File), None),
            ("passphrase", _) => self.fetch(wanted, anew(StoreKind::Passphrase), passphrase),
            _ => return Err("There is no such choice.".to_owned()),
        }
        self.slot().wait().as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Keeps a secret that the user has given.
    pub(crate) fn keep(&self, name: &str, value: &str) -> Result<(), String> {
        self.redaction.learn([(name, value)]);
        self.with_vault(|vault| vault.set(name, SecretValue::new(value.to_owned())))?;
        self.put(name, Some(value));
        Ok(())
    }

    /// Forgets a secret.
    pub(crate) fn forget(&self, name: &str) -> Result<(), String> {
        self.with_vault(|vault| vault.remove(name))?;
        self.put(name, None);
        Ok(())
    }

    /// Packs all secrets for another machine, as text.
    pub(crate) fn export(&self, passphrase: String) -> Result<String, String> {
        let passphrase = SecretValue::new(passphrase);
        let packed = self.with_vault(|vault| vault.export(&passphrase))?;
        Ok(STANDARD.encode(packed))
    }

    /// Takes in what was packed; gives the names.
    pub(crate) fn import(&self, packed: &str, passphrase: String) -> Result<Vec<String>, String> {
        let packed = STANDARD.decode(packed).map_err(|_| "The file's secrets are damaged.")?;
        let passphrase = SecretValue::new(passphrase);
        let (names, values) = self.with_vault(|vault| {
            let names = vault.import(&packed, &passphrase)?;
            let values = names.iter().map(|name| vault.get(name));
            Ok((names.clone(), values.collect::<Result<Vec<_>, _>>()?))
        })?;
        for (name, value) in names.iter().zip(values) {
            if let Some(value) = value {
                self.redaction.learn([(name.as_str(), value.reveal())]);
                self.put(name, Some(value.reveal()));
            }
        }
        Ok(names)
    }

    /// Where secrets are kept, for the pages of set-up and settings.
    pub(crate) fn store_view(&self) -> StoreView {
        match &*self.keeping.borrow() {
            Keeping::Open { store, .. } => StoreView { kind: kind_of(*store), trouble: None },
            Keeping::Opening | Keeping::Waiting(_) => {
                let waits = matches!(*self.keeping.borrow(), Keeping::Waiting(Wait::Prompting));
                let trouble = waits.then(|| TroubleView {
                    title: "Your keychain is locked".to_owned(),
                    message: "Unlock it in the window that has asked for its password.".to_owned(),
                    choices: vec!["retry", "file", "passphrase"],
                });
                StoreView { kind: "keychain", trouble }
            }
            Keeping::Failed { message, choices, .. } => StoreView {
                kind: "none",
                trouble: Some(TroubleView {
                    title: "Secrets cannot be kept yet".to_owned(),
                    message: format!("{message}."),
                    choices: choices.iter().map(|choice| word_of(*choice)).collect(),
                }),
            },
        }
    }

    fn with_vault<T>(
        &self,
        action: impl FnOnce(&mut Vault) -> Result<T, VaultError>,
    ) -> Result<T, String> {
        // It opens while everything else starts.
        self.slot().wait().as_ref().map_err(Clone::clone)?;
        let mut vault = lock(&self.vault);
        let vault = vault.as_mut().ok_or("The app has no secrets")?;
        action(vault).map_err(|error| format!("{error}. {}", error.hint()))
    }

    /// Puts a secret among those at hand, or takes it away.
    fn put(&self, name: &str, value: Option<&str>) {
        let slot = self.slot();
        let Some(Ok(got)) = slot.get() else { return };
        let mut got = lock(got);
        match value {
            Some(value) => {
                got.secrets.insert(name.to_owned(), SecretValue::new(value.to_owned()));
                got.missing.remove(name);
            }
            None => {
                got.secrets.remove(name);
                got.missing.insert(name.to_owned());
            }
        }
    }

    fn fetch(
        &self,
        wanted: Vec<Wanted>,
        open: impl FnOnce(&Opening<'_>) -> Result<Vault, VaultError> + Send + 'static,
        passphrase: Option<SecretValue>,
    ) {
        let slot = Slot::default();
        let former = std::mem::replace(&mut *lock(&self.slot), Arc::clone(&slot));
        // Whoever still waits for a keychain that asks its user tries again.
        let _ = former.set(Err("Another store was chosen for the secrets".to_owned()));
        lock(&self.vault).take();
        if wanted.is_empty() {
            let _ = slot.set(Ok(Mutex::default()));
            // Whoever waits for the former ones looks again.
            self.keeping.send_modify(|_| {});
            return;
        }
        let (kept, current) = (Arc::clone(&self.vault), Arc::clone(&self.slot));
        let (redaction, keeping) = (self.redaction.clone(), Arc::clone(&self.keeping));
        keeping.send_replace(Keeping::Opening);
        std::thread::spawn(move || {
            let result = obtain(&wanted, open, passphrase, &keeping);
            if let Ok((got, store, _)) = &result {
                tracing::info!(store = store.text(), "Secrets are at hand");
                // Before anyone can be given one.
                let secrets = got.secrets.iter();
                redaction.learn(secrets.map(|(name, value)| (name.as_str(), value.reveal())));
            }
            let now = keeping_of(&result);
            let mut kept = lock(&kept);
            // The user may have decided otherwise meanwhile.
            if !Arc::ptr_eq(&lock(&current), &slot) {
                return;
            }
            let result = result.map(|(got, _, vault)| {
                *kept = Some(vault);
                Mutex::new(got)
            });
            let _ = slot.set(result.map_err(|error| format!("{error}. {}", error.hint())));
            keeping.send_replace(now);
        });
    }

    /// What must not be seen in any output: these secrets, those from before a change of the
    /// manifest, and what looks like one.
    pub(crate) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// How it stands with them, now and after each change.
    pub(crate) fn keeping(&self) -> watch::Receiver<Keeping> {
        self.keeping.subscribe()
    }

    fn slot(&self) -> Slot {
        Arc::clone(&lock(&self.slot))
    }

    /// Tells whether some could not be had, so that it is worth another try.
    pub(crate) fn have_failed(&self) -> bool {
        match self.slot().get() {
            Some(Err(_)) => true,
            Some(Ok(got)) => !lock(got).missing.is_empty(),
            None => false,
        }
    }

    /// Waits until the secrets are at hand, or cannot be had; then [`wait_for`](Self::wait_for)
    /// waits no more.
    pub(crate) async fn settled(&self) {
        let mut keeping = self.keeping.subscribe();
        while self.slot().get().is_none() && keeping.changed().await.is_ok() {}
    }

    /// Waits for a secret; the error is a sentence for people.
    pub(crate) fn wait_for(&self, name: &str) -> Result<String, String> {
        let slot = self.slot();
        let got = lock(slot.wait().as_ref().map_err(Clone::clone)?);
        if got.missing.contains(name) {
            return Err(format!(
                "The secret `{name}` is not set. Set it with: ensconce secret set {name}"
            ));
        }
        let secret = got.secrets.get(name);
        let secret = secret.ok_or_else(|| format!("there is no secret `{name}`"))?;
        Ok(secret.reveal().to_owned())
    }
}

fn obtain(
    wanted: &[Wanted],
    open: impl FnOnce(&Opening<'_>) -> Result<Vault, VaultError>,
    passphrase: Option<SecretValue>,
    keeping: &watch::Sender<Keeping>,
) -> Result<(Got, StoreKind, Vault), VaultError> {
    let on_wait = |wait| {
        if wait == Wait::Prompting {
            tracing::warn!("The keychain is locked, and asks for its password");
        }
        keeping.send_replace(Keeping::Waiting(wait));
    };
    let passphrase = match passphrase {
        Some(passphrase) => Some(passphrase),
        None => passphrase_from_file()?,
    };
    let opening = Opening { passphrase, ask: true, on_wait: Some(&on_wait) };
    let mut vault = open(&opening)?;
    let secrets = vault.obtain(wanted)?;
    let missing = wanted.iter().filter(|one| !secrets.contains_key(&one.name));
    let missing = missing.map(|one| one.name.clone()).collect();
    let kind = vault.kind();
    Ok((Got { secrets, missing }, kind, vault))
}

/// Reads the passphrase from the file that [`PASSPHRASE_FILE`] names, if it names one; the end of
/// its line does not belong to it.
///
/// # Errors
/// When the file cannot be read.
pub fn passphrase_from_file() -> Result<Option<SecretValue>, VaultError> {
    let Some(path) = std::env::var_os(PASSPHRASE_FILE).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(&path)
        .map(SecretValue::new)
        .map_err(|error| VaultError::File { path: path.into(), error })?;
    let line = text.reveal();
    let line = line.strip_suffix('\n').unwrap_or(line);
    Ok(Some(SecretValue::new(line.strip_suffix('\r').unwrap_or(line).to_owned())))
}

fn keeping_of(result: &Result<(Got, StoreKind, Vault), VaultError>) -> Keeping {
    match result {
        Ok((got, store, _)) => {
            Keeping::Open { store: *store, missing: got.missing.iter().cloned().collect() }
        }
        Err(error) => Keeping::Failed {
            message: error.to_string(),
            hint: error.hint(),
            choices: error.choices(),
        },
    }
}

/// The secrets that the user gives when the app asks.
pub(crate) fn given(plan: &Plan) -> impl Iterator<Item = Wanted> {
    let secret = plan.setup.fields().filter(|field| field.kind.is_secret());
    secret.map(|field| Wanted { name: field.name.clone(), recipe: None })
}

/// The names of the secrets that are kept; the store stays closed.
pub(crate) fn kept_secrets(location: &Location) -> BTreeSet<String> {
    let overview = Vault::overview(location);
    let overview = overview.inspect_err(|error| tracing::warn!("{error}")).ok();
    overview.into_iter().flat_map(|overview| overview.secrets).map(|listed| listed.name).collect()
}

fn kind_of(store: StoreKind) -> &'static str {
    match store {
        StoreKind::Keychain => "keychain",
        StoreKind::File => "file",
        StoreKind::Passphrase => "passphrase",
    }
}

fn word_of(choice: Choice) -> &'static str {
    match choice {
        Choice::TryAgain => "retry",
        Choice::UseFile => "file",
        Choice::UsePassphrase => "passphrase",
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the vault is asked for.
pub(crate) fn wanted(secret: &SecretPlan) -> Wanted {
    Wanted { name: secret.name.clone(), recipe: recipe(secret) }
}

/// How a secret is made; `None` for one that its user gives.
fn recipe(secret: &SecretPlan) -> Option<Recipe> {
    let encoding = match secret.encoding {
        ensconce_manifest::Encoding::Base64url => Encoding::Base64url,
        ensconce_manifest::Encoding::Hex => Encoding::Hex,
    };
    secret.generate.map(|bytes| Recipe { bytes, encoding })
}
