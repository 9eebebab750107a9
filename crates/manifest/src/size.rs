//! Sizes of memory, as text.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A size: a whole number with `KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size {
    number: u64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    name: &'static str,
    bytes: u64,
}

const UNITS: [Unit; 6] = [
    Unit { name: "KB", bytes: 1000 },
    Unit { name: "MB", bytes: 1_000_000 },
    Unit { name: "GB", bytes: 1_000_000_000 },
    Unit { name: "KiB", bytes: 1 << 10 },
    Unit { name: "MiB", bytes: 1 << 20 },
    Unit { name: "GiB", bytes: 1 << 30 },
];

/// What [`Size`] accepts.
pub(crate) const SIZE_PATTERN: &str = r"^[1-9][0-9]{0,8}(KB|MB|GB|KiB|MiB|GiB)$";

impl Size {
    /// Returns the number of bytes.
    pub fn bytes(self) -> u64 {
        self.number * self.unit.bytes
    }
}

impl JsonSchema for Size {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A size: a whole number with `KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`.",
            "pattern": SIZE_PATTERN,
            "patternErrorMessage": "Expected a size such as `512MB` or `2GiB`",
        })
    }
}

/// The text is not a size.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Expected a size such as `512MB` or `2GiB`, found `{0}`")]
pub struct BadSize(String);

impl TryFrom<String> for Size {
    type Error = BadSize;

    fn try_from(text: String) -> Result<Self, BadSize> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, name) = text.split_at(unit_at);
        let unit = UNITS.iter().find(|unit| unit.name == name);
        match (number.parse::<u32>(), unit) {
            (Ok(number), Some(unit)) if number > 0 => {
                Ok(Self { number: number.into(), unit: *unit })
            }
            _ => Err(BadSize(text)),
        }
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        format!("{}{}", size.number, size.unit.name)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.unit.name)
    }
}
