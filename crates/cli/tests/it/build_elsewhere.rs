//! `ensconce build` for machines of another kind than this one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::world::{PAGES, World};

/// The first bytes of a program for macOS on ARM.
const MACOS: [u32; 8] = [0xfeed_facf, 0x0100_000c, 0, 2, 0, 0, 0, 0];

/// An app with a program for each system, and stand-ins for Ensconce's own programs.
fn app(rest: &str) -> World {
    let program = "[build]\nname = 'notes'\n[build.program.api]\npath = 'bin/api'\n";
    let service = "[service.api]\ncommand = ['api']\nlisten = 'none'\ncwd = 'common'\n";
    let windows = "windows = { cwd = 'only-windows' }\n";
    let world = World::new(&format!("{PAGES}{service}{windows}{program}{rest}"));
    world.write("common/notes.txt", "for all others");
    world.write("only-windows/notes.txt", "for Windows");
    let macos = MACOS.map(u32::to_le_bytes).concat();
    world.write("bin/api-aarch64-apple-darwin", &macos);
    world.write("bin/api-x86_64-pc-windows-msvc.exe", "a script, as far as anyone can tell");
    for program in ["ensconce-shell", "ensconce-guard"] {
        world.write(&format!("shells/aarch64-apple-darwin/{program}"), &macos);
        world.write(&format!("shells/x86_64-pc-windows-msvc/{program}.exe"), program);
    }
    world.write("shells/aarch64-apple-darwin/libensconce_window.dylib", &macos);
    world.write("shells/x86_64-pc-windows-msvc/ensconce_window.dll", "ensconce-window");
    world
}

fn build(world: &World, arguments: &str) -> Command {
    let mut command = world.command(&format!("build {arguments}"));
    command.env("ENSCONCE_CACHE", world.app().join("../cache"));
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

fn ok(mut command: Command) -> String {
    let output = command.output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{talk}");
    talk + &String::from_utf8_lossy(&output.stdout)
}

/// Nothing was begun: no folder for packages has anything in it.
#[track_caller]
fn assert_nothing_made(world: &World) {
    let release = fs::read_dir(world.app().join("release"));
    assert!(release.into_iter().flatten().next().is_none());
}

#[test]
fn an_installer_for_windows_is_made_here() {
    let world = app("");
    ok(build(&world, "--bundles nsis,msi --shells shells"));
    let installer = world.app().join("release/notes-1.0.0-x86_64-setup.exe");
    let into = world.app().join("unpacked");
    let mut command = Command::new("7zz");
    command.args(["x", "-y"]).arg(format!("-o{}", into.display())).arg(installer);
    ok(command);
    for (file, text) in [
        ("notes.exe", "ensconce-shell"),
        ("ensconce-guard.exe", "ensconce-guard"),
        ("ensconce_window.dll", "ensconce-window"),
        ("app/only-windows/notes.txt", "for Windows"),
        ("app/pages/index.html", "<h1>Notes</h1>"),
        ("runtime/api/api.exe", "a script, as far as anyone can tell"),
    ] {
        assert_eq!(fs::read_to_string(into.join(file)).unwrap(), text, "{file}");
    }
    let programs = fs::read_to_string(into.join("runtime/programs.json")).unwrap();
    assert!(programs.contains("\"api/api.exe\""), "{programs}");
    let sums = fs::read_to_string(world.app().join("release/SHA256SUMS")).unwrap();
    assert!(sums.contains("notes-1.0.0-x86_64.msi"), "{sums}");
}

#[test]
fn an_app_for_macos_is_made_here() {
    let world = app("");
    // Fetched by something that keeps no modes.
    let shell = world.app().join("shells/aarch64-apple-darwin/ensconce-shell");
    fs::set_permissions(shell, fs::Permissions::from_mode(0o644)).unwrap();
    ok(build(&world, "--bundles app --shells shells"));
    let archive = world.app().join("release/notes-1.0.0-macos-aarch64.zip");
    let into = world.app().join("unpacked");
    let mut command = Command::new("unzip");
    command.arg("-q").arg(archive).arg("-d").arg(&into);
    ok(command);
    let contents = into.join("Notes.app/Contents");
    assert!(contents.join("Resources/app/ensconce.toml").is_file());
    assert!(contents.join("Resources/app/common/notes.txt").is_file());
    assert!(!contents.join("Resources/app/only-windows").exists());
    let mode = fs::metadata(contents.join("MacOS/notes")).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
}

#[test]
fn a_cache_folder_may_look_like_an_option() {
    let world = app("");
    let mut command = build(&world, "--bundles dmg --shells shells");
    command.env("ENSCONCE_CACHE", "-cache");
    ok(command);
    assert!(world.app().join("-cache").is_dir());
    // An empty variable is as good as none.
    let mut command = build(&world, "--bundles app --shells shells");
    command.env("ENSCONCE_CACHE", "").env("XDG_CACHE_HOME", world.app().join("../caches"));
    ok(command);
    assert!(world.app().join("../caches/ensconce").is_dir());
}

#[test]
fn steps_know_what_they_build_for() {
    let step = "[[build.step]]\ncommand = ['sh', '-c', 'echo $ENSCONCE_TARGET > pages/target']\n";
    let world = app(step);
    ok(build(&world, "--bundles app --shells shells"));
    let target = fs::read_to_string(world.app().join("pages/target")).unwrap();
    assert_eq!(target, "aarch64-apple-darwin\n");
}

#[test]
fn programs_of_ensconce_for_another_target_have_to_be_there() {
    let world = app("");
    let aarch64 = "--target aarch64-pc-windows-msvc --shells shells";
    assert_snapshot!(world.run_command(build(&world, aarch64)), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Ensconce's programs for `aarch64-pc-windows-msvc` are missing: no shells/aarch64-pc-windows-msvc/ensconce-shell.exe
    hint: Put `ensconce-shell.exe`, `ensconce-guard.exe` and `ensconce_window.dll`, built for `aarch64-pc-windows-msvc`, into that folder; or pass the folder that contains `aarch64-pc-windows-msvc` with --shells
    hint: Available targets: aarch64-apple-darwin, x86_64-pc-windows-msvc
    "#);
    assert_nothing_made(&world);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_bundle_has_to_be_for_the_target() {
    let world = app("");
    assert_snapshot!(world.run_command(build(&world, "--bundles deb,nsis")), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The bundle `nsis` cannot be made for the target `x86_64-unknown-linux-gnu`
    hint: Build for one target at a time: --bundles nsis --target x86_64-pc-windows-msvc
    "#);
    let target = "--bundles dmg --target x86_64-pc-windows-msvc --shells shells";
    assert_snapshot!(world.run_command(build(&world, target)), @r"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The bundle `dmg` cannot be made for the target `x86_64-pc-windows-msvc`
    hint: Build for one target at a time: --bundles dmg --target aarch64-apple-darwin
    ");
    assert_nothing_made(&world);
}

#[test]
fn what_has_to_run_there_is_refused_at_once() {
    let step = "[[build.step]]\ncommand = ['touch', 'begun']\n";
    for (rest, expected) in [
        ("[build.python]\nsource = 'local'\n", "Python for `x86_64-pc-windows-msvc` cannot"),
        ("[build.node]\n", "`build.node`: It cannot be made on this machine"),
        ("[build.program.frozen]\npyinstaller = 'a.spec'\n", "PyInstaller makes programs"),
    ] {
        let world = app(&format!("{rest}{step}"));
        let screen = world.run_command(build(&world, "--bundles nsis --shells shells"));
        assert!(screen.contains(expected) && screen.contains("exit code: 2"), "{screen}");
        assert!(!world.app().join("begun").exists(), "{screen}");
        assert_nothing_made(&world);
    }
}

#[test]
fn a_program_for_another_system_is_refused() {
    let world = app("");
    world.write("bin/api-x86_64-pc-windows-msvc.exe", MACOS.map(u32::to_le_bytes).concat());
    let screen = world.run_command(build(&world, "--bundles nsis --shells shells"));
    assert!(screen.contains("aarch64 on macOS"), "{screen}");
    assert_nothing_made(&world);
}

#[test]
fn binaries_of_another_system_among_the_files_are_told() {
    let world = app("");
    let own = Path::new(env!("CARGO_BIN_EXE_ensconce")).with_file_name("ensconce-guard");
    world.write("pages/native.node", fs::read(own).unwrap());
    let talk = ok(build(&world, "--bundles app --shells shells"));
    assert!(talk.contains("Not for macOS: app/pages/native.node"), "{talk}");
}

#[test]
fn signing_is_looked_at_before_anything_is_made() {
    let sign = |rest: &str| app(&format!("[build.sign.windows]\n{rest}\n"));
    let nsis = "--bundles nsis --shells shells";
    let world = sign("certificate = 'cert.pfx'\npassword_env = 'NOTES_PASSWORD'");
    assert_snapshot!(world.run_command(build(&world, nsis)), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `build.sign.windows`: There is no file `cert.pfx`
    hint: docs/installers.md says what signing requires
    "#);
    world.write("cert.pfx", "");
    assert_snapshot!(world.run_command(build(&world, nsis)), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `build.sign.windows.password_env`: The environment variable `NOTES_PASSWORD` is not set
    hint: docs/installers.md says what signing requires
    "#);
    assert_nothing_made(&world);
    let world = sign("certificate = 'cert.pfx'\ncommand = ['sign', '{file}']");
    assert_snapshot!(world.run_command(build(&world, nsis)), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `build.sign.windows`: Set exactly one of `certificate`, `thumbprint` and `command`
    hint: docs/installers.md says what signing requires
    "#);
    let world = sign("thumbprint = '0123456789abcdef0123456789abcdef01234567'");
    let mut command = build(&world, nsis);
    command.env("PATH", "/nowhere");
    assert_snapshot!(world.run_command(command), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: `build.sign.windows` needs `signtool`, which is not on PATH
    hint: Install `signtool`, or remove the section to make packages without a signature
    "#);
    // It is nothing to packages for other systems.
    ok(build(&world, "--bundles app --shells shells"));
}
