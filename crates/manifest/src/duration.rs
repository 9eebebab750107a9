//! Durations, as text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A duration: a whole number with `ms`, `s`, `m` or `h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration(pub std::time::Duration);

impl JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A duration: a whole number with `ms`, `s`, `m` or `h`.",
            "pattern": DURATION_PATTERN,
            "patternErrorMessage": "Expected a duration such as `10s`, `500ms` or `5m`",
        })
    }
}

/// What [`Duration`] accepts.
pub const DURATION_PATTERN: &str = r"^[0-9]{1,9}(ms|s|m|h)$";

/// The text is not a duration.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Expected a duration such as `10s`, `500ms` or `5m`, found `{0}`")]
pub struct BadDuration(String);

impl TryFrom<String> for Duration {
    type Error = BadDuration;

    fn try_from(text: String) -> Result<Self, BadDuration> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let milliseconds = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(BadDuration(text)),
        };
        match number.parse::<u32>() {
            Ok(number) => {
                Ok(Self(std::time::Duration::from_millis(u64::from(number) * milliseconds)))
            }
            Err(_) => Err(BadDuration(text)),
        }
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        let milliseconds = duration.0.as_millis();
        if milliseconds.is_multiple_of(1000) {
            format!("{}s", milliseconds / 1000)
        } else {
            format!("{milliseconds}ms")
        }
    }
}
