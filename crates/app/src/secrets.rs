//! Gets an app's secrets while everything else starts.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use ensconce_plan::{Plan, SecretPlan};
use ensconce_vault::{Encoding, Location, Secrets, Wanted, obtain};

use crate::redact::redact;

/// The secrets of an app, which come when the keychain has given them.
#[derive(Clone, Default)]
pub(crate) struct PendingSecrets(Arc<OnceLock<Result<Secrets, String>>>);

impl PendingSecrets {
    /// Begins to get the secrets of a plan, on a thread of its own: a keychain may ask its user.
    pub(crate) fn begin(plan: &Plan, location: Location) -> Self {
        let pending = Self::default();
        let wanted: Vec<Wanted> = plan.secrets.iter().filter_map(wanted).collect();
        if wanted.is_empty() {
            let _ = pending.0.set(Ok(Secrets::new()));
            return pending;
        }
        let slot = Arc::clone(&pending.0);
        std::thread::spawn(move || {
            let result = obtain(&location, &wanted);
            if let Ok((_, store)) = &result {
                tracing::info!(?store, "Secrets are at hand");
            }
            let result = result.map(|(secrets, _)| secrets);
            let _ = slot.set(result.map_err(|error| format!("{error}. {}", error.hint())));
        });
        pending
    }

    /// Waits for a secret; the error is a sentence for people.
    pub(crate) fn wait_for(&self, name: &str) -> Result<String, String> {
        let secrets = self.0.wait().as_ref().map_err(Clone::clone)?;
        let secret = secrets.get(name).ok_or_else(|| format!("There is no secret `{name}`"))?;
        Ok(secret.reveal().to_owned())
    }

    /// Takes out the secrets that are known so far; others cannot have been given to anyone.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.0.get() {
            Some(Ok(secrets)) => redact(text, secrets),
            _ => Cow::Borrowed(text),
        }
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
