//! Reads what must not be seen.

use std::io::{Read, stdin};
use std::path::Path;

use ensconce_app::passphrase_from_file;
use ensconce_vault::SecretValue;

use crate::error::CommandError;
use crate::prompt::Prompter;

/// A larger value is a file, not a secret.
const MOST_BYTES: usize = 1024 * 1024;

/// Reads a value: typed without being shown, or all of stdin without the end of its last line.
pub(super) fn value(prompter: Option<&Prompter>, name: &str) -> Result<SecretValue, CommandError> {
    let value = match prompter {
        Some(prompter) => typed(prompter, &format!("Value of {name}: "))?,
        None => piped()?,
    };
    if value.reveal().is_empty() {
        return Err(CommandError::Value { why: "The value is empty" });
    }
    Ok(value)
}

/// Asks for the passphrase, if there is a terminal.
pub(super) fn passphrase(prompter: Option<&Prompter>) -> Result<Option<SecretValue>, CommandError> {
    prompter.map(|prompter| typed(prompter, "Passphrase: ")).transpose()
}

/// Reads a new passphrase: from its file, or typed twice.
pub(super) fn new_passphrase(prompter: Option<&Prompter>) -> Result<SecretValue, CommandError> {
    if let Some(passphrase) = passphrase_from_file()? {
        return Ok(passphrase);
    }
    typed_twice(prompter)
}

/// Reads a passphrase from a file, without the end of the line.
pub(super) fn passphrase_in(file: &Path) -> Result<SecretValue, CommandError> {
    let folder = |error| CommandError::Unreadable { path: file.to_owned(), error };
    let text = SecretValue::new(std::fs::read_to_string(file).map_err(folder)?);
    let line = text.reveal();
    let line = line.strip_suffix('\n').unwrap_or(line);
    Ok(SecretValue::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

/// Asks for a new passphrase.
pub(super) fn typed_twice(prompter: Option<&Prompter>) -> Result<SecretValue, CommandError> {
    let prompter = prompter.ok_or(CommandError::NoPassphrase)?;
    let passphrase = typed(prompter, "New passphrase: ")?;
    if typed(prompter, "Repeat the passphrase: ")? != passphrase {
        return Err(CommandError::Value { why: "The two passphrases differ" });
    }
    Ok(passphrase)
}

fn typed(prompter: &Prompter, question: &str) -> Result<SecretValue, CommandError> {
    Ok(SecretValue::new(prompter.secret(question)?))
}

fn piped() -> Result<SecretValue, CommandError> {
    // With capacity for everything, so that growing leaves no copies behind.
    let mut bytes = Vec::with_capacity(MOST_BYTES + 1);
    stdin().lock().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MOST_BYTES {
        return Err(CommandError::Value { why: "The value is longer than 1 MiB" });
    }
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    let text = String::from_utf8(bytes);
    text.map(SecretValue::new)
        .map_err(|_| CommandError::Value { why: "The value is not UTF-8 text" })
}
