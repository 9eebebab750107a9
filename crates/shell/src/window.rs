//! Describes the app to its window, and runs it.

use std::path::Path;

use ensconce_app::App;
use ensconce_link::{Ends, LibraryError, WindowLibrary};
use ensconce_protocol::{AppStatus, Appearance, Entry, Opening};

/// Returns what the window needs before it opens.
pub(crate) fn opening(app: Option<&App>, status: AppStatus) -> Opening {
    let described = app.and_then(|app| Some(appearance(app, app.entry().ok()?)));
    Opening { status, app: described }
}

fn appearance(app: &App, entry: Entry) -> Appearance {
    let (plan, own) = (app.plan(), app.own_folder());
    let hosts = plan.routes.iter().filter_map(|route| route.host.as_ref());
    let window = &plan.window;
    Appearance {
        id: plan.app.id.clone(),
        name: plan.app.name.clone(),
        version: plan.app.version.clone(),
        icon: plan.app.icon.clone(),
        title: window.title.clone(),
        width: window.width,
        height: window.height,
        min_width: window.min_width,
        min_height: window.min_height,
        resizable: window.resizable,
        maximized: window.maximized,
        fullscreen: window.fullscreen,
        entry,
        origins: hosts.map(|host| format!("http://{host}")).collect(),
        allow: plan.ui.allow.clone(),
        profile: own.webview_profile(),
        memory: own.window_memory(),
        logs: plan.folders.logs.clone(),
        has_settings: plan.has_settings(),
    }
}

/// Runs the window on this thread, the program's first, until it is closed; returns its exit code.
pub(crate) fn run(folder: &Path, ends: Ends) -> Result<i32, LibraryError> {
    WindowLibrary::load(folder)?.run(ends)
}
