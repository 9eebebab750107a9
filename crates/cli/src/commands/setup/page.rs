//! What the app tells about its questions; as much as the terminal needs of it.

use std::collections::BTreeMap;

use ensconce_app::{AppIdentity, switch_of};
use ensconce_manifest::FieldKind;
use serde::Deserialize;
use serde_json::Value;

/// All that the app asks.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    pub(super) app: AppIdentity,
    pub(super) steps: Vec<Page>,
    pub(super) store: Store,
    pub(super) importable: Option<Importable>,
}

/// Questions that are answered together.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) text: Option<String>,
    pub(super) complete: bool,
    pub(super) fields: Vec<Field>,
}

/// One question.
#[derive(Debug, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: FieldKind,
    pub(super) label: String,
    pub(super) help: Option<String>,
    pub(super) required: bool,
    pub(super) choices: Vec<Choice>,
    pub(super) show_if: BTreeMap<String, Vec<Value>>,
    /// The answer so far, or what is proposed; of a secret nothing.
    pub(super) value: Value,
    pub(super) is_set: bool,
    pub(super) env: Option<String>,
}

/// An answer to choose.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

/// Where secrets are kept.
#[derive(Debug, Deserialize)]
pub(super) struct Store {
    pub(super) trouble: Option<Trouble>,
}

/// Why secrets cannot be kept now.
#[derive(Debug, Deserialize)]
pub(super) struct Trouble {
    pub(super) title: String,
    pub(super) message: String,
}

/// A settings file of earlier times.
#[derive(Debug, Deserialize)]
pub(super) struct Importable {
    pub(super) path: String,
    pub(super) fields: Vec<String>,
}

/// What came of a request.
#[derive(Debug, Deserialize)]
pub(super) struct Outcome {
    pub(super) ok: bool,
    pub(super) message: Option<String>,
    /// What is wrong with a field, by its name.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, String>,
}

impl Asked {
    /// All questions, of all pages.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.steps.iter().flat_map(|page| &page.fields)
    }

    /// Reports whether a question is asked, when these answers are given beside those of before.
    pub(super) fn shows(&self, field: &Field, answers: &BTreeMap<String, Value>) -> bool {
        self.shows_within(field, answers, self.fields().count())
    }

    /// A circle of conditions shows nothing of itself: `depth` ends it.
    fn shows_within(&self, field: &Field, answers: &BTreeMap<String, Value>, depth: usize) -> bool {
        field.show_if.iter().all(|(name, wanted)| {
            let Some(other) = self.fields().find(|other| other.name == *name) else { return true };
            let value = other.plain(answers.get(name).unwrap_or(&other.value));
            let fits = wanted.iter().any(|one| other.plain(one) == value);
            depth > 0 && fits && self.shows_within(other, answers, depth - 1)
        })
    }
}

impl Page {
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }
}

impl Field {
    /// Reports whether it can stay as it is.
    pub(super) fn has_answer(&self) -> bool {
        self.is_set || !self.value.is_null()
    }

    /// An answer in one form, however it was written: a switch takes several words.
    fn plain(&self, value: &Value) -> String {
        match (self.kind, value) {
            (FieldKind::Switch, Value::String(word)) => {
                switch_of(word).map_or_else(|| word.clone(), |flag| text(&flag.into()))
            }
            (_, value) => text(value),
        }
    }
}

/// An answer as people read and type it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        value => value.to_string(),
    }
}
