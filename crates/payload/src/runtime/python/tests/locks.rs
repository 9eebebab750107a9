//! Files that say which packages the app needs: all kinds of them, and what can be wrong.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::PythonError;
use super::support::{App, run, shown};
use super::{LOCAL, PROJECT, locked_app};
use crate::PayloadError;

/// Made by Poetry 2.5.1 for [`POETRY_PROJECT`].
const POETRY_LOCK: &str = include_str!("../../../../tests/fixtures/poetry/poetry.lock");
const POETRY_PROJECT: &str = include_str!("../../../../tests/fixtures/poetry/pyproject.toml");

fn make(app: &App) -> Result<String, PayloadError> {
    let into = app.path("runtime");
    app.make(&into)?;
    let code = "from importlib.metadata import distributions as d\n\
                print(*sorted(x.name + ' ' + x.version for x in d()), sep=', ')";
    Ok(run(Command::new(into.join("bin/python3")).env_clear().args(["-c", code])))
}

#[test]
fn stale_uv_lock_is_refused() {
    let app = locked_app(LOCAL);
    let project = PROJECT.replace("uvicorn==0.30.6", "uvicorn==0.30.5");
    fs::write(app.path("pyproject.toml"), project).expect("a file");
    let text = shown(make(&app));
    assert!(text.contains("uv.lock does not match "), "{text}");
    assert!(text.ends_with("hint: Run `uv lock`, and build again"), "{text}");
}

#[test]
fn changed_hash_in_uv_lock_is_refused() {
    let app = locked_app(LOCAL);
    let lock = fs::read_to_string(app.path("uv.lock")).expect("a file");
    // Every hash, of wheels and sources alike.
    let mut parts = lock.split("sha256:");
    let first = parts.next().expect("a beginning").to_owned();
    let lock = parts.fold(first, |text, part| text + "sha256:00000000" + &part[8..]);
    fs::write(app.path("uv.lock"), lock).expect("a file");
    let text = shown(make(&app));
    assert!(text.contains("Hash mismatch") || text.contains("hash mismatch"), "{text}");
}

#[test]
fn requirements_with_a_wrong_hash_are_refused() {
    let line = format!("idna==3.10 --hash=sha256:{}\n", "0".repeat(64));
    let app = App::new(LOCAL, &[("requirements.txt", &line)]);
    let text = shown(make(&app));
    assert!(text.starts_with("Installing Python packages failed:"), "{text}");
    assert!(text.to_lowercase().contains("hash"), "{text}");
    assert_eq!(app.warnings(), Vec::<String>::new());
}

#[test]
fn requirements_without_hashes_are_warned_about() {
    let app =
        App::new(LOCAL, &[("requirements.txt", "-r more.txt\n"), ("more.txt", "idna==3.10\n")]);
    assert_eq!(make(&app).expect("it is made"), "idna 3.10\n");
    let warnings = app.warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("has no hashes"), "{warnings:?}");
}

#[test]
fn project_without_lock_is_resolved_and_warned_about() {
    let project = "[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"idna==3.10\"]\n\
                   [project.optional-dependencies]\nmore = [\"sniffio==1.3.1\"]\n";
    let text = format!("{LOCAL}extras = [\"more\"]\n");
    let app = App::new(&text, &[("pyproject.toml", project)]);
    assert_eq!(make(&app).expect("it is made"), "idna 3.10, sniffio 1.3.1\n");
    let warnings = app.warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("no lock file beside it"), "{warnings:?}");
}

#[test]
fn poetry_lock_is_read_without_poetry() {
    let text = format!("{LOCAL}extras = [\"more\", \"tools\"]\n");
    let files = [("poetry.lock", POETRY_LOCK), ("pyproject.toml", POETRY_PROJECT)];
    let app = App::new(&text, &files);
    assert_eq!(make(&app).expect("it is made"), "click 8.1.8, idna 3.10, six 1.17.0\n");
    assert_eq!(app.warnings(), Vec::<String>::new());

    let project = POETRY_PROJECT.replace("click (>=8.1,<9)", "click (>=8.0,<9)");
    let app = App::new(LOCAL, &[("poetry.lock", POETRY_LOCK), ("pyproject.toml", &project)]);
    let text = shown(make(&app));
    assert!(text.contains("poetry.lock does not match "), "{text}");
    assert!(text.ends_with("hint: Run `poetry lock`, and build again"), "{text}");
}

#[test]
fn unknown_extra_is_named_with_those_that_there_are() {
    let text = format!("{LOCAL}extras = [\"mroe\"]\n");
    let app = App::new(&text, &[("poetry.lock", POETRY_LOCK), ("pyproject.toml", POETRY_PROJECT)]);
    let text = shown(app.find());
    assert!(text.contains("`[build.python] extras` names `mroe`, which "), "{text}");
    assert!(text.ends_with("hint: It has more, dev, tools"), "{text}");
}

#[test]
fn packages_in_place_or_outside_are_refused() {
    let app = App::new(LOCAL, &[("requirements.txt", "-e .\n")]);
    assert!(shown(app.find()).starts_with("`-e .` is installed in place, from "));

    let outside = tempfile::tempdir().expect("a folder");
    let line = format!("{}\n", outside.path().display());
    let app = App::new(LOCAL, &[("requirements.txt", &line)]);
    assert!(shown(app.find()).contains("outside the app's folder"));
}

#[test]
fn package_of_the_app_itself_is_installed_from_the_workspace() {
    let project = "[project]\nname = \"demo\"\nversion = \"0.1.0\"\nrequires-python = \">=3.9\"\n\
                   dependencies = [\"inner\"]\n[tool.uv.sources]\n\
                   inner = { path = \"packages/inner\", editable = true }\n";
    let inner = "[project]\nname = \"inner\"\nversion = \"0.2.0\"\ndescription = \"x\"\n[build-system]\n\
                 requires = [\"flit_core>=3.9,<4\"]\nbuild-backend = \"flit_core.buildapi\"\n\
                 [tool.flit.module]\nname = \"inner\"\n";
    let files = [
        ("pyproject.toml", project),
        ("packages/inner/pyproject.toml", inner),
        ("packages/inner/inner/__init__.py", "'''Inner'''\n"),
    ];
    let app = App::new(LOCAL, &files);
    app.uv(&["lock", "--quiet"]);
    assert_eq!(make(&app).expect("it is made"), "inner 0.2.0\n");
    let site = app.path("runtime/lib");
    let left = run(Command::new("find").arg(site).args([
        "-name",
        "direct_url.json",
        "-o",
        "-name",
        "uv_*.json",
    ]));
    assert_eq!(left, "");
}

#[test]
fn lock_is_looked_for_where_services_run() {
    let services = "[build.python]\nsource = \"local\"\n[service.a]\ncommand = [\"a\"]\ncwd = \"one/x\"\n\
                    [service.b]\ncommand = [\"b\"]\ncwd = \"two\"\n";
    let app = App::new(services, &[("one/requirements.txt", ""), ("two/requirements.txt", "")]);
    let text = shown(app.find());
    let start = "Several files say which Python packages the app needs: \
                 `one/requirements.txt`, `two/requirements.txt`";
    assert!(text.starts_with(start), "{text}");

    let app = App::new(services, &[("one/requirements.txt", ""), ("one/x/main.py", "")]);
    app.find().expect("one file");

    let app = App::new(&format!("{LOCAL}dependencies = \"none.txt\"\n"), &[]);
    let error = app.find().expect_err("no file");
    assert!(
        matches!(error, PayloadError::Python(PythonError::Lock { ref path, .. }) if path == Path::new("none.txt"))
    );
}
