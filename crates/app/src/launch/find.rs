//! Finds an app by its manifest, without taking hold of anything.

use std::path::{Path, PathBuf};

use ensconce_manifest::Mode;
use ensconce_plan::Plan;

use super::announcement::{Announcement, RunningApp};
use super::folders::app_folders;
use super::held::is_held;
use super::own_folder::OwnFolder;
use super::source::{PlanSource, absolute, any_run_folder, load};
use crate::error::AppError;
use crate::run::state::StateFile;

/// Finds the copy of an app that runs, and returns the app's name with it; what a killed copy has
/// left does not count.
///
/// # Errors
/// When the manifest cannot be read, or has mistakes.
pub fn find_running(
    manifest: &Path,
    data_dir: Option<&Path>,
) -> Result<(String, Option<RunningApp>), AppError> {
    let plan = plan_for(manifest, Mode::Run, data_dir)?;
    let own = OwnFolder::of(&plan.folders);
    let found = Announcement::read(&own.announcement()).filter(|_| is_held(&own));
    Ok((plan.app.name, found.and_then(|found| found.running(&own))))
}

/// Plans an app without starting or making anything.
///
/// # Errors
/// When the manifest is wrong or does not fit this machine.
pub fn plan_for(manifest: &Path, mode: Mode, data_dir: Option<&Path>) -> Result<Plan, AppError> {
    let (loaded, resources) = load(manifest)?;
    let data_dir = absolute(data_dir)?;
    let folders = app_folders(&loaded.app.id, data_dir.as_deref(), any_run_folder())?;
    let state = StateFile::new(OwnFolder::of(&folders).state()).peek();
    let source = PlanSource {
        path: manifest.to_owned(),
        runtimes: None,
        manifest: loaded,
        resources,
        folders,
        mode,
        programs: Default::default(),
    };
    source.plan(&state.data)
}

/// Returns where the logs of an app are, and the tasks and services that its manifest has.
///
/// # Errors
/// When the manifest is wrong, or the user has no home folder.
pub fn logs_of(
    manifest: &Path,
    data_dir: Option<&Path>,
) -> Result<(PathBuf, Vec<String>), AppError> {
    let (manifest, _) = load(manifest)?;
    let folders = app_folders(&manifest.app.id, absolute(data_dir)?.as_deref(), PathBuf::new())?;
    let names = manifest.tasks.keys().chain(manifest.services.keys());
    Ok((folders.logs, names.map(ToString::to_string).collect()))
}
