//! What the window's program is told; a small program takes its place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::world::{PAGES, World};

/// Shows its arguments, one to a line.
const SHELL: &str = "#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n";

#[test]
fn paths_that_look_like_options_stay_paths() {
    let world = World::new(PAGES);
    let manifest = fs::read(world.app().join("ensconce.toml")).unwrap();
    world.write("--settings.toml", manifest);
    world.write("programs/ensconce-shell", SHELL);
    let programs = world.app().join("programs");
    let shell = programs.join("ensconce-shell");
    fs::set_permissions(shell, fs::Permissions::from_mode(0o755)).unwrap();
    let plain = world.command("");
    fs::copy(plain.get_program(), programs.join("ensconce")).unwrap();
    let mut command = Command::new(programs.join("ensconce"));
    command.args(["run", "--data-dir=--dev", "--", "--settings.toml"]).current_dir(world.app());
    command.env_clear().env("HOME", world.app()).env("PATH", "/usr/bin:/bin").env("DISPLAY", ":0");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told, "<--manifest=--settings.toml>\n<--data-dir=--dev>\n", "{output:?}");
}
