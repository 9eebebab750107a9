//! Describes the app to its window, and runs it.

use std::path::Path;

use ensconce_app::{App, Plan, Status};
use ensconce_link::{Appearance, Ends, LibraryError, Opening, WindowLibrary};

/// What the window is told before it opens.
pub(crate) fn opening(app: Option<&App>, status: Status) -> Opening {
    let described = app.and_then(|app| app.entry().ok().map(|entry| (app.plan(), entry)));
    Opening { status, app: described.map(|(plan, entry)| appearance(plan, entry)) }
}

fn appearance(plan: &Plan, entry: ensconce_app::Entry) -> Appearance {
    let own = plan.folders.data.join(".ensconce");
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
        profile: own.join("webview"),
        memory: own.join("window.json"),
        logs: plan.folders.logs.clone(),
        has_settings: plan.has_settings(),
    }
}

/// Runs the window on this thread, the program's first, until it is closed; gives its exit code.
pub(crate) fn run(folder: &Path, ends: Ends) -> Result<i32, LibraryError> {
    WindowLibrary::load(folder)?.run(ends)
}
