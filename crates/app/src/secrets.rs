//! Gets an app's secrets while everything else starts.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ensconce_plan::{Plan, SecretPlan};
use ensconce_vault::{Encoding, Location, Secrets, Wanted, obtain};

use crate::redact::Redaction;

/// The secrets of an app, which come when the keychain has given them.
#[derive(Clone, Default)]
pub(crate) struct PendingSecrets {
    slot: Arc<Mutex<Slot>>,
    redaction: Redaction,
}

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
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&slot);
        let wanted: Vec<Wanted> = plan.secrets.iter().filter_map(wanted).collect();
        if wanted.is_empty() {
            let _ = slot.set(Ok(Secrets::new()));
            return;
        }
        let redaction = self.redaction.clone();
        std::thread::spawn(move || {
            let result = obtain(&location, &wanted);
            if let Ok((secrets, store)) = &result {
                tracing::info!(?store, "Secrets are at hand");
                // Before anyone can be given one.
                redaction
                    .learn(secrets.iter().map(|(name, value)| (name.as_str(), value.reveal())));
            }
            let result = result.map(|(secrets, _)| secrets);
            let _ = slot.set(result.map_err(|error| format!("{error}. {}", error.hint())));
        });
    }

    /// What must not be seen in any output: these secrets, those from before a change of the
    /// manifest, and what looks like one.
    pub(crate) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    fn slot(&self) -> Slot {
        Arc::clone(&self.slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells whether they could not be had, so that it is worth another try.
    pub(crate) fn have_failed(&self) -> bool {
        matches!(self.slot().get(), Some(Err(_)))
    }

    /// Waits for a secret; the error is a sentence for people.
    pub(crate) fn wait_for(&self, name: &str) -> Result<String, String> {
        let slot = self.slot();
        let secrets = slot.wait().as_ref().map_err(Clone::clone)?;
        let secret = secrets.get(name).ok_or_else(|| format!("there is no secret `{name}`"))?;
        Ok(secret.reveal().to_owned())
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
