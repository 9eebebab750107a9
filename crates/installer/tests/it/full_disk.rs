//! A disk that is full leaves no half package.

use std::fs;
use std::process::Command;

use ensconce_installer::{BundleKind, PackageOptions};

use crate::world::{World, run};

/// Runs the test below with a small disk of its own, in a namespace that nobody else sees.
#[test]
fn a_full_disk_keeps_what_was_there() {
    let disk = tempfile::tempdir().unwrap();
    let line = "mount -t tmpfs -o size=2m tmpfs \"$0\" && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", line]).arg(disk.path());
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "full_disk::on_a_small_disk", "--ignored"]);
    let output = run(command.env("SMALL_DISK", disk.path()));
    assert!(output.contains("1 passed"), "{output}");
}

#[test]
#[ignore = "needs the small disk that the test above gives it"]
fn on_a_small_disk() {
    let disk = std::path::PathBuf::from(std::env::var_os("SMALL_DISK").unwrap());
    let world = World::new().with_runtime();
    let cache = world.path("cache");
    for kind in [BundleKind::Deb, BundleKind::Rpm, BundleKind::AppImage, BundleKind::Tar] {
        let name = world.write(kind).path.file_name().unwrap().to_owned();
        fs::write(disk.join(&name), "before").unwrap();
        let runtime = world.runtime.clone();
        let options = PackageOptions {
            cache: &cache,
            scratch: &cache,
            appimage_runtime: runtime,
            gpg: None,
            windows_signer: None,
            macos_signer: None,
            progress: &|_, _| (),
        };
        let error = ensconce_installer::write(kind, &world.package, &options, &disk).unwrap_err();
        let all = format!("{error} {:?}", error.hints());
        assert!(all.contains("No space left") || all.contains("Make room"), "{all}");
        assert_eq!(fs::read(disk.join(&name)).unwrap(), b"before", "{kind:?}");
        fs::remove_file(disk.join(&name)).unwrap();
        assert_eq!(fs::read_dir(&disk).unwrap().count(), 0, "{kind:?}");
    }
}
