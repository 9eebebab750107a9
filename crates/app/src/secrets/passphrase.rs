//! The passphrase of a store that has one, for starts that nobody attends.

use ensconce_vault::{SecretValue, VaultError};

/// Names the file of the passphrase, for apps that keep their secrets with one.
pub const PASSPHRASE_FILE: &str = "ENSCONCE_PASSPHRASE_FILE";

/// Reads the passphrase from the file that [`PASSPHRASE_FILE`] names, if it names one; the end of
/// its line does not belong to it.
///
/// # Errors
/// When the file cannot be read.
pub fn passphrase_from_file() -> Result<Option<SecretValue>, VaultError> {
    let Some(path) = std::env::var_os(PASSPHRASE_FILE).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(&path)
        .map(SecretValue::new)
        .map_err(|error| VaultError::File { path: path.into(), error })?;
    let line = text.reveal();
    let line = line.strip_suffix('\n').unwrap_or(line);
    Ok(Some(SecretValue::new(line.strip_suffix('\r').unwrap_or(line).to_owned())))
}
