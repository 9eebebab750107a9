//! The way from text to manifest: syntax, then shape, then meaning.

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use crate::check::{Context, check};
use crate::diagnostics::{Diagnostics, Finding};
use crate::faults::{Faults, Grain};
use crate::model::Manifest;
use crate::schema::schema;
use crate::syntax;
use crate::walk::{Walked, walk};

/// Larger manifests are refused.
const LARGEST: usize = 1024 * 1024;

/// Parses a manifest, or reports every mistake in it.
///
/// The file name is only shown, never opened.
pub fn parse(file_name: &str, text: &str) -> Result<Manifest, Diagnostics> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(finding) = unreadable(source) {
        return Err(Diagnostics::new(file_name, "", vec![finding]));
    }
    read(source).map_err(|findings| Diagnostics::new(file_name, source, findings))
}

/// Parses the bytes of a manifest's file, or reports every mistake in it.
pub fn parse_bytes(file_name: &str, bytes: &[u8]) -> Result<Manifest, Diagnostics> {
    let refuse = |finding| Err(Diagnostics::new(file_name, "", vec![finding]));
    if bytes.len() > LARGEST {
        return refuse(too_large(bytes.len()));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(file_name, text),
        Err(_) if bytes.contains(&0) => refuse(no_text()),
        Err(error) => Err(not_utf8(file_name, bytes, error.valid_up_to())),
    }
}

/// Returns why a text as a whole is not a manifest.
fn unreadable(source: &str) -> Option<Finding> {
    if source.len() > LARGEST {
        Some(too_large(source.len()))
    } else if source.contains('\0') {
        Some(no_text())
    } else if source.trim().is_empty() {
        Some(empty())
    } else {
        None
    }
}

fn read(source: &str) -> Result<Manifest, Vec<Finding>> {
    let (table, errors) = DeTable::parse_recoverable(source);
    let schema = schema();
    let walked = walk(&schema, table.get_ref());
    if !errors.is_empty() {
        return Err(syntax::findings(source, table.get_ref(), &errors, walked.findings));
    }
    match sound_part(table.get_ref(), &walked.faults) {
        Ok(manifest) => checked(source, table.get_ref(), manifest, walked),
        Err(finding) if walked.faults.is_empty() => Err(vec![finding]),
        Err(_) => Err(walked.findings),
    }
}

/// Reads as much of a manifest as has the right shape.
fn sound_part(table: &DeTable<'_>, faults: &Faults) -> Result<Manifest, Finding> {
    let part = deserialize(faults.taken_from(table, Grain::Part));
    part.or_else(|_| deserialize(faults.taken_from(table, Grain::Entry)))
}

/// Checks what the manifest means, as far as it has the right shape.
fn checked(
    source: &str,
    table: &DeTable<'_>,
    manifest: Manifest,
    walked: Walked,
) -> Result<Manifest, Vec<Finding>> {
    let mut findings = walked.findings;
    findings.extend(check(&Context::new(source, table, &manifest, &walked.faults)));
    if findings.is_empty() { Ok(manifest) } else { Err(findings) }
}

fn deserialize(table: DeTable<'_>) -> Result<Manifest, Finding> {
    let table = Spanned::new(0..0, table);
    Manifest::deserialize(toml::de::Deserializer::from(table))
        .map_err(|error| syntax::finding(&error))
}

fn too_large(length: usize) -> Finding {
    Finding::new(0..0, format!("The manifest is too large: {length} bytes, at most {LARGEST}"))
}

fn no_text() -> Finding {
    Finding::new(0..0, "The manifest is not text: it contains NUL bytes")
        .hint("Save it as UTF-8, not as UTF-16")
}

fn empty() -> Finding {
    Finding::new(0..0, "The manifest is empty")
        .hint("Begin with `[app]`; docs/manifest.md has the smallest one")
}

fn not_utf8(file_name: &str, bytes: &[u8], valid: usize) -> Diagnostics {
    let source = String::from_utf8_lossy(bytes);
    let finding = Finding::new(valid..valid + '\u{fffd}'.len_utf8(), "The manifest is not UTF-8")
        .hint("Save it as UTF-8");
    Diagnostics::new(file_name, &source, vec![finding])
}
