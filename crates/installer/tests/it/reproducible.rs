//! The same app gives the same bytes, wherever and whenever it is packed.

use std::fs;
use std::process::Command;

use ensconce_installer::Kind;

use crate::world::{World, run};

fn two_worlds_agree(kind: Kind) {
    let one = World::new().with_runtime();
    let mut other = World::new().with_runtime();
    // Copied without hard links, with other times, modes and order of names.
    let copy = other.path("copy");
    fs::create_dir(&copy).unwrap();
    let line = "ls -r \"$0\" | while read -r name; do cp -r --no-preserve=mode,links,timestamps \
                \"$0/$name\" .; done; chmod 700 items ensconce-guard app/tool.sh \
                app/same-tool.sh runtime/python/bin/python3.12";
    let mut command = Command::new("sh");
    run(command.args(["-c", line]).arg(&one.package.folder).current_dir(&copy));
    other.package.folder = copy;
    assert_eq!(one.write(kind).sha256, other.write(kind).sha256);
    // Again, now from the cache.
    assert_eq!(one.write(kind).sha256, other.write(kind).sha256);
}

#[test]
fn deb() {
    two_worlds_agree(Kind::Deb);
}

#[test]
fn rpm() {
    two_worlds_agree(Kind::Rpm);
}

#[test]
fn appimage() {
    two_worlds_agree(Kind::AppImage);
}

#[test]
fn tar() {
    two_worlds_agree(Kind::Tar);
}
