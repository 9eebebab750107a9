//! What Ensconce's own pages may ask for. The app's pages cannot reach these.

use std::sync::Arc;

use ensconce_link::Status;
use tauri::State;

use crate::conductor::{Conduct, Order};
use crate::pages::Surroundings;

/// Gives the state of the app.
#[tauri::command]
pub(crate) fn status(conduct: State<'_, Conduct>) -> Status {
    conduct.status()
}

/// Starts again what has failed.
#[tauri::command]
pub(crate) fn retry(conduct: State<'_, Conduct>) {
    conduct.order(Order::Retry);
}

/// Shows the folder of the log files.
#[tauri::command]
pub(crate) fn open_logs(around: State<'_, Arc<Surroundings>>) -> Result<(), String> {
    let folder = around.logs.as_ref().ok_or("There are no logs yet")?;
    open::that_detached(folder).map_err(|error| error.to_string())
}

/// Stops everything, then quits.
#[tauri::command]
pub(crate) fn quit(conduct: State<'_, Conduct>) {
    conduct.order(Order::Close);
}

/// Tells that the page can be shown.
#[tauri::command]
pub(crate) fn painted(conduct: State<'_, Conduct>) {
    conduct.order(Order::Show);
}

/// Tells that the page is on the screen.
#[tauri::command]
pub(crate) fn shown(conduct: State<'_, Conduct>) {
    conduct.order(Order::Shown);
}
