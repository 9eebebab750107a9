//! Where Ensconce's other programs are.

use std::path::PathBuf;

/// Returns the program that holds every process of an app, and ends it with the app.
pub(crate) fn guard_program() -> PathBuf {
    beside_own_program("ensconce-guard")
}

/// Returns the program that does what needs large libraries; an app that needs none of it is
/// installed without.
pub(crate) fn helper_program() -> PathBuf {
    beside_own_program("ensconce-helper")
}

/// Finds what lies beside this program; tests lie one folder deeper.
fn beside_own_program(name: &str) -> PathBuf {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().unwrap_or_default();
    let folders = own.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(&name)).find(|path| path.is_file());
    found.unwrap_or_else(|| PathBuf::from(name))
}
