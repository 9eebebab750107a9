//! Gets an app's secrets while everything else starts.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ensconce_plan::{Plan, SecretPlan};
use ensconce_vault::{
    Choice, Encoding, Location, Opening, Recipe, SecretValue, Secrets, StoreKind, Vault,
    VaultError, Wait, Wanted,
};
use tokio::sync::watch;

use crate::redact::Redaction;

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
    redaction: Redaction,
    keeping: Arc<watch::Sender<Keeping>>,
}

type Slot = Arc<OnceLock<Result<Got, String>>>;

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
        Self { slot: Arc::default(), redaction: Redaction::default(), keeping }
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
        self.fetch(plan, move |opening| Vault::open_with(&location, opening), None);
    }

    /// Begins anew with another store, without what is in the one so far.
    pub(crate) fn begin_anew(
        &self,
        plan: &Plan,
        location: Location,
        kind: StoreKind,
        passphrase: Option<SecretValue>,
    ) {
        self.fetch(plan, move |opening| Vault::begin_anew(&location, kind, opening), passphrase);
    }

    fn fetch(
        &self,
        plan: &Plan,
        open: impl FnOnce(&Opening<'_>) -> Result<Vault, VaultError> + Send + 'static,
        passphrase: Option<SecretValue>,
    ) {
        let slot = Slot::default();
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&slot);
        let wanted: Vec<Wanted> = plan.secrets.iter().map(wanted).collect();
        if wanted.is_empty() {
            let _ = slot.set(Ok(Got::default()));
            return;
        }
        let (redaction, keeping) = (self.redaction.clone(), Arc::clone(&self.keeping));
        keeping.send_replace(Keeping::Opening);
        std::thread::spawn(move || {
            let result = obtain(&wanted, open, passphrase, &keeping);
            if let Ok((got, store)) = &result {
                tracing::info!(store = store.text(), "Secrets are at hand");
                // Before anyone can be given one.
                let secrets = got.secrets.iter();
                redaction.learn(secrets.map(|(name, value)| (name.as_str(), value.reveal())));
            }
            let now = keeping_of(&result);
            let result = result.map(|(got, _)| got);
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
        Arc::clone(&self.slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells whether some could not be had, so that it is worth another try.
    pub(crate) fn have_failed(&self) -> bool {
        match self.slot().get() {
            Some(Err(_)) => true,
            Some(Ok(got)) => !got.missing.is_empty(),
            None => false,
        }
    }

    /// Waits for a secret; the error is a sentence for people.
    pub(crate) fn wait_for(&self, name: &str) -> Result<String, String> {
        let slot = self.slot();
        let got = slot.wait().as_ref().map_err(Clone::clone)?;
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
) -> Result<(Got, StoreKind), VaultError> {
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
    Ok((Got { secrets, missing }, vault.kind()))
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

fn keeping_of(result: &Result<(Got, StoreKind), VaultError>) -> Keeping {
    match result {
        Ok((got, store)) => {
            Keeping::Open { store: *store, missing: got.missing.iter().cloned().collect() }
        }
        Err(error) => Keeping::Failed {
            message: error.to_string(),
            hint: error.hint(),
            choices: error.choices(),
        },
    }
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
