//! Values of the wrong kind, and how to correct them.

use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::Walker;
use super::kind::{Kind, kind_of};
use crate::diagnostics::Finding;
use crate::words::{or_list, quote};

/// Longer values are not repeated in hints.
const LONGEST_EXAMPLE: usize = 120;

impl<'a> Walker<'a> {
    /// Reports a value whose kind no alternative accepts.
    pub(super) fn mismatch(&mut self, alternatives: &[&'a Value], value: &'a Spanned<DeValue<'a>>) {
        let found = Kind::of(value.get_ref());
        let place = self.place();
        let expected = self.describe_any(alternatives);
        let message = format!("{place}: expected {expected}, found {}", found.words());
        let words: Vec<&str> =
            alternatives.iter().filter_map(|one| one.get("const")?.as_str()).collect();
        let hint = match words.as_slice() {
            [] => alternatives.iter().find_map(|one| self.rewrite(one, value.get_ref())),
            _ => Some(format!("Write {}", or_list(words))),
        };
        self.report(Finding::new(value.span(), message).maybe_hint(hint));
    }

    fn describe_any(&self, alternatives: &[&'a Value]) -> String {
        let has_numbers = alternatives.iter().any(|one| kind_of(one) == Kind::Number);
        let mut expected: Vec<String> = alternatives
            .iter()
            .filter(|one| !(has_numbers && kind_of(one) == Kind::Integer))
            .map(|one| self.describe(one))
            .collect();
        expected.dedup();
        match expected.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => expected.concat(),
        }
    }

    fn describe(&self, schema: &'a Value) -> String {
        match (kind_of(schema), schema.get("items")) {
            (Kind::List, Some(items)) => {
                let items = self.alternatives(items);
                let kind = items.first().map_or(Kind::Any, |item| kind_of(item));
                format!("a list of {}", kind.plural())
            }
            (kind, _) => kind.words().to_owned(),
        }
    }

    /// Suggests the value as the schema wants it.
    fn rewrite(&self, schema: &'a Value, value: &DeValue<'_>) -> Option<String> {
        match (kind_of(schema), value) {
            (Kind::List, _) if self.steps.len() == 1 => Some(format!("Write `[[{}]]`", self.key())),
            (Kind::List, DeValue::String(text)) => {
                list_of_words(self.key(), text).or_else(|| Some(example_of(schema, self.key())))
            }
            (Kind::Table, _) => self.rewrite_as_table(schema),
            (Kind::String, _) if schema.get("const").is_some() => None,
            (Kind::String, _) => rewrite_as_string(schema, value),
            (Kind::Integer | Kind::Boolean, DeValue::String(text)) => unquoted(schema, text),
            _ => None,
        }
    }

    fn rewrite_as_table(&self, schema: &Value) -> Option<String> {
        let place = super::place(&self.steps)?.replace('`', "");
        let name =
            if schema.get("properties").is_some() || place.ends_with("env") { "" } else { ".NAME" };
        Some(format!("Write {}", quote(&format!("[{place}{name}]"))))
    }
}

/// Suggests what to write in a list that must not be empty.
pub(super) fn example_of(schema: &Value, key: &str) -> String {
    let item = schema.get("items").map_or(Kind::Any, kind_of);
    match item {
        Kind::String => format!("Write `{key} = [\"program\", \"argument\"]`"),
        _ => format!("Write at least one in `{key}`"),
    }
}

/// Suggests a list for a string: a command split into words, anything else as it is.
fn list_of_words(key: &str, text: &str) -> Option<String> {
    let words = if key == "command" { split_words(text) } else { vec![text.to_owned()] };
    let list = format!("{words:?}");
    (!words.is_empty() && list.len() <= LONGEST_EXAMPLE)
        .then(|| format!("Write it as a list: `{key} = {list}`"))
}

/// Splits a command as a shell would, respecting quotes, with everything else literal.
fn split_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut open_quote = None;
    for c in text.chars() {
        match (open_quote, c) {
            (Some(quote), c) if c == quote => open_quote = None,
            (None, '"' | '\'') => open_quote = Some(c),
            (None, c) if c.is_whitespace() => words.push(String::new()),
            _ => words.last_mut().into_iter().for_each(|word| word.push(c)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn rewrite_as_string(schema: &Value, value: &DeValue<'_>) -> Option<String> {
    let text = match value {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => return None,
    };
    let unit = match schema.get("pattern").and_then(Value::as_str) {
        Some(crate::duration::DURATION_PATTERN) => Some("s"),
        Some(crate::size::SIZE_PATTERN) => Some("MB"),
        _ => None,
    };
    match (value, unit) {
        (DeValue::Integer(_), Some(unit)) => {
            Some(format!("Write it with a unit: {}", quote(&format!("\"{text}{unit}\""))))
        }
        _ => Some(format!("Write it in quotes: {}", quote(&format!("\"{text}\"")))),
    }
}

fn unquoted(schema: &Value, text: &str) -> Option<String> {
    let is_plain = match kind_of(schema) {
        Kind::Integer => text.parse::<i64>().is_ok(),
        _ => text.parse::<bool>().is_ok(),
    };
    is_plain.then(|| format!("Write it without quotes: {}", quote(text)))
}
