//! Makes real interpreters with real packages, and runs them elsewhere.

mod locks;
mod standalone;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use self::support::{App, Notes, one_at_a_time, run, uv};
use super::{compile_app, strip, tree};
use crate::copy;

/// What an app says that takes this machine's interpreter.
const LOCAL: &str = "[build.python]\nsource = \"local\"\n";

/// Modules of the standard library that need other libraries.
const NATIVE: &str = "import ssl, sqlite3, ctypes, lzma, bz2, zlib, hashlib, decimal, uuid; \
                      sqlite3.connect(':memory:'); ssl.create_default_context(); \
                      assert hashlib.sha256(b'').hexdigest().startswith('e3b0')";

const PROJECT: &str = r#"
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.9"
dependencies = ["fastapi==0.115.0", "uvicorn==0.30.6"]
"#;

/// An app whose packages are locked; one of them is compiled, two bring console scripts.
fn locked_app(python: &str) -> App {
    let app = App::new(python, &[("pyproject.toml", PROJECT)]);
    let lock = one_at_a_time("lock", |folder| {
        let kept = folder.join("uv.lock");
        if !kept.is_file() {
            app.uv(&["lock", "--quiet"]);
            fs::copy(app.path("uv.lock"), &kept).expect("a copy");
        }
        kept
    });
    fs::copy(lock, app.path("uv.lock")).expect("a copy");
    app
}

/// The Python of that app, made once. Nobody may change it.
fn made_once() -> PathBuf {
    one_at_a_time("made", |folder| {
        let made = folder.join("made");
        if !made.is_dir() {
            let making = folder.join("making");
            let _ = fs::remove_dir_all(&making);
            let what = locked_app(LOCAL).make(&making);
            let what = what.unwrap_or_else(|error| panic!("{error}"));
            let names: Vec<_> = what.programs.keys().map(String::as_str).collect();
            assert_eq!(names, ["fastapi", "idna", "python", "python3", "uvicorn"]);
            let purls: Vec<_> = what.components.iter().map(|one| one.purl.as_str()).collect();
            assert!(purls.contains(&"pkg:pypi/fastapi@0.115.0"), "{purls:?}");
            assert!(purls[0].starts_with("pkg:generic/cpython@3."), "{purls:?}");
            let uvicorn = what.components.iter().find(|one| one.name == "uvicorn");
            assert_eq!(uvicorn.and_then(|one| one.license.as_deref()), Some("BSD-3-Clause"));
            fs::rename(&making, &made).expect("moved");
        }
        made
    })
}

/// Everything below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = tree::files(folder).expect("files");
    let read = |path: PathBuf| {
        let bytes = match fs::read_link(&path) {
            Ok(target) => target.into_os_string().into_encoded_bytes(),
            Err(_) => fs::read(&path).expect("a file"),
        };
        (path.strip_prefix(folder).expect("inside").to_owned(), bytes)
    };
    files.into_iter().map(read).collect()
}

/// Names of files that differ, or are in one folder only.
fn different(one: &Path, other: &Path) -> Vec<PathBuf> {
    let (one, other) = (contents(one), contents(other));
    let names = one.keys().chain(other.keys()).filter(|name| one.get(*name) != other.get(*name));
    names.cloned().collect()
}

fn make_read_only(folder: &Path) {
    run(Command::new("chmod").args(["-R", "a-w,a+rX"]).arg(folder));
}

fn make_writable(folder: &Path) {
    run(Command::new("chmod").args(["-R", "u+w"]).arg(folder));
}

/// A command as the installed app gives it to another user, who has settings of Python.
fn as_user(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).current_dir("/");
    // What the shell sets, as `docs/python.md` says.
    command.env("PYTHONNOUSERSITE", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

#[test]
fn runs_from_a_read_only_folder_elsewhere() {
    let temporary = tempfile::tempdir().expect("a folder");
    let moved = temporary.path().join("Größe & Ünï 日本/run time");
    copy::tree(&made_once(), &moved).expect("a copy");
    make_read_only(&moved);
    let python = moved.join("bin/python3");
    let imports = "import fastapi, pydantic_core, uvicorn, sys; print(*sys.path, sep='\\n')";
    let paths = run(as_user(&python, temporary.path()).args(["-c", imports]));
    let outside = paths
        .lines()
        .filter(|path| !path.is_empty())
        .find(|path| !Path::new(path).starts_with(&moved));
    assert_eq!(outside, None);
    run(as_user(&python, temporary.path()).args(["-c", NATIVE]));
    // Without what the shell sets: the folder stays as it is all the same.
    run(Command::new(&python).env_clear().args(["-c", "import fastapi, unittest, xml.sax"]));
    let link = temporary.path().join("a link");
    symlink(moved.join("bin/uvicorn"), &link).expect("a link");
    let version = run(as_user(&link, temporary.path()).arg("--version"));
    assert!(version.starts_with("Running uvicorn 0.30.6"), "{version}");
    make_writable(&moved);
    assert_eq!(different(&made_once(), &moved), Vec::<PathBuf>::new());
}

#[test]
fn every_module_is_compiled_so_that_a_writable_folder_stays_as_it_is() {
    let temporary = tempfile::tempdir().expect("a folder");
    let moved = temporary.path().join("python");
    copy::tree(&made_once(), &moved).expect("a copy");
    let import = "import asyncio, json, sqlite3, fastapi, uvicorn.main, email.mime.text";
    run(Command::new(moved.join("bin/python3")).env_clear().args(["-c", import]));
    assert_eq!(different(&made_once(), &moved), Vec::<PathBuf>::new());
}

/// Without Python, and without any library but those of glibc.
#[test]
fn runs_where_nothing_else_is() {
    let temporary = tempfile::tempdir().expect("a folder");
    let root = temporary.path();
    copy::tree(&made_once(), &root.join("opt/app/python")).expect("a copy");
    let listed = run(Command::new("ldd").arg(made_once().join("bin/python3")));
    let mut loader = listed.lines().filter_map(|line| line.split_whitespace().next());
    let loader = PathBuf::from(loader.rfind(|word| word.contains("/ld-")).expect("a loader"));
    let libc = listed.lines().find(|line| line.contains("libc.so.6")).expect("libc");
    let libraries =
        Path::new(libc.split_whitespace().nth(2).expect("a path")).parent().expect("a folder");
    copy_with_folders(&loader, root);
    for name in
        ["c.so.6", "m.so.6", "dl.so.2", "pthread.so.0", "rt.so.1", "util.so.1", "resolv.so.2"]
    {
        copy_with_folders(&libraries.join(format!("lib{name}")), root);
    }
    let script = format!("{NATIVE}; import fastapi, pydantic_core; print(fastapi.__version__)");
    // Whoever is not root becomes it for this.
    // Loaders find `$ORIGIN` by /proc, as every system has it.
    fs::create_dir(root.join("proc")).expect("a folder");
    let proc = format!("--mount-proc={}", root.join("proc").display());
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "--pid", "--fork", &proc, "chroot"])
        .arg(root)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    assert_eq!(run(command.args(["/opt/app/python/bin/python3", "-c", &script])), "0.115.0\n");
}

fn copy_with_folders(file: &Path, root: &Path) {
    let to = root.join(file.strip_prefix("/").expect("absolute"));
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::copy(file, to).expect("a copy");
}

#[test]
fn no_file_but_binaries_names_this_machine() {
    let made = made_once();
    let own = support::shared();
    let home = std::env::var("HOME").expect("a home folder");
    for (path, bytes) in contents(&made) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(own.to_str().expect("UTF-8")), "{}", path.display());
        let is_binary = path.to_string_lossy().contains(".so") || path.starts_with("bin");
        assert!(is_binary || !text.contains(&format!("{home}/")), "{}", path.display());
    }
}

#[test]
fn another_cache_and_folder_give_the_same_bytes() {
    let temporary = tempfile::tempdir().expect("a folder");
    let app = locked_app(LOCAL).with_own_cache(&temporary.path().join("another cache"));
    let again = temporary.path().join("again");
    app.make(&again).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(different(&made_once(), &again), Vec::<PathBuf>::new());
    // The lock has changed, the interpreter has not.
    fs::remove_file(app.path("uv.lock")).expect("it was there");
    fs::write(app.path("requirements.txt"), "idna==3.10\n").expect("a file");
    app.notes.begun.lock().expect("no panic").clear();
    app.make(&temporary.path().join("other")).unwrap_or_else(|error| panic!("{error}"));
    let begun = app.notes.begun.lock().expect("no panic").clone();
    assert_eq!(begun, ["Installing Python packages", "Compiling Python packages"]);
}

#[test]
fn interpreter_of_the_system_can_be_taken() {
    let text = format!("{LOCAL}interpreter = \"/usr/bin/python3\"\n");
    let app = App::new(&text, &[("requirements.txt", "uvicorn==0.30.6\n")]);
    let temporary = tempfile::tempdir().expect("a folder");
    let (made, moved) = (temporary.path().join("made"), temporary.path().join("moved to"));
    let what = app.make(&made).unwrap_or_else(|error| panic!("{error}"));
    fs::rename(&made, &moved).expect("moved");
    let script = format!("{NATIVE}; import uvicorn, sys; print(*sys.path, sep='\\n')");
    let paths = run(as_user(&moved.join("bin/python"), temporary.path()).args(["-c", &script]));
    for path in paths.lines().filter(|path| !path.is_empty()) {
        assert!(Path::new(path).starts_with(&moved), "{path}");
    }
    let uvicorn = moved.join(&what.programs["uvicorn"]);
    let version = run(as_user(&uvicorn, temporary.path()).arg("--version"));
    assert!(version.starts_with("Running uvicorn 0.30.6"), "{version}");
}

#[test]
fn app_is_compiled_and_what_is_no_python_is_named() {
    let temporary = tempfile::tempdir().expect("a folder");
    let app = temporary.path().join("an äpp");
    fs::create_dir_all(app.join("inner")).expect("a folder");
    fs::write(app.join("main.py"), "import inner.more\n").expect("a file");
    fs::write(app.join("inner/more.py"), "print('more')\n").expect("a file");
    fs::write(app.join("inner/wrong.py"), "def f(:\n").expect("a file");
    let python = made_once().join("bin/python3");
    let failures = compile_app(&python, &app, &Notes::default()).expect("it runs");
    assert_eq!(failures.len(), 1);
    assert!(failures[0].starts_with("inner/wrong.py: SyntaxError"), "{failures:?}");
    let before = contents(&app);
    assert!(before.keys().any(|path| path.starts_with("inner/__pycache__")), "{:?}", before.keys());
    assert_eq!(run(Command::new(&python).env_clear().current_dir(&app).arg("main.py")), "more\n");
    assert!(before == contents(&app));
}

#[test]
fn tests_of_packages_go_where_nothing_loads_them() {
    let temporary = tempfile::tempdir().expect("a folder");
    let root = temporary.path();
    let site = root.join("lib/python3.12/site-packages");
    let files = [
        ("plain/__init__.py", ""),
        ("plain/tests/test_plain.py", "from plain.tests import helper"),
        ("plain/core/tests/test_core.py", ""),
        ("used/__init__.py", "from .tests import helper"),
        ("used/tests/test_helper.py", ""),
        ("shared/tests/test_a.py", ""),
        ("other/__init__.py", "x = 'shared.tests'"),
        ("framework/test/client.py", ""),
        ("kept/tests/test_a.py", ""),
        ("plain/static.a", ""),
    ];
    for (name, text) in files {
        let path = site.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    strip::packages(root, &site, &["!**/kept/tests/".to_owned()]).expect("files can be removed");
    let left: Vec<_> = contents(&site).into_keys().map(|path| path.display().to_string()).collect();
    let expected = [
        "framework/test/client.py",
        "kept/tests/test_a.py",
        "other/__init__.py",
        "plain/__init__.py",
        "shared/tests/test_a.py",
        "used/__init__.py",
        "used/tests/test_helper.py",
    ];
    assert_eq!(left, expected);
}

#[test]
fn uv_is_looked_for_in_several_places() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path();
    let progress = Notes::default();
    let python = Path::new("python3");
    let find = |path: &Path| super::uv::Uv::find(path.as_os_str(), &[folder], python, &progress);
    assert!(find(folder).err().is_some_and(|error| error.hints()[0].contains("pip install uv")));
    // A `python3` with uv as a module.
    assert!(find(uv().parent().expect("a folder")).is_ok());
    fs::create_dir_all(folder.join(".venv/bin")).expect("a folder");
    symlink(uv(), folder.join(".venv/bin/uv")).expect("a link");
    assert!(find(folder).is_ok());
    let mode = fs::metadata(folder.join(".venv/bin/uv")).expect("a file").permissions().mode();
    assert_ne!(mode & 0o111, 0);
}
