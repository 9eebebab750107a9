//! Answers from a file, or from the environment.

use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::fs;
use std::path::Path;

use ensconce_protocol::SetupDescription;
use serde_json::Value;

use super::fields::fields;
use crate::error::CommandError;

/// Reads a TOML file of answers by the names of their fields.
pub(super) fn from_file(
    setup: &SetupDescription,
    path: Option<&Path>,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let unreadable = |error| CommandError::Unreadable { path: path.to_owned(), error };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let wrong = |why: String| CommandError::AnswersFile { path: path.to_owned(), why };
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| wrong(place_of(&error, &text)))?;
    let mut answers = BTreeMap::new();
    for (name, value) in table {
        if !fields(setup).any(|field| field.name == name) {
            let names = fields(setup).map(|field| field.name.clone()).collect();
            return Err(CommandError::NoQuestion { name, names });
        }
        let value = match value {
            toml::Value::Table(_) | toml::Value::Array(_) | toml::Value::Datetime(_) => {
                return Err(wrong(format!("`{name}` is not a text, number, true or false")));
            }
            value => serde_json::to_value(value).map_err(std::io::Error::from)?,
        };
        answers.insert(name, value);
    }
    Ok(answers)
}

/// Describes a mistake and its place, but never the line itself, which may hold a secret.
fn place_of(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
    let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
    format!("{place}{}", error.message())
}

/// Reads the variables named by the fields' `env`, if that is `wanted`.
pub(super) fn from_environment(
    setup: &SetupDescription,
    wanted: bool,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let mut answers = BTreeMap::new();
    for field in fields(setup).filter(|_| wanted) {
        let Some(variable) = &field.env else { continue };
        match env::var(variable) {
            Ok(value) => drop(answers.insert(field.name.clone(), Value::from(value))),
            Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(_)) => {
                let why = "It is not UTF-8 text.".to_owned();
                return Err(CommandError::WrongAnswers(vec![(variable.clone(), why)]));
            }
        }
    }
    Ok(answers)
}
