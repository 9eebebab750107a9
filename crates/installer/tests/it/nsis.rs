//! Installers by NSIS, as 7-Zip reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_installer::BundleKind;

use crate::world::{World, pe, run};

/// Unpacks an installer into a folder.
pub(crate) fn unpack(world: &World, installer: &Path) -> PathBuf {
    let into = world.path("unpacked");
    let to = format!("-o{}", into.display());
    run(Command::new("7zz").args(["x", "-y", "-bd", &to]).arg(installer));
    into
}

fn refused(change: impl FnOnce(&mut World), expected: &str) {
    let mut world = World::for_windows();
    change(&mut world);
    for kind in [BundleKind::Nsis, BundleKind::Msi] {
        let error = world.try_write(kind).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!world.path("out").exists(), "{kind:?}");
    }
}

#[test]
fn it_holds_the_app() {
    let world = World::for_windows();
    let built = world.write(BundleKind::Nsis);
    assert_eq!(built.path.file_name().unwrap(), "items-1.2.0-rc.1-x86_64-setup.exe");
    let unpacked = unpack(&world, &built.path);
    for file in ["items.exe", "ensconce-guard.exe", "app/main.py", "app/näïve file – ü.txt"] {
        let (one, other) = (world.ready(file), unpacked.join(file));
        assert!(fs::read(one).unwrap() == fs::read(other).unwrap(), "{file}");
    }
    // A link has become the file that it leads to.
    let python = fs::read_to_string(unpacked.join("runtime/python/bin/python3")).unwrap();
    assert_eq!(python, "#!/bin/sh\necho python\n");
    let icon = fs::read(unpacked.join("items.ico")).unwrap();
    assert_eq!(icon[..6], [0, 0, 1, 0, 7, 0], "an icon with seven sizes");
    assert!(fs::read_dir(world.path("scratch")).unwrap().next().is_none(), "nothing is left");
}

#[test]
fn names_that_windows_cannot_have() {
    let file =
        |name: &'static str| move |world: &mut World| fs::write(world.ready(name), "").unwrap();
    refused(file("app/a:b"), "Windows allows none of");
    refused(file("app/what?"), "Windows allows none of");
    refused(file("app/dot."), "at the end of a name");
    refused(file("app/Con.txt"), "for a device");
    refused(file("app/com1"), "for a device");
    refused(file("app/MAIN.py"), "differs from it only in case");
    refused(file("uninstall.exe"), "the uninstaller uses this name");
    refused(file("app/${x}"), "has a meaning in NSIS");
    refused(
        |world| fs::write(world.ready(&format!("app/{}", "n".repeat(200))), "").unwrap(),
        "too long for Windows",
    );
    refused(
        |world| std::os::unix::fs::symlink("python", world.ready("runtime/link")).unwrap(),
        "a link to a folder",
    );
    refused(|world| world.package.version = "1.2.70000".into(), "no number above 65535");
    refused(|world| world.package.title = "A ${B}".into(), "has a meaning in NSIS");
}

#[test]
fn names_that_nsis_could_take_for_something_else() {
    let mut world = World::for_windows();
    world.package.title = "Nötes \"& Co\" $5 笔记".into();
    world.package.icon = None;
    for name in ["app/[slug].js", "app/$lib.js", "app/it's `so`.txt", "app/; no comment #.txt"] {
        fs::write(world.ready(name), name).unwrap();
    }
    let unpacked = unpack(&world, &world.write(BundleKind::Nsis).path);
    for name in ["app/[slug].js", "app/$lib.js", "app/it's `so`.txt", "app/; no comment #.txt"] {
        assert_eq!(fs::read_to_string(unpacked.join(name)).unwrap(), name);
    }
    assert!(!unpacked.join("items.ico").exists());
}

#[test]
fn the_program_has_to_be_there() {
    let world = World::for_windows();
    fs::remove_file(world.ready("items.exe")).unwrap();
    let error = world.try_write(BundleKind::Nsis).unwrap_err().to_string();
    assert!(error.contains("items.exe"), "{error}");
}

#[test]
fn a_kind_is_for_one_system() {
    let error = World::new().try_write(BundleKind::Nsis).unwrap_err();
    assert_eq!(error.to_string(), "Nsis is for Windows, and the app was made for Linux");
    assert!(error.is_mistake());
}

#[test]
fn a_program_of_windows_is_one_to_other_tools() {
    let world = World::new();
    fs::write(world.path("program.exe"), pe("text")).unwrap();
    let seen = run(Command::new("7zz").arg("l").arg(world.path("program.exe")));
    assert!(seen.contains("Type = PE") && seen.contains("x64"), "{seen}");
}
