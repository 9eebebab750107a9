//! Kinds of values, in plain words.

use serde_json::Value;
use toml::de::DeValue;

/// A kind of value, of a schema or of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    List,
    Table,
    Any,
}

impl Kind {
    /// Returns the kind of a value of the manifest.
    pub(super) fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(_) => Self::String,
            DeValue::Integer(_) => Self::Integer,
            DeValue::Float(_) => Self::Number,
            DeValue::Boolean(_) => Self::Boolean,
            DeValue::Datetime(_) => Self::Date,
            DeValue::Array(_) => Self::List,
            DeValue::Table(_) => Self::Table,
        }
    }

    /// Returns whether a value of a kind can be right where this kind is expected.
    pub(super) fn accepts(self, found: Self) -> bool {
        self == found || self == Self::Any || (self, found) == (Self::Number, Self::Integer)
    }

    /// Returns the kind's name with its article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Date => "a date",
            Self::List => "a list",
            Self::Table => "a table",
            Self::Any => "a value",
        }
    }

    /// Returns the kind's plural.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::String => "strings",
            Self::Integer => "whole numbers",
            Self::Number => "numbers",
            Self::Boolean => "booleans",
            Self::Date => "dates",
            Self::List => "lists",
            Self::Table => "tables",
            Self::Any => "values",
        }
    }
}

/// Returns the kind that a schema, without references, expects.
pub(super) fn kind_of(schema: &Value) -> Kind {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => Kind::String,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("array") => Kind::List,
        Some("object") => Kind::Table,
        _ => Kind::Any,
    }
}
