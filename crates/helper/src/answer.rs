//! Makes answers: whether the work was done, in words for people, and in values for programs.

use ensconce_protocol::HelperAnswer;
use serde_json::Value;

use crate::error::WorkError;

/// Makes answers.
pub(crate) trait Answering: Sized {
    /// Makes the answer to work that was done.
    fn good(message: impl Into<String>) -> Self;
    /// Makes the answer to work that was not; `reason` is a word for programs.
    fn bad(reason: &str, message: impl Into<String>) -> Self;
    /// Adds a number or name for logs and tests.
    fn with(self, key: &str, value: impl Into<Value>) -> Self;
}

impl Answering for HelperAnswer {
    fn good(message: impl Into<String>) -> Self {
        Self { ok: true, reason: "ok".to_owned(), message: message.into(), ..Self::default() }
    }

    fn bad(reason: &str, message: impl Into<String>) -> Self {
        Self { ok: false, reason: reason.to_owned(), message: message.into(), ..Self::default() }
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }
}

/// Makes the answer to work that failed.
pub(crate) fn refused(error: &WorkError) -> HelperAnswer {
    HelperAnswer::bad(error.reason(), error.to_string())
}
