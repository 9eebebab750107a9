//! The program that does what needs large libraries: trying addresses, caring for databases.

use std::path::PathBuf;

use crate::app::beside_own_program;

/// Finds it beside this program.
pub(crate) fn program() -> PathBuf {
    beside_own_program("ensconce-helper")
}
