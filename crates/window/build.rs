//! Lets Tauri generate its code, and says what is missing before it does.

use std::env;
use std::path::Path;

use tauri_build::{AppManifest, Attributes};

/// What Ensconce's own pages may ask for; each is allowed by name in `capabilities/`.
const COMMANDS: &[&str] =
    &["status", "retry", "open_logs", "quit", "painted", "shown", "send", "pick", "close_settings"];

fn main() {
    let pages = Path::new("../../pages/dist/index.html");
    assert!(
        pages.exists(),
        "Ensconce's own pages are not built. Run `scripts/setup`, or `npm ci && npm run build` in pages/"
    );
    println!("cargo:rerun-if-changed=../../pages/dist");
    leave_out_unwinding();
    let attributes = Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("Tauri's code cannot be generated: {error:#}");
    }
}

/// Keeps the tables for unwinding out of a release, which aborts on a panic.
fn leave_out_unwinding() {
    println!("cargo:rerun-if-changed=../shell/without-unwinding.ld");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_OS") == "linux" && variable("PROFILE") == "release" {
        let shell = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../shell");
        let script = shell.join("without-unwinding.ld");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-T,{}", script.display());
        println!("cargo:rustc-cdylib-link-arg=-Wl,--no-eh-frame-hdr");
    }
}
