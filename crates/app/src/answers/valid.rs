//! Checks whether an answer is one that its field takes, in words for people.

use std::path::Path;
use std::sync::LazyLock;

use ensconce_manifest::{Field, FieldKind, Scalar};
use regex::Regex;
use serde_json::Value;
use url::Url;

/// The longest answer, in bytes; a process's environment cannot hold much more.
const LONGEST: usize = 64 * 1024;

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$").unwrap_or_else(|_| never()));

/// A pattern that nothing matches.
fn never() -> Regex {
    #[expect(clippy::unwrap_used, reason = "a constant")]
    Regex::new("[^\\s\\S]").unwrap()
}

/// Returns the answer as it is kept; none for an empty one. The error is a sentence for people.
pub(crate) fn answer(field: &Field, given: &Value) -> Result<Option<Value>, String> {
    let text = match given {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => given.to_string(),
        Value::Array(_) | Value::Object(_) => return Err("This is no answer.".to_owned()),
    };
    // What surrounds a secret may be part of it; the page takes off what was pasted along.
    let text = if field.kind == FieldKind::Secret { text.as_str() } else { text.trim() };
    if text.is_empty() {
        return Ok(None);
    }
    if text.contains('\0') {
        return Err("It holds a character that cannot be used (NUL).".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("It is too long: {} KiB, at most 64.", text.len() / 1024));
    }
    let value = of_kind(field, text)?;
    fits_pattern(field, text)?;
    Ok(Some(value))
}

fn of_kind(field: &Field, text: &str) -> Result<Value, String> {
    match field.kind {
        FieldKind::Text | FieldKind::Secret => Ok(text.into()),
        FieldKind::Url => address(text),
        FieldKind::Email if EMAIL.is_match(text) => Ok(text.into()),
        FieldKind::Email => Err("Write an e-mail address, such as ada@example.com.".to_owned()),
        FieldKind::Number => number(field, text),
        FieldKind::Choice => {
            let known = field.choices.iter().any(|choice| choice.value() == text);
            if known { Ok(text.into()) } else { Err("Choose one of the answers.".to_owned()) }
        }
        FieldKind::Switch => switch(text),
        FieldKind::File if Path::new(text).is_file() => Ok(text.into()),
        FieldKind::File => Err("There is no such file.".to_owned()),
        FieldKind::Folder if Path::new(text).is_dir() => Ok(text.into()),
        FieldKind::Folder => Err("There is no such folder.".to_owned()),
        FieldKind::Database => database(text),
    }
}

fn address(text: &str) -> Result<Value, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match url.and_then(|url| url.host().map(|_| ())) {
        Some(()) => Ok(text.into()),
        None => Err("Write an address that begins with https:// or http://.".to_owned()),
    }
}

fn number(field: &Field, text: &str) -> Result<Value, String> {
    let no_number = || "Write a number.".to_owned();
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite()).ok_or_else(no_number)?;
    if let Some(min) = field.min.filter(|min| number < *min) {
        return Err(format!("It must be at least {min}."));
    }
    if let Some(max) = field.max.filter(|max| number > *max) {
        return Err(format!("It must be at most {max}."));
    }
    match text.parse::<i64>() {
        Ok(whole) => Ok(whole.into()),
        Err(_) => Ok(number.into()),
    }
}

fn switch(text: &str) -> Result<Value, String> {
    switch_of(text).map(Value::from).ok_or_else(|| "Answer with yes or no.".to_owned())
}

/// Returns what a word means for a switch.
pub fn switch_of(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn database(text: &str) -> Result<Value, String> {
    let url = Url::parse(text).ok();
    let is_postgres =
        |url: &Url| matches!(url.scheme().split('+').next(), Some("postgres" | "postgresql"));
    match url.filter(is_postgres) {
        Some(_) => Ok(text.into()),
        None => {
            Err("Write an address such as postgresql://user:password@host:5432/name.".to_owned())
        }
    }
}

fn fits_pattern(field: &Field, text: &str) -> Result<(), String> {
    let Some(pattern) = &field.pattern else { return Ok(()) };
    let whole = Regex::new(&format!("^(?:{pattern})$")).ok();
    if whole.is_none_or(|whole| whole.is_match(text)) {
        return Ok(());
    }
    Err(match &field.pattern_help {
        Some(help) => format!("{}.", help.trim_end_matches('.')),
        None => "It does not look as it should.".to_owned(),
    })
}

/// Returns the answer that a field has before anyone has given one.
pub(crate) fn default(field: &Field) -> Option<Value> {
    match &field.default {
        Some(Scalar::String(text)) if text.is_empty() => None,
        Some(Scalar::String(text)) => Some(text.as_str().into()),
        Some(Scalar::Integer(number)) => Some((*number).into()),
        Some(Scalar::Float(number)) => Some((*number).into()),
        Some(Scalar::Boolean(flag)) => Some((*flag).into()),
        None if field.kind == FieldKind::Switch => Some(false.into()),
        None => None,
    }
}

/// Writes an answer as environment variables and files have it.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(rest: &str) -> Field {
        let manifest = format!(
            "[app]\nid = \"a.b\"\nname = \"A\"\nversion = \"1.0.0\"\n[ui]\nstatic = \"dist\"\n\
             [[setup.page]]\ntitle = \"A\"\nfields = [{{ name = \"a\", label = \"A\", {rest} }}]"
        );
        let manifest = ensconce_manifest::parse("ensconce.toml", &manifest).unwrap();
        manifest.setup.pages[0].fields[0].clone()
    }

    #[track_caller]
    fn takes(rest: &str, given: impl Into<Value>, kept: impl Into<Value>) {
        assert_eq!(answer(&field(rest), &given.into()), Ok(Some(kept.into())));
    }

    #[track_caller]
    fn refuses(rest: &str, given: impl Into<Value>, why: &str) {
        assert_eq!(answer(&field(rest), &given.into()), Err(why.to_owned()));
    }

    #[test]
    fn each_kind_takes_its_own() {
        takes("type = \"text\"", "  Ada ", "Ada");
        takes("type = \"url\"", "https://example.com/v1", "https://example.com/v1");
        takes("type = \"email\"", "ada@example.com", "ada@example.com");
        takes("type = \"number\"", "3", 3);
        takes("type = \"number\"", 2.5, 2.5);
        takes("type = \"switch\"", "yes", true);
        takes("type = \"switch\"", false, false);
        takes("type = \"choice\", choices = [\"a\", \"b\"]", "b", "b");
        takes("type = \"folder\"", "/", "/");
        takes(
            "type = \"database\"",
            "postgresql+asyncpg://u:p@h/d",
            "postgresql+asyncpg://u:p@h/d",
        );
    }

    #[test]
    fn others_are_refused_with_a_reason() {
        refuses(
            "type = \"url\"",
            "example.com",
            "Write an address that begins with https:// or http://.",
        );
        refuses(
            "type = \"url\"",
            "file:///etc/passwd",
            "Write an address that begins with https:// or http://.",
        );
        refuses("type = \"email\"", "ada@", "Write an e-mail address, such as ada@example.com.");
        refuses("type = \"number\", min = 1", "0", "It must be at least 1.");
        refuses("type = \"number\", max = 2.5", 3, "It must be at most 2.5.");
        refuses("type = \"number\"", "NaN", "Write a number.");
        refuses("type = \"switch\"", "perhaps", "Answer with yes or no.");
        refuses("type = \"choice\", choices = [\"a\"]", "b", "Choose one of the answers.");
        refuses("type = \"file\"", "/nonexistent", "There is no such file.");
        refuses(
            "pattern = \"sk-.+\", pattern_help = \"A key begins with sk-\"",
            "key",
            "A key begins with sk-.",
        );
        refuses("type = \"text\"", "a\0b", "It holds a character that cannot be used (NUL).");
        refuses("type = \"text\"", serde_json::json!(["a"]), "This is no answer.");
    }

    #[test]
    fn secrets_are_kept_as_they_are() {
        let odd = " with spaces, \"quotes\" and\nnewlines ";
        takes("type = \"secret\"", odd, odd);
        takes("type = \"secret\"", "x".repeat(LONGEST), "x".repeat(LONGEST));
        refuses(
            "type = \"secret\"",
            "x".repeat(LONGEST + 1024),
            "It is too long: 65 KiB, at most 64.",
        );
    }

    #[test]
    fn nothing_is_no_answer() {
        for given in [Value::Null, "".into(), "  ".into()] {
            assert_eq!(answer(&field("type = \"text\""), &given), Ok(None));
        }
        assert_eq!(default(&field("type = \"switch\"")), Some(false.into()));
        assert_eq!(default(&field("default = \"a\"")), Some("a".into()));
    }
}
