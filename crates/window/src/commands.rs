//! What Ensconce's own pages may ask for. The app's pages cannot reach these.

use std::sync::Arc;

use ensconce_protocol::{AppRequest, AppStatus};
use serde_json::Value;
use tauri::{AppHandle, State};

use crate::dialog::{self, FileDialogKind, FileDialogRequest};
use crate::driver::EventSender;
use crate::model::{ClosingEvent, DisplayEvent, Event, SettingsEvent};
use crate::pages::AppContext;
use crate::program;
use crate::status::LatestStatus;

/// Returns the state of the app.
#[tauri::command]
pub(crate) fn status(latest: State<'_, LatestStatus>) -> AppStatus {
    latest.get()
}

/// Starts again what has failed.
#[tauri::command]
pub(crate) fn retry(events: State<'_, EventSender>) {
    events.send(Event::RetryRequested);
}

/// Shows the folder of the log files.
#[tauri::command]
pub(crate) fn open_logs(context: State<'_, Arc<AppContext>>) -> Result<(), String> {
    let folder = context.logs.as_ref().ok_or("There are no logs yet")?;
    open::that_detached(folder).map_err(|error| error.to_string())
}

/// Stops everything, then quits.
#[tauri::command]
pub(crate) fn quit(events: State<'_, EventSender>) {
    events.send(Event::Closing(ClosingEvent::QuitRequested));
}

/// Reports that the page has something to show.
#[tauri::command]
pub(crate) fn painted(events: State<'_, EventSender>) {
    events.send(Event::Display(DisplayEvent::OwnPagePainted));
}

/// Passes a request on to the app.
#[tauri::command]
pub(crate) async fn send(request: AppRequest) -> Result<Value, String> {
    program::ask(request).await.ok_or_else(|| "The app is ending".to_owned())
}

/// Lets the user choose a file or folder; returns its path, or nothing.
#[tauri::command]
pub(crate) async fn pick(
    app: AppHandle,
    kind: FileDialogKind,
    title: Option<String>,
    extensions: Option<Vec<String>>,
    suggested: Option<String>,
) -> Option<String> {
    let request =
        FileDialogRequest { kind, title, extensions: extensions.unwrap_or_default(), suggested };
    dialog::choose_file(&app, request).await
}

/// Goes back from set-up or settings to the app.
#[tauri::command]
pub(crate) fn close_settings(events: State<'_, EventSender>) {
    events.send(Event::Settings(SettingsEvent::Closed));
}

/// Reports that the page is on the screen.
#[tauri::command]
pub(crate) fn shown(events: State<'_, EventSender>) {
    events.send(Event::Display(DisplayEvent::OwnPageVisible));
}
