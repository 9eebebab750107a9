//! Gets an app's secrets while everything else starts.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ensconce_plan::{Plan, SecretPlan};
use ensconce_vault::{Encoding, Location, SecretValue, Secrets, Wanted, obtain};

use crate::redact::redact;

/// The secrets of an app, which come when the keychain has given them. The last slot is the one
/// that counts; those from before a change of the manifest must still not be logged.
#[derive(Clone, Default)]
pub(crate) struct PendingSecrets(Arc<Mutex<Vec<Slot>>>);

type Slot = Arc<OnceLock<Result<Secrets, String>>>;

impl PendingSecrets {
    /// Begins to get the secrets of a plan, on a thread of its own: a keychain may ask its user.
    pub(crate) fn begin(plan: &Plan, location: Location) -> Self {
        let pending = Self::default();
        pending.renew(plan, location);
        pending
    }

    /// Begins anew, for a plan with other secrets.
    pub(crate) fn renew(&self, plan: &Plan, location: Location) {
        let slot = Slot::default();
        self.slots().push(Arc::clone(&slot));
        let wanted: Vec<Wanted> = plan.secrets.iter().filter_map(wanted).collect();
        if wanted.is_empty() {
            let _ = slot.set(Ok(Secrets::new()));
            return;
        }
        std::thread::spawn(move || {
            let result = obtain(&location, &wanted);
            if let Ok((_, store)) = &result {
                tracing::info!(?store, "Secrets are at hand");
            }
            let result = result.map(|(secrets, _)| secrets);
            let _ = slot.set(result.map_err(|error| format!("{error}. {}", error.hint())));
        });
    }

    /// Takes another secret out of what is logged.
    pub(crate) fn hide(&self, name: &str, value: &str) {
        let secrets = Secrets::from([(name.to_owned(), SecretValue::new(value.to_owned()))]);
        // The last slot is the one that counts.
        self.slots().insert(0, Arc::new(OnceLock::from(Ok(secrets))));
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether they could not be had, so that it is worth another try.
    pub(crate) fn have_failed(&self) -> bool {
        self.slots().last().is_some_and(|slot| matches!(slot.get(), Some(Err(_))))
    }

    /// Waits for a secret; the error is a sentence for people.
    pub(crate) fn wait_for(&self, name: &str) -> Result<String, String> {
        let none = || format!("there is no secret `{name}`");
        let slot = self.slots().last().cloned().ok_or_else(none)?;
        let secrets = slot.wait().as_ref().map_err(Clone::clone)?;
        let secret = secrets.get(name).ok_or_else(none)?;
        Ok(secret.reveal().to_owned())
    }

    /// Takes out the secrets that are known so far; others cannot have been given to anyone.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for slot in self.slots().iter() {
            if let Some(Ok(secrets)) = slot.get()
                && let Cow::Owned(cleaner) = redact(&clean, secrets)
            {
                clean = Cow::Owned(cleaner);
            }
        }
        clean
    }
}

fn wanted(secret: &SecretPlan) -> Option<Wanted> {
    Some(Wanted {
        name: secret.name.clone(),
        bytes: secret.generate?,
        encoding: match secret.encoding {
            ensconce_manifest::Encoding::Base64url => Encoding::Base64url,
            ensconce_manifest::Encoding::Hex => Encoding::Hex,
        },
    })
}
