//! Asks somebody at a terminal.

use std::io::{Write, stderr, stdin};

use anstyle::Style;
use ensconce_manifest::FieldKind;
use serde_json::Value;

use super::page::{Field, Page, text};
use crate::error::CommandError;
use crate::screen::say;

/// Shows what a page is about.
pub(super) fn heading(page: &Page) {
    let bold = Style::new().bold();
    say(&format!("\n{bold}{}{bold:#}", page.title));
    page.text.iter().for_each(|text| say(text));
}

/// Asks one question. Nothing leaves it as it is.
pub(super) fn ask(field: &Field) -> Result<Option<Value>, CommandError> {
    field.help.iter().for_each(|help| say(help));
    for (number, choice) in field.choices.iter().enumerate() {
        say(&format!("  {}) {}", number + 1, choice.label));
    }
    loop {
        let typed = match field.kind.is_secret() {
            true => rpassword::prompt_password(question(field))?,
            false => line(&question(field))?,
        };
        if typed.is_empty() && (field.has_answer() || !field.required) {
            return Ok(None);
        }
        if !typed.is_empty() {
            return Ok(Some(Value::from(chosen(field, typed))));
        }
        say("This is needed.");
    }
}

/// Asks whether something is to be done; Enter alone means yes.
pub(super) fn agrees(question: &str) -> Result<bool, CommandError> {
    let answer = line(&format!("{question} [Y/n] "))?;
    Ok(!answer.to_lowercase().starts_with('n'))
}

fn question(field: &Field) -> String {
    let label = field.label.trim_end_matches([':', '?']);
    let so_far = match (field.kind, &field.value) {
        (kind, _) if kind.is_secret() && field.is_set => " [kept already, not shown]".to_owned(),
        (kind, _) if kind.is_secret() => " [not shown]".to_owned(),
        (_, Value::Null) if field.required => String::new(),
        (_, Value::Null) => " [none]".to_owned(),
        (FieldKind::Switch, value) => format!(" (yes or no) [{}]", text(value)),
        (_, value) => format!(" [{}]", label_of(field, &text(value))),
    };
    format!("{label}{so_far}: ")
}

fn label_of<'a>(field: &'a Field, value: &'a str) -> &'a str {
    field.choices.iter().find(|choice| choice.value == value).map_or(value, |choice| &choice.label)
}

/// The answer that a number or a label stands for.
fn chosen(field: &Field, typed: String) -> String {
    let by_number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = by_number.and_then(|index| field.choices.get(index));
    let is_label = |label: &str| label.eq_ignore_ascii_case(&typed);
    let by_label = || field.choices.iter().find(|choice| is_label(&choice.label));
    by_number.or_else(by_label).map_or(typed, |choice| choice.value.clone())
}

/// Reads a line, without what surrounds it.
fn line(question: &str) -> Result<String, CommandError> {
    let mut screen = stderr().lock();
    let _ = screen.write_all(question.as_bytes()).and_then(|()| screen.flush());
    let mut typed = String::new();
    if stdin().read_line(&mut typed)? == 0 {
        return Err(CommandError::NobodyAnswers);
    }
    Ok(typed.trim().to_owned())
}
