//! Finds the app that a command is about, and talks to it.

use std::sync::Arc;

use ensconce_app::{
    ControlError, Door, Mode, Options, Prepared, RunningApp, close_memory, find_running, prepare,
};
use ensconce_protocol::AppResponse;
use serde::de::DeserializeOwned;

use crate::arguments::Target;
use crate::error::CommandError;

/// Finds the running copy of an app; returns the app's name with it.
pub(super) fn find(target: &Target) -> Result<(String, Option<RunningApp>), CommandError> {
    Ok(find_running(&target.manifest, target.data_dir.as_deref())?)
}

/// Does the same, but it is an error if the app does not run.
pub(super) fn expect(target: &Target) -> Result<(String, RunningApp), CommandError> {
    match find(target)? {
        (name, Some(running)) => Ok((name, running)),
        (name, None) => Err(CommandError::NotRunning(name)),
    }
}

/// Prepares an app that is needed only for a command: nobody sees its output.
pub(super) fn prepare_quietly(target: &Target) -> Result<Prepared, CommandError> {
    Ok(prepare(Options {
        manifest: target.manifest.clone(),
        mode: Mode::Run,
        data_dir: target.data_dir.clone(),
        runtimes: None,
        door: Door::Browser,
        log: Arc::new(|_| {}),
    })?)
}

/// Closes this program's memory to others, because it will hold secrets.
pub(super) fn keep_to_oneself() {
    if let Err(error) = close_memory() {
        tracing::warn!("Other programs can read this one's memory: {error}");
    }
}

/// Waits for the response of an app.
pub(super) fn ask<T>(
    name: &str,
    asked: impl Future<Output = Result<T, ControlError>>,
) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let response = runtime.block_on(asked);
    response.map_err(|error| CommandError::Control { name: name.to_owned(), error })
}

/// Converts the response of an app in this process to what another process would have sent.
pub(super) fn typed<T: DeserializeOwned>(response: &AppResponse) -> Result<T, CommandError> {
    let value = serde_json::to_value(response).map_err(std::io::Error::from)?;
    Ok(serde_json::from_value(value).map_err(std::io::Error::from)?)
}
