//! What a client gets.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::{Value, json};

/// An answer with a JSON body.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Why a request was not done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) error: String,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Gives data.
pub(crate) fn data(status: StatusCode, body: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Says that it was done, or has begun.
pub(crate) fn accepted() -> Answer {
    data(StatusCode::ACCEPTED, &json!({}))
}

/// Says why not.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    let mut body = json!({ "error": refusal.error });
    if let Some(hint) = &refusal.hint {
        body["hint"] = Value::from(hint.as_str());
    }
    data(refusal.status, &body)
}
