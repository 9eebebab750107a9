//! The secrets of an app that need not run, for commands.

use std::path::Path;

use ensconce_manifest::Mode;
use ensconce_plan::Plan;
use ensconce_vault::{Location, Wanted};

use crate::folders::key_file;
use crate::home::own_folder;
use crate::secrets::{given, wanted};
use crate::{LaunchError, plan_for};

/// The secrets of an app: which it has, and where they are kept.
#[derive(Debug)]
pub struct AppSecrets {
    /// The app's name.
    pub app: String,
    /// The secrets that its manifest knows.
    pub known: Vec<Wanted>,
    /// Where they are kept.
    pub location: Location,
}

/// Reads which secrets an app has, and finds where they are kept. Nothing is opened or made.
///
/// # Errors
/// When the manifest is wrong, or the user has no home folder.
pub fn secrets_of(manifest: &Path, data_dir: Option<&Path>) -> Result<AppSecrets, LaunchError> {
    let plan = plan_for(manifest, Mode::Run, data_dir)?;
    let folder = own_folder(&plan.folders);
    Ok(AppSecrets {
        known: plan.secrets.iter().map(wanted).chain(given(&plan)).collect(),
        location: location(&plan, data_dir.is_some(), &folder)?,
        app: plan.app.name,
    })
}

/// Where an app keeps its secrets; a data folder of one's own has its own in the keychain.
pub(crate) fn location(
    plan: &Plan,
    has_data_dir: bool,
    folder: &Path,
) -> Result<Location, LaunchError> {
    let folder = folder.to_owned();
    let instance = if has_data_dir { folder.display().to_string() } else { String::new() };
    Ok(Location { app: plan.app.id.clone(), instance, folder, key_file: key_file()? })
}
