//! Finds the app that a command is about, and talks to it.

use ensconce_app::{ControlError, RunningApp, find_running};

use crate::arguments::Target;
use crate::error::CommandError;

/// Finds the copy of an app that runs; gives the app's name with it.
pub(super) fn find(target: &Target) -> Result<(String, Option<RunningApp>), CommandError> {
    Ok(find_running(&target.manifest, target.data_dir.as_deref())?)
}

/// Finds it, where nothing can be done without.
pub(super) fn expect(target: &Target) -> Result<(String, RunningApp), CommandError> {
    match find(target)? {
        (name, Some(running)) => Ok((name, running)),
        (name, None) => Err(CommandError::NotRunning(name)),
    }
}

/// Waits for what an app answers.
pub(super) fn ask<T>(
    name: &str,
    asked: impl Future<Output = Result<T, ControlError>>,
) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(asked);
    answer.map_err(|error| CommandError::Control { name: name.to_owned(), error })
}
