//! Programs, Node, PyInstaller and the BEAM: real ones, run from where they were put.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_payload::{PayloadError, Programs, sbom};

use crate::app::{App, TARGET};

const UI: &str = "[ui]\nurl = \"https://example.com\"\n";

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env_clear().output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", program.display());
    String::from_utf8(output.stdout).unwrap()
}

fn program(app: &App, name: &str) -> PathBuf {
    let json = fs::read(app.out("runtime/programs.json")).unwrap();
    let programs: Programs = serde_json::from_slice(&json).unwrap();
    app.out("runtime").join(&programs.programs[name])
}

fn found(name: &str) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap();
    let mut candidates = std::env::split_paths(&paths).map(|folder| folder.join(name));
    candidates.find(|path| path.is_file()).unwrap_or_else(|| panic!("expected `{name}` on PATH"))
}

#[test]
fn a_file_named_as_taurises_sidecars_wins() {
    let app = App::new(&format!("{UI}[build.program.server]\npath = \"binaries/server\"\n"));
    assert!(app.fault().starts_with("`build.program.server.path`: There is no `binaries/server`"));
    app.write("binaries/server", "#!/bin/sh\necho plain\n");
    app.write(&format!("binaries/server-{}", TARGET.triple), "#!/bin/sh\necho for the target\n");
    app.assemble().unwrap();
    assert_eq!(run(&program(&app, "server"), &[]), "for the target\n");
}

#[test]
fn a_program_for_another_machine_is_refused() {
    let app = App::new(&format!("{UI}[build.program.server]\npath = \"server\"\n"));
    let mut bytes = fs::read("/bin/true").unwrap();
    bytes[18] = 0x28;
    app.write("server", "");
    fs::write(app.path("server"), bytes).unwrap();
    let fault = app.fault();
    let expected = format!("is for arm on Linux, and the package is for {} on Linux", TARGET.arch);
    assert!(fault.ends_with(&expected), "{fault}");
}

#[test]
fn a_program_of_this_machine_brings_its_libraries() {
    let redis = found("redis-cli");
    let manifest = format!("{UI}[build.program.redis]\npath = \"bin/redis\"\n");
    let app = App::new(&manifest);
    fs::create_dir(app.path("bin")).unwrap();
    fs::copy(redis, app.path("bin/redis")).unwrap();
    let payload = app.assemble().unwrap();
    assert!(run(&program(&app, "redis"), &["--version"]).contains("redis-cli"));
    assert!(app.told.lines().contains(" is included, for redis"), "{}", app.told.lines());
    assert!(fs::read_dir(app.out("runtime/redis/libraries")).unwrap().count() > 2);
    assert!(payload.glibc > Some((2, 17)), "{:?}", payload.glibc);
    assert_eq!(payload.parts.last().map(|part| part.name.as_str()), Some("redis"));
}

#[test]
fn libraries_that_are_nowhere_are_told_all_at_once() {
    let app = App::new(&format!("{UI}[build.program.tool]\npath = \"tool\"\n"));
    let source = app.path("x.c");
    app.write("x.c", "int lost(void) { return 1; }\n");
    app.write("main.c", "int lost(void); int main(void) { return lost(); }\n");
    let library = app.path("liblost.so");
    let cc = |arguments: &[&std::ffi::OsStr]| {
        assert!(Command::new("cc").args(arguments).status().unwrap().success());
    };
    cc(&[
        "-shared".as_ref(),
        "-fPIC".as_ref(),
        "-o".as_ref(),
        library.as_ref(),
        source.as_ref(),
        "-Wl,-soname,liblost.so.9".as_ref(),
    ]);
    let (main, tool) = (app.path("main.c"), app.path("tool"));
    cc(&["-o".as_ref(), tool.as_ref(), main.as_ref(), library.as_ref()]);
    assert_eq!(
        app.fault(),
        "Shared libraries are missing:\n  runtime/tool/tool needs liblost.so.9"
    );
    let allowed = fs::read_to_string(app.path("ensconce.toml")).unwrap();
    app.write(
        "ensconce.toml",
        &format!("{allowed}[build]\nsystem_libraries = [\"liblost.so.9\"]\n"),
    );
    app.assemble().unwrap();
}

#[test]
fn a_fetched_archive_is_a_program_too() {
    let app = App::new("");
    app.write("pack/top/bin/run", "#!/bin/sh\necho fetched\n");
    fs::set_permissions(app.path("pack/top/bin/run"), fs::Permissions::from_mode(0o755)).unwrap();
    let archive = app.path("tool.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(app.path("pack")).arg("top");
    assert!(tar.status().unwrap().success());
    let hash = run(Path::new("/usr/bin/sha256sum"), &[archive.to_str().unwrap()]);
    let url = format!("file://{}", archive.display()).replace(' ', "%20");
    let manifest = |hash: &str| {
        format!(
            "[app]\nid = \"com.example.small\"\nname = \"Small\"\nversion = \"1.2.3\"\n{UI}\
             [build.program.tool]\nurl = \"{url}\"\nsha256 = \"{hash}\"\nexecutable = \"bin/run\"\n"
        )
    };
    app.write("ensconce.toml", &manifest(&"0".repeat(64)));
    let error = app.assemble().unwrap_err();
    assert!(matches!(error, PayloadError::WrongHash { .. }), "{error}");
    app.write("ensconce.toml", &manifest(&hash[..64]));
    app.assemble().unwrap();
    assert_eq!(run(&program(&app, "tool"), &[]), "fetched\n");
}

/// An app with one package, which is a file beside it, so that npm needs no network.
fn node_app() -> App {
    node_app_with(|_| {})
}

/// As [`node_app`], with more files in the package.
fn node_app_with(more: impl FnOnce(&App)) -> App {
    let app = App::new(&format!(
        "{UI}[service.web]\ncommand = [\"node\", \"main.js\"]\ncwd = \"server\"\n\
         [build.node]\npackages = [\"server\"]\n"
    ));
    app.write(
        "greet/package.json",
        "{\"name\": \"@small/greet\", \"version\": \"2.0.0\", \
        \"license\": \"ISC\", \"bin\": \"cli.js\"}",
    );
    app.write("greet/index.js", "module.exports = 'hello from a package';");
    app.write("greet/cli.js", "#!/usr/bin/env node\nconsole.log('cli');");
    app.write("server/main.js", "console.log(require('@small/greet'));");
    app.write(
        "server/package.json",
        "{\"name\": \"server\", \"version\": \"1.0.0\", \
        \"dependencies\": {\"@small/greet\": \"file:greet.tgz\"}}",
    );
    more(&app);
    let npm = |folder: &str, arguments: &[&str]| {
        let mut command = Command::new("npm");
        command.args(arguments).arg("--offline").current_dir(app.path(folder));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    npm("greet", &["pack", "--pack-destination", "../server"]);
    fs::rename(app.path("server/small-greet-2.0.0.tgz"), app.path("server/greet.tgz")).unwrap();
    npm("server", &["install", "--package-lock-only", "--no-audit", "--no-fund"]);
    // What the developer has installed is not what is packed.
    app.write("server/node_modules/junk/index.js", "x");
    app
}

#[test]
fn node_runs_the_app_with_its_locked_packages() {
    let app = node_app();
    let payload = app.assemble().unwrap();
    let node = program(&app, "node");
    let main = app.out("app/server/main.js");
    assert_eq!(run(&node, &[main.to_str().unwrap()]), "hello from a package\n");
    assert!(!app.out("app/server/node_modules/junk").exists());
    let link = fs::read_link(app.out("app/server/node_modules/.bin/greet")).unwrap();
    assert_eq!(link, Path::new("../@small/greet/cli.js"));
    let packages: Vec<_> = payload.components.iter().map(|it| it.purl.as_str()).collect();
    assert!(packages.contains(&"pkg:npm/%40small/greet@2.0.0"), "{packages:?}");

    let list = sbom("small", "1.2.3", 1_700_000_000, &payload.components);
    assert_eq!(list, sbom("small", "1.2.3", 1_700_000_000, &payload.components));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["specVersion"], "1.5");
    assert_eq!(list["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    let greet = list["components"].as_array().unwrap().iter();
    let greet = greet.clone().find(|it| it["name"] == "@small/greet").unwrap();
    assert_eq!(greet["licenses"][0]["expression"], "ISC");
    assert_eq!(greet["purl"], "pkg:npm/%40small/greet@2.0.0");

    // A changed file of the app costs no new installation.
    app.told.lines.lock().unwrap().clear();
    app.write("server/main.js", "console.log('changed');");
    app.assemble().unwrap();
    assert_eq!(app.told.lines(), "");
    assert_eq!(run(&program(&app, "node"), &[main.to_str().unwrap()]), "changed\n");
}

/// The payload's files are those of the cache, under another name.
#[test]
fn what_changes_in_a_payload_stays_as_it_was_in_the_cache() {
    let redis = found("redis-cli");
    let app = node_app_with(|app| {
        fs::copy(&redis, app.path("greet/redis")).unwrap();
    });
    app.assemble().unwrap();
    let is_package = |path: &PathBuf| path.join("index.js").is_file();
    let entries = fs::read_dir(app.cache()).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<PathBuf> =
        entries.map(|path| path.join("node_modules/@small/greet")).filter(is_package).collect();
    let [kept] = kept.as_slice() else { panic!("expected one entry: {kept:?}") };
    let packed = app.out("app/server/node_modules/@small/greet");
    let inode = |path: PathBuf| fs::metadata(path).unwrap().ino();
    assert_eq!(inode(packed.join("index.js")), inode(kept.join("index.js")));
    // It was made to find its libraries in the payload.
    assert!(run(&packed.join("redis"), &["--version"]).contains("redis-cli"));
    assert_ne!(fs::read(packed.join("redis")).unwrap(), fs::read(&redis).unwrap());
    assert_eq!(fs::read(kept.join("redis")).unwrap(), fs::read(&redis).unwrap());
}

#[test]
fn a_lock_that_does_not_match_is_npms_error() {
    let app = node_app();
    let package = fs::read_to_string(app.path("server/package.json")).unwrap();
    app.write(
        "server/package.json",
        &package.replace("file:greet.tgz\"", "file:greet.tgz\", \"ms\": \"2.1.3\""),
    );
    let error = app.assemble().unwrap_err();
    assert!(error.to_string().contains("in sync"), "{error}");
    assert!(error.hints()[0].starts_with("Run `npm install` in `server`"), "{:?}", error.hints());
}

#[test]
fn a_folder_without_a_lock_is_refused() {
    let app = node_app();
    fs::remove_file(app.path("server/package-lock.json")).unwrap();
    assert_eq!(
        app.fault(),
        "`build.node.packages`: There is no package.json with a package-lock.json in `server`"
    );
}

/// PyInstaller itself is replaced by a program that makes what PyInstaller makes.
#[test]
fn what_pyinstaller_makes_is_taken_in_both_forms() {
    for (made, expected) in [
        ("mkdir \"$dist/thing\"; cp tool \"$dist/thing/thing\"; echo x > \"$dist/thing/data\"", 2),
        ("cp tool \"$dist/thing\"", 1),
    ] {
        let app = App::new(&format!("{UI}[build.program.server]\npyinstaller = \"a.spec\"\n"));
        app.write("a.spec", "x");
        app.write("tool", "#!/bin/sh\necho bundled\n");
        let script =
            format!("#!/bin/sh\nwhile [ \"$1\" != --distpath ]; do shift; done\ndist=$2\n{made}\n");
        app.write(".venv/bin/python", &script);
        app.write(".venv/pyvenv.cfg", "");
        app.write(
            ".venv/lib/python3.12/site-packages/x-1.dist-info/METADATA",
            "Name: x\nVersion: 1\nLicense: MIT\n\nLong",
        );
        fs::set_permissions(app.path(".venv/bin/python"), fs::Permissions::from_mode(0o755))
            .unwrap();
        let payload = app.assemble().unwrap();
        assert_eq!(run(&program(&app, "server"), &[]), "bundled\n");
        assert_eq!(payload.components[0].purl, "pkg:pypi/x@1");
        assert!(fs::read_dir(app.out("runtime/server")).unwrap().count() >= expected);
    }
}

/// An environment with PyInstaller, which is made once for all runs of the tests.
fn pyinstaller() -> PathBuf {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pyinstaller");
    if !venv.join("ready").exists() {
        let run = |command: &mut Command| assert!(command.status().unwrap().success());
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        run(Command::new(venv.join("bin/pip")).args(["install", "-q", "pyinstaller==6.22.3"]));
        fs::write(venv.join("ready"), "").unwrap();
    }
    venv
}

#[test]
fn pyinstaller_itself_makes_a_file_or_a_folder() {
    let venv = pyinstaller();
    let onefile = "EXE(pyz, a.scripts, a.binaries, a.datas, name='thing')";
    let onedir = "COLLECT(EXE(pyz, a.scripts, exclude_binaries=True, name='thing'), \
                  a.binaries, a.datas, name='thing')";
    for (made, file) in [(onefile, "server"), (onedir, "_internal")] {
        let app = App::new(&format!(
            "{UI}[python]\nvenv = \"{}\"\n[build.program.server]\npyinstaller = \"a.spec\"\n",
            venv.display()
        ));
        app.write(
            "main.py",
            "import ssl, sqlite3\nprint('from a bundle', bool(ssl.OPENSSL_VERSION))",
        );
        app.write("a.spec", &format!("a = Analysis(['main.py'])\npyz = PYZ(a.pure)\n{made}\n"));
        let payload = app.assemble().unwrap_or_else(|e| panic!("{e}\n{}", app.told.lines()));
        let runtime = app.out("runtime/server");
        let moved = app.out("moved ü");
        fs::rename(&runtime, &moved).unwrap();
        assert_eq!(run(&moved.join("server"), &[]), "from a bundle True\n");
        assert!(moved.join(file).exists(), "{file}");
        assert!(payload.components.iter().any(|it| it.name == "pyinstaller"));
    }
}

#[test]
fn a_release_of_elixir_runs_from_the_payload() {
    found("mix");
    let app = App::new(&format!(
        "{UI}[build]\ninclude = [\"_build/prod/rel/hello\"]\n\
         [[build.step]]\ncommand = [\"mix\", \"release\", \"--overwrite\"]\n\
         output = \"_build/prod/rel/hello\"\n\
         env = {{ MIX_ENV = \"prod\", LC_ALL = \"C.UTF-8\" }}\n"
    ));
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/release");
    for file in ["mix.exs", "lib/hello.ex"] {
        app.write(file, &fs::read_to_string(fixture.join(file)).unwrap());
    }
    app.write(".gitignore", "_build/\n");
    app.assemble().unwrap_or_else(|error| panic!("{error}\n{}", app.told.lines()));
    assert_eq!(*app.told.warnings.lock().unwrap(), [""; 0]);
    // The release that was built is out of the way: nothing may come from there.
    fs::rename(app.path("_build"), app.path("away")).unwrap();
    let hello = app.out("app/_build/prod/rel/hello/bin/hello");
    let mut command = Command::new(hello);
    command.args(["eval", "Hello.hello()"]).env_clear().env("PATH", "/usr/bin:/bin");
    let output = command.env("LC_ALL", "C.UTF-8").env("HOME", "/nonexistent").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("hello from 2D711642"), "{text} {output:?}");

    fs::remove_dir_all(app.path("away")).unwrap();
    let mark = "_build/prod/rel/hello/releases/start_erl.data";
    app.write(mark, "99.9 0.1.0");
    let manifest = fs::read_to_string(app.path("ensconce.toml")).unwrap();
    app.write("ensconce.toml", manifest.split("[[build.step]]").next().unwrap());
    app.assemble().unwrap();
    let warnings = app.told.warnings.lock().unwrap().join("\n");
    assert!(warnings.contains("has no Erlang of its own"), "{warnings}");
}
