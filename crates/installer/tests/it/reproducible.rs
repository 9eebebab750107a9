//! The same app gives the same bytes, wherever and whenever it is packed.

use std::fs;
use std::process::Command;

use ensconce_installer::BundleKind;

use crate::world::{World, run};

fn two_worlds_agree(kind: BundleKind) {
    two_agree(kind, || World::new().with_runtime(), "items ensconce-guard");
}

fn two_agree(kind: BundleKind, world: impl Fn() -> World, programs: &str) {
    let one = world();
    let mut other = world();
    // Copied without hard links, with other times, modes and order of names.
    let copy = other.path("copy");
    fs::create_dir(&copy).unwrap();
    let line = format!(
        "ls -r \"$0\" | while read -r name; do cp -r --no-preserve=mode,links,timestamps \
         \"$0/$name\" .; done; chmod 700 {programs} app/tool.sh app/same-tool.sh \
         runtime/python/bin/python3.12"
    );
    let mut command = Command::new("sh");
    run(command.args(["-c", &line]).arg(&one.package.folder).current_dir(&copy));
    other.package.folder = copy;
    assert_eq!(one.write(kind).sha256, other.write(kind).sha256);
    // Again, now from the cache.
    assert_eq!(one.write(kind).sha256, other.write(kind).sha256);
}

#[test]
fn deb() {
    two_worlds_agree(BundleKind::Deb);
}

#[test]
fn rpm() {
    two_worlds_agree(BundleKind::Rpm);
}

#[test]
fn appimage() {
    two_worlds_agree(BundleKind::AppImage);
}

#[test]
fn tar() {
    two_worlds_agree(BundleKind::Tar);
}

#[test]
fn nsis() {
    two_agree(BundleKind::Nsis, World::for_windows, "items.exe");
}

#[test]
fn msi() {
    two_agree(BundleKind::Msi, World::for_windows, "items.exe");
}

#[test]
fn app() {
    two_agree(BundleKind::App, World::for_macos, "items ensconce-guard");
}

#[test]
fn dmg() {
    two_agree(BundleKind::Dmg, World::for_macos, "items ensconce-guard");
}
