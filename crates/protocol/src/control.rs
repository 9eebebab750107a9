//! What clients and the control port of an app send each other, beside [`AppRequest`] and
//! [`AppStatus`].
//!
//! [`AppRequest`]: crate::AppRequest
//! [`AppStatus`]: crate::AppStatus

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason.
    pub error: String,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Asks the control port to prove that it is the app's, before anything secret is sent to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Challenge {
    /// Random text that the client has just made.
    pub nonce: String,
}

/// Proves that who sent it knows the owner's token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    /// HMAC-SHA-256 of the nonce by the token, in lower-case hexadecimal.
    pub proof: String,
}

/// Where a browser finds the page of set-up and settings.
#[derive(Clone, Serialize, Deserialize)]
pub struct SetupAddress {
    /// An address that works once.
    pub url: String,
}

/// What the page of set-up and settings gets for the token in its address.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetupKey {
    /// Opens the control port to this page, for as long as the app runs.
    pub key: String,
}

/// What the user has answered, secrets included, for the app's back end.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Answers {
    /// The answers by the names of their fields.
    pub answers: BTreeMap<String, Value>,
}
