//! Windows and macOS: the window reaches the app at the gateway's remembered loopback address,
//! with a session cookie, because Tauri cannot give their webviews a proxy's credentials.

use ensconce_app::{Door, Entry};
use tauri::WebviewWindow;

/// The webview reaches the app as a browser does.
pub(crate) const DOOR: Door = Door::Browser;

/// Nothing has to be changed here.
pub(crate) fn prepare_environment() {}

/// Nothing has to be answered here.
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(crate) fn prepare_webview(_: &WebviewWindow, _: Option<&Entry>) -> tauri::Result<()> {
    Ok(())
}

/// These webviews ask about pages only, not about frames that a page brings along by itself.
pub(crate) fn was_user_input() -> bool {
    true
}

/// What ends the app in order, besides its window.
pub(crate) struct Signals;

impl Signals {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
