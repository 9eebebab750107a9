//! Limits of strings and numbers.

use std::ops::Range;

use regex::Regex;
use serde_json::Value;

use super::Walker;
use crate::diagnostics::Finding;
use crate::words::quote;

impl<'a> Walker<'a> {
    /// Checks the pattern and the length of a string.
    pub(super) fn text(&mut self, schema: &'a Value, text: &str, span: Range<usize>) {
        if !self.fits_pattern(schema, text) {
            let expected = schema.get("patternErrorMessage").and_then(Value::as_str);
            let message = match expected {
                Some(expected) => format!("{expected}, found {}", quote(text)),
                None => format!("Invalid value {} for {}", quote(text), self.place()),
            };
            return self.report(Finding::new(span, message));
        }
        let length = text.chars().count() as u64;
        let limit = |key: &str| schema.get(key).and_then(Value::as_u64);
        if limit("minLength").is_some_and(|least| length < least) {
            let message = format!("{} is empty", self.place());
            self.report(Finding::new(span, message));
        } else if let Some(most) = limit("maxLength").filter(|most| length > *most) {
            let place = self.place();
            let message = format!("{place} is too long: {length} characters, at most {most}");
            self.report(Finding::new(span, message));
        }
    }

    fn fits_pattern(&mut self, schema: &'a Value, text: &str) -> bool {
        let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else { return true };
        let regex = self.patterns.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    /// Checks the limits of a whole number; `None` is one that no integer holds.
    pub(super) fn number(&mut self, schema: &Value, number: Option<i64>, span: Range<usize>) {
        let limit = |key: &str| schema.get(key).and_then(Value::as_i64);
        let least = limit("minimum");
        let most = limit("maximum");
        let fits = number.is_some_and(|number| {
            least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
        });
        if !fits {
            let place = self.place();
            let shown =
                number.map_or("a number beyond 64 bits".to_owned(), |n| quote(&n.to_string()));
            let message = match (least, most) {
                (Some(least), Some(most)) => {
                    format!("{place} must be from {least} to {most}, found {shown}")
                }
                (Some(least), None) => format!("{place} must be at least {least}, found {shown}"),
                _ => format!("{place} is out of range: {shown}"),
            };
            self.report(Finding::new(span, message));
        }
    }
}
