//! Checks whether a database is whole.

use std::path::Path;

use rusqlite::Connection;

use super::open;
use crate::error::WorkError;

/// How thorough a check is.
#[derive(Clone, Copy)]
pub(crate) enum Thoroughness {
    /// Every page; the time of reading the file.
    Quick,
    /// Indexes against their tables besides.
    Full,
}

/// Checks whether a database is whole.
pub(crate) fn check(file: &Path, thoroughness: Thoroughness) -> Result<(), WorkError> {
    let connection = open(file)?;
    let findings = findings(&connection, thoroughness).map_err(WorkError::sqlite(file))?;
    match findings {
        None => Ok(()),
        Some(findings) => Err(WorkError::Damaged { file: file.to_owned(), findings }),
    }
}

/// Returns the first thing that is wrong, on one line.
fn findings(
    connection: &Connection,
    thoroughness: Thoroughness,
) -> rusqlite::Result<Option<String>> {
    let question = match thoroughness {
        Thoroughness::Quick => "PRAGMA quick_check(1)",
        Thoroughness::Full => "PRAGMA integrity_check(1)",
    };
    let said: String = connection.query_row(question, [], |row| row.get(0))?;
    let words: Vec<&str> = said.split_whitespace().collect();
    Ok((said != "ok").then(|| words.join(" ").trim_start_matches("*** ").to_owned()))
}
