//! Adds an icon, a version and today's controls to the program on Windows; makes it small on Linux.

use std::env;
use std::path::Path;

fn main() {
    leave_out_unwinding();
    give_resources();
}

/// Keeps the tables for unwinding out of a release, which aborts on a panic.
fn leave_out_unwinding() {
    println!("cargo:rerun-if-changed=without-unwinding.ld");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_OS") == "linux" && variable("PROFILE") == "release" {
        let script = Path::new(&variable("CARGO_MANIFEST_DIR")).join("without-unwinding.ld");
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
        println!("cargo:rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
    }
}

fn give_resources() {
    println!("cargo:rerun-if-changed=windows.manifest");
    println!("cargo:rerun-if-changed=../window/icons/icon.ico");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows") {
        let mut resource = tauri_winres::WindowsResource::new();
        resource.set_manifest(include_str!("windows.manifest"));
        resource.set_icon("../window/icons/icon.ico");
        if let Err(error) = resource.compile() {
            panic!("The program's resources cannot be compiled: {error}");
        }
    }
}
