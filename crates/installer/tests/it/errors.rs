//! Bad input gets a clear error before anything is made, and what was there stays.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use ensconce_installer::{BundleKind, Package};

use crate::world::{World, picture, run};

fn refused(change: impl FnOnce(&mut World), expected: &str) {
    let mut world = World::new();
    change(&mut world);
    for kind in [BundleKind::Deb, BundleKind::Rpm, BundleKind::Tar] {
        let error = world.try_write(kind).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!world.path("out").exists(), "{kind:?}");
    }
}

fn refused_package(change: impl FnOnce(&mut Package), expected: &str) {
    refused(|world| change(&mut world.package), expected);
}

#[test]
fn what_a_package_cannot_be_told() {
    refused_package(|package| package.name = "My App".into(), "package name `My App`");
    refused_package(|package| package.version = "one".into(), "not a semantic version");
    refused_package(|package| package.id = "../..".into(), "The id `../..`");
    refused_package(|package| package.title = "a\nDepends: b".into(), "it must be one line");
    refused_package(|package| package.schemes = vec!["a;b".into()], "The scheme `a;b`");
    refused_package(|package| package.file_types[0].mime = "csv".into(), "MIME type `csv`");
    refused_package(|package| package.categories = vec!["A;B".into()], "The category `A;B`");
}

#[test]
fn processors_that_have_no_name() {
    let mut world = World::new();
    world.package.arch = "z80".into();
    let error = world.try_write(BundleKind::Deb).unwrap_err().to_string();
    assert!(error.contains("processor `z80`"), "{error}");
}

#[test]
fn icons() {
    let small = |world: &mut World| picture(64, 64, world.package.icon.as_ref().unwrap());
    refused(small, "too small: it has 64 × 64");
    let oblong = |world: &mut World| picture(256, 200, world.package.icon.as_ref().unwrap());
    refused(oblong, "not square: it has 256 × 200");
    let text = |world: &mut World| fs::write(world.package.icon.as_ref().unwrap(), "x").unwrap();
    refused(text, "is not a PNG");
    let cut = |world: &mut World| {
        fs::write(world.package.icon.as_ref().unwrap(), b"\x89PNG\r\n\x1a\n123").unwrap();
    };
    refused(cut, "cannot be read");
    let missing =
        |world: &mut World| fs::remove_file(world.package.icon.as_ref().unwrap()).unwrap();
    refused(missing, "Cannot read");
}

#[test]
fn files_that_cannot_be_packed() {
    let link =
        |to: &'static str| move |world: &mut World| symlink(to, world.ready("app/link")).unwrap();
    refused(link("/etc/passwd"), "a link to an absolute path");
    refused(link("../../outside"), "a link that leaves the folder");
    refused(|world| fs::write(world.ready("app/line\nbreak"), "").unwrap(), "a control character");
    refused(
        |world| {
            let name = std::ffi::OsStr::from_bytes(b"app/latin-\xfc");
            fs::write(world.package.folder.join(name), "").unwrap();
        },
        "not UTF-8",
    );
    refused(
        |world| drop(run(Command::new("mkfifo").arg(world.ready("app/pipe")))),
        "not a file, folder or link",
    );
    refused(|world| fs::remove_file(world.ready("items")).unwrap(), "Cannot read");
}

#[test]
fn what_was_built_before_is_kept() {
    let world = World::new();
    let built = world.write(BundleKind::Deb);
    fs::write(world.ready("app/line\nbreak"), "").unwrap();
    world.try_write(BundleKind::Deb).unwrap_err();
    assert_eq!(fs::metadata(&built.path).unwrap().len(), built.bytes);
    assert_eq!(fs::read_dir(world.path("out")).unwrap().count(), 1);
}
