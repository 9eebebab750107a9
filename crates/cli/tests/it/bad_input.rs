//! Manifests that are none, and folders that cannot be used.

use insta::assert_snapshot;

use crate::world::{PAGES, WEB, World};

#[test]
fn no_manifest() {
    let world = World::empty();
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Cannot read the manifest ensconce.toml: No such file or directory (os error 2)
    hint: Go to the app's folder, or pass the path: ensconce run path/to/ensconce.toml
    ");
    assert_snapshot!(world.run("check .."), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Cannot read the manifest ../ensconce.toml: No such file or directory (os error 2)
    hint: Go to the app's folder, or pass the path: ensconce run path/to/ensconce.toml
    ");
    assert_snapshot!(world.run("dev --headless other.toml"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Cannot read the manifest other.toml: No such file or directory (os error 2)
    hint: Go to the app's folder, or pass the path: ensconce run path/to/ensconce.toml
    ");
}

#[test]
fn no_manifest_as_an_event() {
    assert_snapshot!(World::empty().run("run --headless --json"), @r#"
    exit code: 2
    ----- stdout -----
    {"event":"failed","service":null,"title":"The app could not start","message":"Cannot read the manifest ensconce.toml: No such file or directory (os error 2).","details":"The app: Cannot read the manifest ensconce.toml: No such file or directory (os error 2)\nGo to the app's folder, or pass the path: ensconce run path/to/ensconce.toml","output":[],"log":null}

    ----- stderr -----
    error: Cannot read the manifest ensconce.toml: No such file or directory (os error 2)
    hint: Go to the app's folder, or pass the path: ensconce run path/to/ensconce.toml
    "#);
}

#[test]
fn mistakes_as_an_event() {
    assert_snapshot!(World::new("[ui]\n").run("run --headless --json"), @r#"
    exit code: 2
    ----- stdout -----
    {"event":"failed","service":null,"title":"The app could not start","message":"Its manifest has mistakes.","details":"The app: ensconce.toml:5:1: `ui` does not say where the pages come from\n  hint: Write `static = \"dist\"`, `service = \"NAME\"` or `url = \"https://…\"`\n","output":[],"log":null}

    ----- stderr -----
    error: `ui` does not say where the pages come from
     --> ensconce.toml:5:1
      |
    5 | [ui]
      | ^^^^
      |
      = hint: Write `static = "dist"`, `service = "NAME"` or `url = "https://…"`
    "#);
}

#[test]
fn an_empty_manifest() {
    let world = World::empty();
    world.write("ensconce.toml", "");
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The manifest is empty
    --> ensconce.toml:1:1
     = hint: Begin with `[app]`; docs/manifest.md has the smallest one
    ");
}

#[test]
fn a_huge_manifest() {
    let world = World::empty();
    world.write("ensconce.toml", "# long\n".repeat(300_000));
    assert_snapshot!(world.run("check"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The manifest is too large: 2097152 bytes, at most 1048576
    --> ensconce.toml:1:1
    ");
}

#[test]
#[cfg(target_os = "linux")]
fn an_endless_manifest() {
    assert_snapshot!(World::empty().run("check /dev/zero"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The manifest is too large: 2097152 bytes, at most 1048576
    --> /dev/zero:1:1
    ");
}

#[test]
fn a_binary_manifest() {
    let world = World::empty();
    world.write("ensconce.toml", [0x7f, b'E', b'L', b'F', 0, 0xff, 0xfe, b'\n', 0]);
    assert_snapshot!(world.run("check"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The manifest is not text: it contains NUL bytes
    --> ensconce.toml:1:1
     = hint: Save it as UTF-8, not as UTF-16
    ");
}

#[test]
fn a_data_folder_that_cannot_be_made() {
    let world = World::new(WEB);
    world.write("file", "");
    assert_snapshot!(world.run("run --headless --data-dir file/below"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/app/file/below/data cannot be used: Not a directory (os error 20)
    hint: Check its permissions, or choose another folder with --data-dir
    ");
    world.assert_clean();
}

#[test]
fn no_place_for_sockets() {
    let world = World::new(WEB);
    let mut command = world.command("run --headless");
    // Too long for a socket's path; what is short enough is tried next.
    command.env("TMPDIR", world.app().join("x".repeat(60)));
    let running = crate::running::Running::start(command);
    running.line();
    assert_eq!(running.stop().code, Some(0));
}

#[test]
fn no_home() {
    let world = World::new(PAGES);
    let mut command = world.command("plan --data-dir here");
    command.env_remove("HOME");
    assert!(world.run_command(command).starts_with("exit code: 0"));
}

#[test]
fn pages_that_are_not_built() {
    let world = World::new("[ui]\nstatic = \"dist\"\n");
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The folder of the pages, [ROOT]/app/dist, does not exist
    hint: Build the pages first, or correct `static` in [ui]
    ");
}

#[test]
fn a_missing_program() {
    let world = World::new("[ui]\nstatic = \"pages\"\n[service.api]\ncommand = [\"uvicornn\"]\n");
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    api        * failed
    error: Notes: `api` cannot be started: the program `uvicornn` was not found
    after [TIME]
    hint: Install `uvicornn`, or give its path in `command`
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt
    ");
    world.assert_clean();
}
