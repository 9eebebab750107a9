//! dpkg reads, installs, upgrades, removes and purges.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use ensconce_installer::BundleKind;

use crate::world::{World, assert_same_app, program, run, tool};

/// A system in a folder, with dpkg's own files, and `getent` and `runuser` that know its users.
struct Root {
    folder: PathBuf,
    programs: PathBuf,
}

impl Root {
    fn new(world: &World) -> Self {
        let root = Self { folder: world.path("root"), programs: world.path("programs") };
        for part in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers", "tmp"] {
            fs::create_dir_all(root.folder.join(part)).unwrap();
        }
        fs::write(root.folder.join("var/lib/dpkg/status"), "").unwrap();
        let users = "ann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n\
                     gone:x:1002:1002::/home/gone:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
        program(
            &root.programs.join("getent"),
            &format!("#!/bin/sh\n[ \"$1\" = passwd ] && printf '%s' '{users}'\n"),
        );
        let calls = root.programs.join("calls");
        program(
            &root.programs.join("runuser"),
            &format!("#!/bin/sh\necho \"$2\" >> '{}'\nshift 3\nexec \"$@\"\n", calls.display()),
        );
        root
    }

    fn dpkg(&self, words: &[&str]) -> String {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("dpkg");
        command.env("PATH", format!("{}:{path}:/usr/sbin:/sbin", self.programs.display()));
        command.arg(format!("--root={}", self.folder.display()));
        command.args(["--force-script-chrootless", "--force-depends", "--force-not-root"]);
        run(command.args(words))
    }

    fn start(&self, words: &[&str]) -> Child {
        Command::new(self.folder.join("usr/lib/items/items")).args(words).spawn().unwrap()
    }

    fn user_data(&self, user: &str) -> PathBuf {
        self.folder.join("home").join(user).join(".local/share/com.example.items")
    }

    fn runuser_calls(&self) -> String {
        fs::read_to_string(self.programs.join("calls")).unwrap_or_default()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn dpkg_reads_what_it_is_told() {
    let world = World::new();
    let built = world.write(BundleKind::Deb);
    let name = built.path.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("items_1.2.0~rc.1_"), "{name}");
    let field = |name: &str| {
        let mut command = Command::new("dpkg-deb");
        run(command.args(["-f", text(&built.path), name])).trim().to_owned()
    };
    assert_eq!(field("Package"), "items");
    assert_eq!(field("Version"), "1.2.0~rc.1");
    assert_eq!(field("Maintainer"), "Example <mail@example.com>");
    assert!(field("Depends").contains("libpulse0"), "{}", field("Depends"));
    assert!(field("Depends").contains("libc6 (>= 2."), "{}", field("Depends"));
    // Everything together has over 5 MiB.
    assert!(field("Installed-Size").parse::<u64>().unwrap() > 5 << 10);
    let contents = tool("dpkg-deb --contents @", &built.path);
    assert!(contents.contains("usr/bin/items -> ../lib/items/items"), "{contents}");
    assert!(contents.contains("usr/lib/items/runtime/python/lib/large.bin"), "{contents}");
    assert!(contents.lines().all(|line| line.contains("root/root")), "{contents}");
    assert!(contents.contains("icons/hicolor/256x256/apps/com.example.items.png"), "{contents}");
    // The picture has 400 pixels: larger icons would only be blurred.
    assert!(!contents.contains("512x512"), "{contents}");
}

#[test]
fn it_is_installed_upgraded_removed_and_purged() {
    let mut world = World::new();
    let root = Root::new(&world);
    let first = world.write(BundleKind::Deb);
    root.dpkg(&["-i", text(&first.path)]);
    assert_same_app(&world.package.folder, &root.folder.join("usr/lib/items"));
    assert_eq!(root.dpkg(&["--verify", "items"]), "");
    run(Command::new(root.folder.join("usr/bin/items")).arg("0"));

    let mut running = root.start(&["600"]);
    let mut other = Command::new("/bin/sleep").arg("600").spawn().unwrap();
    world.package.version = "1.2.0".into();
    let second = world.write(BundleKind::Deb);
    root.dpkg(&["-i", text(&second.path)]);
    assert_eq!(running.wait().unwrap().signal(), Some(15), "an upgrade ends running copies");

    for user in ["ann", "bob"] {
        fs::create_dir_all(root.user_data(user).parent().unwrap()).unwrap();
    }
    fs::create_dir_all(root.user_data("ann").join("data")).unwrap();
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, root.user_data("bob")).unwrap();
    fs::write(elsewhere.join("precious"), "").unwrap();

    let mut running = root.start(&["600"]);
    root.dpkg(&["-r", "items"]);
    assert_eq!(running.wait().unwrap().signal(), Some(15), "a removal ends running copies");
    assert!(!root.folder.join("usr/lib/items").exists());
    assert!(root.user_data("ann").join("data").exists(), "a removal keeps data");
    assert_eq!(root.runuser_calls(), "");

    root.dpkg(&["-P", "items"]);
    assert!(!root.user_data("ann").exists(), "a purge removes data");
    assert!(root.user_data("bob").symlink_metadata().is_err(), "the link is gone");
    assert!(elsewhere.join("precious").exists(), "what it leads to is not");
    assert_eq!(root.runuser_calls(), "ann\nbob\n", "each user's data are removed as that user");

    assert!(other.try_wait().unwrap().is_none(), "the same program elsewhere is let alone");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn a_copy_that_does_not_listen_is_killed() {
    let world = World::new();
    fs::copy("/bin/sh", world.ready("items")).unwrap();
    let root = Root::new(&world);
    root.dpkg(&["-i", text(&world.write(BundleKind::Deb).path)]);
    let deaf = "trap '' TERM; echo ready; read -r line";
    let mut running = Command::new(root.folder.join("usr/lib/items/items"))
        .args(["-c", deaf])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Held open, so that it waits for a line that never comes.
    let stdin = running.stdin.take();
    let mut line = String::new();
    let output = running.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    root.dpkg(&["-r", "items"]);
    drop(stdin);
    assert_eq!(running.wait().unwrap().signal(), Some(9));
}
