//! `ensconce schema`.

use crate::error::CommandError;

/// Prints the JSON Schema of the manifest.
pub(crate) fn run() -> Result<(), CommandError> {
    println!("{:#}", ensconce_manifest::schema());
    Ok(())
}
