//! What Ensconce's own pages may ask for. The app's pages cannot reach these.

use std::sync::Arc;

use ensconce_link::Status;
use serde_json::Value;
use tauri::{AppHandle, State};

use crate::conductor::{Conduct, Order};
use crate::dialog::{self, Picked, Wanted};
use crate::pages::Surroundings;
use crate::program;

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

/// Does what a page of set-up and settings wants; request and answer are the app's business.
#[tauri::command]
pub(crate) async fn setup(request: Value) -> Result<Value, String> {
    program::ask(request).await.ok_or_else(|| "The app is ending".to_owned())
}

/// Lets the user choose a file or folder; gives its path, or nothing.
#[tauri::command]
pub(crate) async fn pick(
    app: AppHandle,
    kind: Picked,
    title: Option<String>,
    extensions: Option<Vec<String>>,
    suggested: Option<String>,
) -> Option<String> {
    let wanted = Wanted { kind, title, extensions: extensions.unwrap_or_default(), suggested };
    dialog::pick(&app, wanted).await
}

/// Goes back from set-up or settings to the app.
#[tauri::command]
pub(crate) fn close_settings(conduct: State<'_, Conduct>) {
    conduct.order(Order::CloseSettings);
}

/// Tells that the page is on the screen.
#[tauri::command]
pub(crate) fn shown(conduct: State<'_, Conduct>) {
    conduct.order(Order::Shown);
}
