//! Which secrets an app has, and where they are kept.

use std::collections::BTreeSet;
use std::path::Path;

use ensconce_manifest::Mode;
use ensconce_plan::{Plan, SecretPlan};
use ensconce_vault::{SecretEncoding, SecretRecipe, Vault, VaultLocation, WantedSecret};

use crate::error::AppError;
use crate::launch::find::plan_for;
use crate::launch::folders::key_file;
use crate::launch::own_folder::OwnFolder;

/// The secrets of an app that need not run: which it has, and where they are kept.
#[derive(Debug)]
pub struct KnownSecrets {
    /// The app's name.
    pub app: String,
    /// The secrets that its manifest knows.
    pub known: Vec<WantedSecret>,
    /// Where they are kept.
    pub location: VaultLocation,
}

/// Reads which secrets an app has, and finds where they are kept. Nothing is opened or made.
///
/// # Errors
/// When the manifest is wrong, or the user has no home folder.
pub fn secrets_of(manifest: &Path, data_dir: Option<&Path>) -> Result<KnownSecrets, AppError> {
    let plan = plan_for(manifest, Mode::Run, data_dir)?;
    let own = OwnFolder::of(&plan.folders);
    Ok(KnownSecrets {
        known: wanted(&plan),
        location: location(&plan, data_dir.is_some(), &own)?,
        app: plan.app.name,
    })
}

/// Returns where an app keeps its secrets; a data folder of one's own has its own in the keychain.
pub(crate) fn location(
    plan: &Plan,
    has_data_dir: bool,
    own: &OwnFolder,
) -> Result<VaultLocation, AppError> {
    let folder = own.path().to_owned();
    let instance = if has_data_dir { folder.display().to_string() } else { String::new() };
    Ok(VaultLocation { app: plan.app.id.clone(), instance, folder, key_file: key_file()? })
}

/// Returns the secrets that the vault is asked for: the manifest's, and those that the user gives
/// when the app asks.
pub(crate) fn wanted(plan: &Plan) -> Vec<WantedSecret> {
    let generated = plan
        .secrets
        .iter()
        .map(|secret| WantedSecret { name: secret.name.clone(), recipe: recipe(secret) });
    let asked = plan.setup.fields().filter(|field| field.kind.is_secret());
    let asked = asked.map(|field| WantedSecret { name: field.name.clone(), recipe: None });
    generated.chain(asked).collect()
}

/// Returns how a secret is made; `None` for one that its user gives.
fn recipe(secret: &SecretPlan) -> Option<SecretRecipe> {
    let encoding = match secret.encoding {
        ensconce_manifest::Encoding::Base64url => SecretEncoding::Base64url,
        ensconce_manifest::Encoding::Hex => SecretEncoding::Hex,
    };
    secret.generate.map(|bytes| SecretRecipe { bytes, encoding })
}

/// Returns the names of the secrets that are kept; the store stays closed.
pub(crate) fn kept_secrets(location: &VaultLocation) -> BTreeSet<String> {
    let overview = Vault::overview(location);
    let overview = overview.inspect_err(|error| tracing::warn!("{error}")).ok();
    overview.into_iter().flat_map(|overview| overview.secrets).map(|listed| listed.name).collect()
}
