//! rpm reads and installs.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use ensconce_installer::BundleKind;

use crate::world::{World, assert_same_app, run, tool};

fn install(rpm: &Path, root: &Path) {
    fs::create_dir_all(root.join("var/lib/rpm")).unwrap();
    let mut command = Command::new("rpm");
    command.arg("--root").arg(root).args(["--dbpath", "/var/lib/rpm", "-i", "--nodeps"]);
    // The folder has no shell for scriptlets; they are run below.
    command.args(["--noscripts", "--nosignature", "--ignorearch", "--ignoreos"]).arg(rpm);
    run(&mut command);
}

#[test]
fn rpm_reads_what_it_is_told() {
    let world = World::new();
    let built = world.write(BundleKind::Rpm);
    let info = tool("rpm -qpil --nosignature @", &built.path);
    for part in ["Name        : items", "Version     : 1.2.0~rc.1", "License     : MIT"] {
        assert!(info.contains(part), "{part}\n{info}");
    }
    assert!(info.contains("\n/usr/lib/items/app/näïve file – ü.txt\n"), "{info}");
    assert!(!info.contains("\n/usr/bin\n"), "the system's folders are the system's:\n{info}");
    let requires = tool("rpm -qp --requires --nosignature @", &built.path);
    assert!(requires.contains("pulseaudio-libs >= 15"), "{requires}");
    assert!(requires.contains("libc.so.6(GLIBC_2."), "{requires}");
    assert!(requires.contains("libc.so.6()(64bit)"), "{requires}");
    let owners =
        tool("rpm -qp --qf [%{FILEUSERNAME}:%{FILEGROUPNAME}\\n] --nosignature @", &built.path);
    assert!(owners.lines().all(|line| line == "root:root"), "{owners}");
}

#[test]
fn it_is_installed_and_its_scripts_end_running_copies() {
    let world = World::new();
    let built = world.write(BundleKind::Rpm);
    let root = world.path("root");
    install(&built.path, &root);
    assert_same_app(&world.package.folder, &root.join("usr/lib/items"));
    for (script, given, ends) in
        [("PREIN", "1", false), ("PREIN", "2", true), ("PREUN", "1", false), ("PREUN", "0", true)]
    {
        let text = tool(&format!("rpm -qp --nosignature --qf %{{{script}}} @"), &built.path);
        let mut running =
            Command::new(root.join("usr/lib/items/items")).arg("600").spawn().unwrap();
        run(Command::new("sh").env("DPKG_ROOT", &root).args(["-c", &text, "scriptlet", given]));
        if !ends {
            assert!(running.try_wait().unwrap().is_none(), "{script} {given}");
            running.kill().unwrap();
        }
        let signal = if ends { 15 } else { 9 };
        assert_eq!(running.wait().unwrap().signal(), Some(signal), "{script} {given}");
    }
}

#[test]
fn rpm2cpio_unpacks_it() {
    let world = World::new();
    let built = world.write(BundleKind::Rpm);
    let out = world.path("unpacked");
    fs::create_dir(&out).unwrap();
    // It fails when the payload is not as long as the header says.
    let line = "rpm2cpio \"$0\" > payload && cpio -idm --quiet < payload && rm payload";
    run(Command::new("sh").args(["-ec", line]).arg(&built.path).current_dir(&out));
    assert_same_app(&world.package.folder, &out.join("usr/lib/items"));
}
