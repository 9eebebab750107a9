//! Windows and macOS: the window reaches the app at the gateway's remembered loopback address,
//! with a session cookie, because Tauri cannot give their webviews a proxy's credentials.

use std::sync::Arc;

use tauri::webview::WebviewBuilder;
use tauri::{AppHandle, LogicalPosition, Webview, WebviewWindow, Window, Wry};
use tokio::sync::oneshot;
use url::Url;

use crate::dialog::{FileDialogKind, FileDialogRequest};
use crate::links::LinkRules;
use crate::pages::AppContext;

/// Nothing has to be answered here.
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(crate) fn prepare_webview(_: &WebviewWindow, _: &Arc<AppContext>) -> tauri::Result<()> {
    Ok(())
}

/// Webviews lie over each other by themselves.
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(crate) fn make_room(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Adds a webview over a window's page.
pub(crate) fn lay_over(
    window: &Window,
    _: &Webview,
    builder: WebviewBuilder<Wry>,
) -> tauri::Result<()> {
    let size = window.inner_size()?;
    window.add_child(builder.auto_resize(), LogicalPosition::new(0, 0), size).map(drop)
}

/// Shows a dialog; reports what was chosen.
pub(crate) fn show_file_dialog(
    _: &AppHandle,
    request: FileDialogRequest,
    chosen: oneshot::Sender<Option<String>>,
) {
    let mut dialog = rfd::AsyncFileDialog::new();
    if let Some(title) = &request.title {
        dialog = dialog.set_title(title);
    }
    if let Some(name) = &request.suggested {
        dialog = dialog.set_file_name(name);
    }
    if !request.extensions.is_empty() {
        dialog = dialog.add_filter("", &request.extensions);
    }
    tauri::async_runtime::spawn(async move {
        let file = match request.kind {
            FileDialogKind::File => dialog.pick_file().await,
            FileDialogKind::Folder => dialog.pick_folder().await,
            FileDialogKind::Save => dialog.save_file().await,
        };
        let _ = chosen.send(file.map(|file| file.path().display().to_string()));
    });
}

/// Lets a page that is no longer covered have the keyboard.
pub(crate) fn give_focus(page: &Webview) -> tauri::Result<()> {
    page.set_focus()
}

/// Checks whether a navigation leaves for the browser or another program.
pub(crate) fn navigation_leaves(links: &LinkRules, url: &Url) -> bool {
    links.is_foreign(url)
}
