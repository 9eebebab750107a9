//! Formats questions for a terminal, and parses the answers.

use std::io::{self, ErrorKind};

use anstyle::Style;
use ensconce_protocol::{FieldDescription, FieldType, PageDescription};
use serde_json::Value;

use super::fields::{has_answer, text};
use crate::error::CommandError;
use crate::prompt::Prompter;
use crate::screen::say;

/// Shows what a page is about.
pub(super) fn heading(page: &PageDescription) {
    let bold = Style::new().bold();
    say(&format!("\n{bold}{}{bold:#}", page.title));
    page.text.iter().for_each(|text| say(text));
}

/// Asks one question. `None` leaves the answer as it is.
pub(super) fn ask(
    prompter: &Prompter,
    field: &FieldDescription,
) -> Result<Option<Value>, CommandError> {
    field.help.iter().for_each(|help| say(help));
    for (number, choice) in field.choices.iter().enumerate() {
        say(&format!("  {}) {}", number + 1, choice.label));
    }
    loop {
        let typed = match field.kind.is_secret() {
            true => prompter.secret(&question(field)),
            false => prompter.line(&question(field)),
        };
        let typed = typed.map_err(unanswered)?;
        if typed.is_empty() && (has_answer(field) || !field.required) {
            return Ok(None);
        }
        if !typed.is_empty() {
            return Ok(Some(Value::from(chosen(field, typed))));
        }
        say("This is required.");
    }
}

/// Reports that the input ended before everything was answered.
pub(super) fn unanswered(error: io::Error) -> CommandError {
    match error.kind() {
        ErrorKind::UnexpectedEof => CommandError::NobodyAnswers,
        _ => CommandError::Io(error),
    }
}

fn question(field: &FieldDescription) -> String {
    let label = field.label.trim_end_matches([':', '?']);
    let so_far = match (field.kind, &field.value) {
        (kind, _) if kind.is_secret() && field.is_set => " [already set, not shown]".to_owned(),
        (kind, _) if kind.is_secret() => " [not shown]".to_owned(),
        (_, Value::Null) if field.required => String::new(),
        (_, Value::Null) => " [none]".to_owned(),
        (FieldType::Switch, value) => format!(" (yes or no) [{}]", text(value)),
        (_, value) => format!(" [{}]", label_of(field, &text(value))),
    };
    format!("{label}{so_far}: ")
}

fn label_of<'a>(field: &'a FieldDescription, value: &'a str) -> &'a str {
    field.choices.iter().find(|choice| choice.value == value).map_or(value, |choice| &choice.label)
}

/// Returns the answer that a number or a label stands for.
fn chosen(field: &FieldDescription, typed: String) -> String {
    let by_number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = by_number.and_then(|index| field.choices.get(index));
    let is_label = |label: &str| label.eq_ignore_ascii_case(&typed);
    let by_label = || field.choices.iter().find(|choice| is_label(&choice.label));
    by_number.or_else(by_label).map_or(typed, |choice| choice.value.clone())
}
