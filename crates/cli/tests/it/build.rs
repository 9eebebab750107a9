//! `ensconce build`: what the packages hold, and what keeps them from being made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use rustix::process::Signal;

use crate::running::Running;
use crate::world::{PAGES, World, eventually};

/// A static page and a program of the app's own.
const APP: &str = r#"[ui]
static = "pages"

[[route]]
path = "/api"
service = "api"

[service.api]
command = ["api", "stay"]
listen = "none"

[build]
name = "notes"

[build.program.api]
path = "bin/api"
"#;

/// A build with a cache that the tests share, so that the shell is compressed once.
fn build(world: &World, arguments: &str) -> Command {
    let mut command = world.command(&format!("build {arguments}"));
    command.env("ENSCONCE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-cache"));
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

fn app() -> World {
    let world = World::new(&APP.replace("[[route]]\npath = \"/api\"\nservice = \"api\"\n", ""));
    let program = Path::new(env!("CARGO_BIN_EXE_ensconce")).with_file_name("ensconce-guard");
    world.write("bin/api", fs::read(program).unwrap());
    world
}

fn ok(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Unpacks a tarball with the system's own tools.
fn unpack(archive: &Path, into: &Path) -> PathBuf {
    fs::create_dir_all(into).unwrap();
    ok({
        let mut tar = Command::new("tar");
        tar.arg("--zstd").arg("-xf").arg(archive).arg("-C").arg(into);
        tar
    });
    into.join("notes-1.0.0")
}

fn release(world: &World, name: &str) -> PathBuf {
    world.app().join("release").join(name)
}

const TAR: &str = "notes-1.0.0-linux-x86_64.tar.zst";

#[test]
#[cfg(target_arch = "x86_64")]
fn the_tarball_holds_what_the_app_is_made_of() {
    let world = app();
    world.write("pages/.env", "SECRET=1");
    world.write(".env", "SECRET=1");
    for _ in ["into a new folder", "beside the package of before"] {
        ok(build(&world, "--bundles tar"));
    }
    let folder = unpack(&release(&world, TAR), &world.app().join("unpacked"));
    for file in ["notes", "ensconce-guard", "app/ensconce.toml", "app/pages/index.html"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    for file in ["app/.env", "app/pages/.env", "app/release"] {
        assert!(!folder.join(file).exists(), "{file}");
    }
    let programs = fs::read_to_string(folder.join("runtime/programs.json")).unwrap();
    let programs: serde_json::Value = serde_json::from_str(&programs).unwrap();
    let api = folder.join("runtime").join(programs["programs"]["api"].as_str().unwrap());
    assert!(Command::new(api).arg("--version").output().is_ok());
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_sums_are_right() {
    let world = app();
    ok(build(&world, "--bundles tar,deb"));
    let sums = fs::read_to_string(release(&world, "SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 3, "two packages and the list of what is inside:\n{sums}");
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "SHA256SUMS"]).current_dir(world.app().join("release"));
    ok(check);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_same_input_gives_the_same_bytes() {
    let sums = [(), ()].map(|()| {
        let world = app();
        ok(build(&world, "--bundles tar,deb,rpm --out out"));
        fs::read_to_string(world.app().join("out/SHA256SUMS")).unwrap()
    });
    assert_eq!(sums[0], sums[1]);
}

#[test]
fn a_step_runs_only_when_something_has_changed() {
    let world = app();
    let steps = "\n[[build.step]]\ncommand = ['sh', '-c', 'echo made >> log; cp in.txt pages/out.txt']\n\
                 inputs = ['in.txt']\noutput = 'pages'\n";
    world.manifest(&format!(
        "{}{steps}",
        APP.replace("[[route]]\npath = \"/api\"\nservice = \"api\"\n", "")
    ));
    let made = || fs::read_to_string(world.app().join("log")).unwrap().lines().count();
    world.write("in.txt", "one");
    ok(build(&world, "--bundles tar"));
    ok(build(&world, "--bundles tar"));
    assert_eq!(made(), 1);
    world.write("in.txt", "two");
    ok(build(&world, "--bundles tar"));
    assert_eq!(made(), 2);
}

#[test]
fn what_is_missing_is_named() {
    let world = World::new(&format!("{PAGES}[build]\ninclude = ['server', 'notes.txt']\n"));
    assert_snapshot!(world.run_command(build(&world, "--bundles tar")), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `build.include`: There is no `server`
    hint: It is relative to the manifest. If a command makes it, add a `[[build.step]]` with that command
    "#);
}

#[test]
fn a_step_that_fails_shows_its_last_lines() {
    let step = "[[build.step]]\ncommand = ['sh', '-c', 'echo no such thing >&2; exit 3']\n";
    let world = World::new(&format!("{PAGES}{step}"));
    assert_snapshot!(world.run_command(build(&world, "--bundles tar")), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
      no such thing
    error: `sh -c echo no such thing >&2; exit 3` failed (exit code 3):
      | no such thing
    hint: It ran in [ROOT]/app/.
    "#);
}

#[test]
fn a_step_that_makes_nothing_is_told() {
    let step = "[[build.step]]\ncommand = ['true']\noutput = 'web/dist'\n";
    let world = World::new(&format!("{PAGES}{step}"));
    assert_snapshot!(world.run_command(build(&world, "--bundles tar")), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `build.step[0].output`: `true` succeeded, but there is no `web/dist`
    hint: Name the file or folder that it makes, relative to the manifest
    "#);
}

#[test]
fn a_name_that_is_no_package_is_told_before_anything_is_made() {
    let world = World::empty();
    world.write(
        "ensconce.toml",
        "[app]\nid = 'com.example.notes'\nname = '笔记'\nversion = '1.0.0'\n[ui]\nstatic = 'pages'\n",
    );
    assert_snapshot!(world.run_command(build(&world, "--bundles deb")), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The package name `` cannot be in a package: it must have 2 to 64 characters
    hint: Choose another with `name` in `[build]`, such as `items`
    ");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn bundles_are_listed_or_named_one_after_the_other() {
    let world = app();
    ok(build(&world, "--bundles tar --bundles deb,tar"));
    let sums = fs::read_to_string(release(&world, "SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 3, "two packages and the list of what is inside:\n{sums}");
    for end in [".tar.zst", ".deb"] {
        assert!(sums.lines().any(|line| line.ends_with(end)), "{sums}");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_manifest_lists_bundles() {
    let world = World::new(&format!("{PAGES}[build]\nname = 'notes'\nbundles = ['msi', 'tar']\n"));
    ok(build(&world, ""));
    let sums = fs::read_to_string(release(&world, "SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 2, "the one for this system:\n{sums}");
    assert!(release(&world, TAR).exists());
}

#[test]
fn what_is_no_bundle_is_told_with_what_was_meant() {
    let world = World::new(PAGES);
    assert_snapshot!(world.run_command(build(&world, "--bundles exe")), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: invalid value 'exe' for '--bundles <KIND>'
      [possible values: deb, rpm, appimage, tar, nsis, msi, app, dmg]

    For more information, try '--help'.
    ");
    assert_snapshot!(world.run_command(build(&world, "--bundles tar,AppImge")), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: invalid value 'AppImge' for '--bundles <KIND>'
      [possible values: deb, rpm, appimage, tar, nsis, msi, app, dmg]

      tip: a similar value exists: 'appimage'

    For more information, try '--help'.
    ");
    assert_snapshot!(world.run_command(build(&world, "--bundles tar,")), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: a value is required for '--bundles <KIND>' but none was supplied
      [possible values: deb, rpm, appimage, tar, nsis, msi, app, dmg]

    For more information, try '--help'.
    ");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn what_is_no_target_is_told_with_what_was_meant() {
    let world = World::new(PAGES);
    assert_snapshot!(world.run_command(build(&world, "--target x86_64-windows-msvc")), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: invalid value 'x86_64-windows-msvc' for '--target <TRIPLE>': did you mean `x86_64-pc-windows-msvc`?

    For more information, try '--help'.
    ");
    assert_snapshot!(world.run_command(build(&world, "--target riscv64gc-unknown-linux-gnu")), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: invalid value 'riscv64gc-unknown-linux-gnu' for '--target <TRIPLE>': apps can be built for x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu, x86_64-pc-windows-msvc, aarch64-pc-windows-msvc, x86_64-pc-windows-gnu, aarch64-apple-darwin, x86_64-apple-darwin

    For more information, try '--help'.
    ");
    assert_snapshot!(world.run_command(build(&world, "--target deb,rpm")), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: invalid value 'deb,rpm' for '--target <TRIPLE>': this is a kind of package; use --bundles deb,rpm

    For more information, try '--help'.
    ");
}

#[test]
fn an_appimage_needs_its_runtime() {
    let world = app();
    assert_snapshot!(world.run_command(build(&world, "--bundles appimage")), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: An AppImage needs the type-2 runtime: none was given for `x86_64`
    hint: Name it in `[build.appimage]`: it is the file `runtime-ARCH` of https://github.com/AppImage/type2-runtime/releases
    "#);
}

/// A step that says who it is, and then takes longer than any test.
const LONG_STEP: &str =
    "[[build.step]]\ncommand = ['sh', '-c', 'echo $$ > new; mv new begun; exec sleep 1000']\n";

/// The process of such a step: a build that is killed leaves it, and the test must not.
struct LongStep(String);

impl LongStep {
    /// Waits until it runs.
    fn of(world: &World) -> Self {
        let begun = world.app().join("begun");
        eventually("the step runs", || begun.exists());
        Self(fs::read_to_string(begun).unwrap().trim().to_owned())
    }
}

impl Drop for LongStep {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", &self.0]).status();
    }
}

#[test]
fn two_builds_into_one_folder_do_not_mix() {
    let world = app();
    world.manifest(&format!("{PAGES}{LONG_STEP}"));
    let running = Running::start(build(&world, "--bundles tar"));
    let _step = LongStep::of(&world);
    assert_snapshot!(world.run_command(build(&world, "--bundles tar")), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Another build is writing to [ROOT]/app/release
    hint: Wait until it is done, or choose another folder with --out
    "#);
    running.signal(Signal::INT);
    drop(running.end());
}

#[test]
fn a_build_that_is_killed_breaks_nothing() {
    let world = World::new(&format!("{PAGES}{LONG_STEP}"));
    let mut command = build(&world, "--bundles tar");
    command.env("ENSCONCE_CACHE", world.app().join("cache"));
    let running = Running::start(command);
    let _step = LongStep::of(&world);
    running.signal(Signal::KILL);
    drop(running);
    world.manifest(PAGES);
    let mut command = build(&world, "--bundles tar");
    command.env("ENSCONCE_CACHE", world.app().join("cache"));
    ok(command);
    assert!(release(&world, "SHA256SUMS").is_file());
}
