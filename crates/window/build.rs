//! Lets Tauri generate its code, and says what is missing before it does.

use std::path::Path;

use tauri_build::{AppManifest, Attributes};

/// What Ensconce's own pages may ask for; each is allowed by name in `capabilities/`.
const COMMANDS: &[&str] = &[
    "status",
    "retry",
    "open_logs",
    "quit",
    "painted",
    "shown",
    "setup",
    "pick",
    "close_settings",
];

fn main() {
    let pages = Path::new("../../pages/dist/index.html");
    assert!(
        pages.exists(),
        "Ensconce's own pages are not built. Run `scripts/setup`, or `npm ci && npm run build` in pages/"
    );
    println!("cargo:rerun-if-changed=../../pages/dist");
    let attributes = Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("Tauri's code cannot be generated: {error:#}");
    }
}
