//! Folders and files to work with, which are gone when the work is done.

use std::fs;
use std::io::Write;
use std::path::Path;

use tempfile::{NamedTempFile, TempDir};

use crate::InstallerError;

/// Creates a working folder.
pub(crate) fn folder(scratch: &Path) -> Result<TempDir, InstallerError> {
    fs::create_dir_all(scratch).map_err(InstallerError::file("make", scratch))?;
    let made = tempfile::Builder::new().prefix("work-").tempdir_in(scratch);
    made.map_err(InstallerError::file("make", scratch))
}

/// Makes a file with a password for a tool that reads one. Only this user can read it.
pub(crate) fn secret(password: &str) -> Result<NamedTempFile, InstallerError> {
    let place = std::env::temp_dir();
    let mut file = NamedTempFile::new().map_err(InstallerError::file("write", &place))?;
    let written = file.write_all(password.as_bytes());
    written.map_err(InstallerError::file("write", &place))?;
    Ok(file)
}
