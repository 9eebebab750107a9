//! Lets the user choose a file or folder in a dialog of the system.

use serde::Deserialize;
use tauri::AppHandle;
use tokio::sync::oneshot;

use crate::platform;

/// What is chosen in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileDialogKind {
    /// A file that exists.
    File,
    /// A folder.
    Folder,
    /// Where a file is to be written.
    Save,
}

/// What a dialog for files is like.
#[derive(Debug)]
pub(crate) struct FileDialogRequest {
    pub(crate) kind: FileDialogKind,
    pub(crate) title: Option<String>,
    /// Extensions of files, without the dot; all when empty.
    pub(crate) extensions: Vec<String>,
    /// The name that a new file gets.
    pub(crate) suggested: Option<String>,
}

/// Shows the dialog; returns what was chosen, or nothing when it was left.
pub(crate) async fn choose_file(handle: &AppHandle, request: FileDialogRequest) -> Option<String> {
    let (chosen, choice) = oneshot::channel();
    let on_main = handle.clone();
    handle
        .run_on_main_thread(move || platform::show_file_dialog(&on_main, request, chosen))
        .ok()?;
    choice.await.ok().flatten()
}
