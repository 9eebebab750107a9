//! Where the programs are that tests start; Cargo does not build those of other packages.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Builds a program of the workspace, once in each test run, and gives its path.
///
/// # Panics
/// When it cannot be built.
pub fn program(package: &str, name: &str) -> PathBuf {
    built(package, "--bin", name, &folder().join(exe(name)))
}

/// Builds an example of the workspace, once in each test run, and gives its path.
///
/// # Panics
/// When it cannot be built.
pub fn example(package: &str, name: &str) -> PathBuf {
    built(package, "--example", name, &folder().join("examples").join(exe(name)))
}

fn built(package: &str, kind: &str, name: &str, path: &Path) -> PathBuf {
    static BUILT: LazyLock<Mutex<HashMap<PathBuf, ()>>> = LazyLock::new(Mutex::default);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    // nextest runs each test as a process of its own: asking Cargo in each would take longer than
    // the tests, and what `scripts/test` has built before is there.
    let is_there = std::env::var_os("NEXTEST").is_some() && path.exists();
    if built.insert(path.to_owned(), ()).is_none() && !is_there {
        build(package, kind, name);
        assert!(path.exists(), "{} was not built", path.display());
    }
    path.to_owned()
}

/// Without Cargo, in a test that is run by hand, what was built before is good enough.
fn build(package: &str, kind: &str, name: &str) {
    let Some(cargo) = std::env::var_os("CARGO") else { return };
    let folder = folder();
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", package, kind, name, "--profile", profile]);
    let status = command.status().expect("cargo can be run");
    assert!(status.success(), "cargo could not build {name}");
}

/// The folder of programs; tests lie one folder deeper.
fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test is known");
    let folder = test.ancestors().nth(2).expect("tests lie two folders deep");
    folder.to_owned()
}

fn exe(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}
