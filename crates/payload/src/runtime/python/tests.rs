//! Makes real interpreters with real packages, and runs them elsewhere.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::support::{App, one_at_a_time, run, shown};
use super::compile_app;
use super::tree;

const LOCAL: &str = "[build.python]\nsource = \"local\"\n";

/// Modules of the standard library that need other libraries.
const NATIVE: &str = "import ssl, sqlite3, ctypes, lzma, bz2, zlib, hashlib, decimal, uuid; \
                      sqlite3.connect(':memory:'); ssl.create_default_context()";

const PROJECT: &str = r#"
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.9"
dependencies = ["fastapi==0.115.0", "uvicorn==0.30.6"]
"#;

fn locked_app() -> App {
    let app = App::new(LOCAL, &[("pyproject.toml", PROJECT)]);
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

fn first() -> PathBuf {
    one_at_a_time("first", |folder| {
        let made = folder.join("first");
        if !made.is_dir() {
            let app = locked_app();
            let making = folder.join("first-making");
            let _ = fs::remove_dir_all(&making);
            app.make(&making).unwrap_or_else(|error| panic!("{error}"));
            fs::rename(&making, &made).expect("moved");
        }
        made
    })
}

#[test]
fn runs() {
    let first = first();
    run(Command::new(first.join("bin/python3")).env_clear().args(["-c", NATIVE]));
    let _ = (tree::files(&first), compile_app, shown::<()>, Path::new("x"));
}
