//! What is answered: whether it went well, in words for people, and in values for programs.

use serde::Serialize;
use serde_json::{Map, Value};

/// The one answer to a request.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Whether what was tried works.
    pub ok: bool,
    /// What a person reads. Holds no secret.
    pub message: String,
    /// The same for programs; `reason` is a word that stays the same between versions.
    pub details: Map<String, Value>,
}

impl Answer {
    /// Makes the answer that all is well.
    pub(crate) fn good(message: impl Into<String>) -> Self {
        Self { ok: true, message: message.into(), details: Map::new() }.with("reason", "ok")
    }

    /// Makes the answer that something is not; `reason` names what for programs.
    pub(crate) fn bad(reason: &str, message: impl Into<String>) -> Self {
        Self { ok: false, message: message.into(), details: Map::new() }.with("reason", reason)
    }

    /// Adds a detail.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// Writes the answer to stdout as one line of JSON.
    pub(crate) fn tell(&self) {
        crate::tell(&serde_json::to_string(self).expect("an answer has only string keys"));
    }
}
