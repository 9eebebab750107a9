//! Which questions are asked, and what an answer is as a text.

use std::collections::BTreeMap;

use ensconce_app::switch_of;
use ensconce_protocol::{FieldDescription, FieldType, SetupDescription};
use serde::Serialize;
use serde_json::Value;

/// Returns all questions, of all pages.
pub(super) fn fields(setup: &SetupDescription) -> impl Iterator<Item = &FieldDescription> {
    setup.pages.iter().flat_map(|page| &page.fields)
}

/// Returns whether a question is asked, with these answers in addition to the kept ones.
pub(super) fn is_shown(
    setup: &SetupDescription,
    field: &FieldDescription,
    answers: &BTreeMap<String, Value>,
) -> bool {
    field.show_if.iter().all(|(name, wanted)| {
        let Some(other) = fields(setup).find(|other| other.name == *name) else { return true };
        let value = plain(other.kind, answers.get(name).unwrap_or(&other.value));
        let fits = wanted.iter().any(|one| plain(other.kind, one) == value);
        fits && is_shown(setup, other, answers)
    })
}

/// Returns whether a question can stay as it is.
pub(super) fn has_answer(field: &FieldDescription) -> bool {
    field.is_set || !field.value.is_null()
}

/// Returns an answer as people read and type it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        value => value.to_string(),
    }
}

/// Returns an answer in one form, however it was written: a switch takes several words, and a
/// number may be a text.
fn plain(kind: FieldType, value: &impl Serialize) -> String {
    // Texts, numbers and switches can always be serialised.
    let text = text(&serde_json::to_value(value).unwrap_or_default());
    match kind {
        FieldType::Switch => switch_of(&text).map(|on| on.to_string()),
        FieldType::Number => text.trim().parse().ok().map(|number: f64| number.to_string()),
        _ => None,
    }
    .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use ensconce_protocol::Scalar;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_the_same_however_it_is_written() {
        for (kind, one, other) in [
            (FieldType::Switch, json!("on"), Scalar::Boolean(true)),
            (FieldType::Switch, json!(false), Scalar::Text("no".to_owned())),
            (FieldType::Number, json!(5), Scalar::Number(5.0)),
            (FieldType::Number, json!("5"), Scalar::Number(5.0)),
            (FieldType::Number, json!(0.5), Scalar::Text("0.50".to_owned())),
            (FieldType::Choice, json!("on"), Scalar::Text("on".to_owned())),
        ] {
            assert_eq!(plain(kind, &one), plain(kind, &other), "{one} {other:?}");
        }
        let (on, yes) = (json!("on"), Scalar::Text("yes".to_owned()));
        assert_ne!(plain(FieldType::Text, &on), plain(FieldType::Text, &yes));
    }
}
