//! `SHA256SUMS`: what was made, by name and SHA-256.

use std::io::Write;
use std::path::Path;

use crate::output::Output;
use crate::{BuiltPackage, InstallerError};

/// Writes `SHA256SUMS` into the folder `out`, sorted by name; `sha256sum -c` reads it.
///
/// # Errors
/// When it cannot be written.
pub fn checksums(built: &[BuiltPackage], out: &Path) -> Result<BuiltPackage, InstallerError> {
    let mut lines: Vec<_> = built.iter().map(|one| (name(&one.path), &one.sha256)).collect();
    lines.sort();
    lines.dedup();
    let text: String = lines.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    document(&out.join("SHA256SUMS"), &text)
}

/// Writes a text that belongs to packages, such as the list of what is inside.
///
/// # Errors
/// When it cannot be written.
pub fn document(target: &Path, text: &str) -> Result<BuiltPackage, InstallerError> {
    let mut output = Output::begin(target)?;
    let failed = output.failed();
    output.file().write_all(text.as_bytes()).map_err(failed)?;
    output.finish(false)
}

/// Names of packages have neither line breaks nor backslashes.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
