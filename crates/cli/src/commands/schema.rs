//! `ensconce schema`.

use crate::error::CommandError;
use crate::screen;

/// Prints the JSON Schema of the manifest.
pub(crate) fn run() -> Result<(), CommandError> {
    screen::print(&format!("{:#}\n", ensconce_manifest::schema())).map_err(CommandError::Output)
}
