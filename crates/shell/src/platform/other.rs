//! Windows and macOS: the window reaches the app at the gateway's remembered loopback address,
//! with a session cookie, because Tauri cannot give their webviews a proxy's credentials.

use ensconce_app::Door;

/// The webview reaches the app as a browser does.
pub(crate) const DOOR: Door = Door::Browser;

/// Nothing has to be changed here.
pub(crate) fn prepare_environment() {}
