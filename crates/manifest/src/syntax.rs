//! Mistakes in the TOML syntax, in plain words.
//!
//! What the parser makes of a broken line is a guess: only the first mistake on a line is reported,
//! and nothing after a list or table that is never closed.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use crate::diagnostics::Finding;
use crate::position::Positions;
use crate::words::quote;

/// Merges syntax errors with what else was found on valid lines.
pub(crate) fn findings(
    source: &str,
    table: &DeTable<'_>,
    errors: &[Error],
    walked: Vec<Finding>,
) -> Vec<Finding> {
    let positions = Positions::new(source);
    let endless = endless(table, errors);
    let end = endless.as_ref().map_or(source.len() + 1, |endless| endless.range.start);
    let mut broken = HashSet::new();
    let is_told = |error: &&Error| {
        let start = place(error).start;
        start < end || positions.line(start) == positions.line(end) && !is_follow_up(error)
    };
    let mut errors: Vec<&Error> = errors.iter().filter(is_told).collect();
    errors.sort_by_key(|error| place(error).start);
    errors.retain(|error| broken.insert(positions.line(place(error).start)));
    let is_sound = |finding: &Finding| {
        let lines = positions.line(finding.range.start)..=positions.line(finding.range.end);
        !finding.range.is_empty()
            && finding.range.end < end
            && !finding.message.starts_with("Missing ")
            && !lines.into_iter().any(|line| broken.contains(&line))
    };
    let errors = errors.into_iter().map(|error| translated(source, error));
    errors.chain(endless).chain(walked.into_iter().filter(is_sound)).collect()
}

/// Reports an error of the parser as it is.
pub(crate) fn finding(error: &Error) -> Finding {
    Finding::new(place(error), capitalized(error.message()))
}

/// Returns whether an error is only a consequence of a list or table that is not closed.
fn is_follow_up(error: &Error) -> bool {
    ["missing ", "unclosed "].iter().any(|what| error.message().starts_with(what))
}

fn place(error: &Error) -> Range<usize> {
    error.span().unwrap_or(0..0)
}

fn translated(source: &str, error: &Error) -> Finding {
    let range = place(error);
    let text = source.get(range.clone()).unwrap_or_default();
    let (message, expected) =
        error.message().split_once(", expected ").unwrap_or((error.message(), ""));
    match message {
        "string values must be quoted" if text.trim().is_empty() => {
            Finding::new(range, "Missing value after `=`")
        }
        "string values must be quoted" => {
            let straight = text.trim_matches(['“', '”', '„', '‘', '’']);
            Finding::new(range, format!("Expected a value, found {}", quote(text))).hint(format!(
                "A string is written in quotes: {}",
                quote(&format!("\"{straight}\""))
            ))
        }
        "invalid basic string" | "invalid literal string" if expected.len() == 3 => {
            Finding::new(range, "This string is not closed")
                .hint(format!("Close it with {expected}"))
        }
        "duplicate key" => Finding::new(range, format!("Duplicate {}", quote(text)))
            .hint("A key or table may occur only once"),
        _ if ["", "nothing"].contains(&expected) => Finding::new(range, capitalized(message)),
        _ => finding(error),
    }
}

/// Finds the list or table that extends to the end of the file.
fn endless(table: &DeTable<'_>, errors: &[Error]) -> Option<Finding> {
    let is_endless = |error: &&Error| {
        ["unclosed array,", "unclosed inline table,"]
            .iter()
            .any(|what| error.message().starts_with(what))
    };
    let end = place(errors.iter().find(is_endless)?).start;
    let value = values(table).find(|value| reaches(value, end))?;
    let (kind, bracket) = match value.get_ref() {
        DeValue::Array(_) => ("list", "]"),
        _ => ("table", "}"),
    };
    let start = value.span().start;
    Some(
        Finding::new(start..start + 1, format!("This {kind} is not closed"))
            .hint(format!("Close it with `{bracket}`")),
    )
}

fn reaches(value: &Spanned<DeValue<'_>>, end: usize) -> bool {
    let is_open = matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
    is_open && value.span().start < end && value.span().end >= end
}

/// Returns the values of a table and of the tables in it, but not of lists.
fn values<'t, 'a>(
    table: &'t DeTable<'a>,
) -> Box<dyn Iterator<Item = &'t Spanned<DeValue<'a>>> + 't> {
    Box::new(table.values().flat_map(|value| {
        let below = match value.get_ref() {
            DeValue::Table(table) => values(table),
            _ => Box::new(std::iter::empty()),
        };
        std::iter::once(value).chain(below)
    }))
}

fn capitalized(message: &str) -> String {
    let mut rest = message.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}
