//! What a client of the control port gets.

use bytes::Bytes;
use ensconce_protocol::Refusal;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::json;

use crate::error::AppError;

/// A response with a JSON body.
pub(super) type ControlResponse = Response<Full<Bytes>>;

/// Why a request was not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    status: StatusCode,
    refusal: Refusal,
}

impl Refused {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, refusal: Refusal { error: error.into(), hint: None } }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.refusal.hint = Some(hint.into());
        self
    }

    /// Makes the response that says so.
    pub(super) fn into_response(self) -> ControlResponse {
        data(self.status, &self.refusal)
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        let status = match error {
            AppError::NoSuchJob { .. } => StatusCode::NOT_FOUND,
            AppError::Paused | AppError::Stopping => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let refused = Self::new(status, error.to_string());
        match error.hints().into_iter().next() {
            Some(hint) => refused.hint(hint),
            None => refused,
        }
    }
}

/// Makes a response of data.
pub(super) fn data(status: StatusCode, body: &impl Serialize) -> ControlResponse {
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Makes the response that something was done, or has begun.
pub(super) fn accepted() -> ControlResponse {
    data(StatusCode::ACCEPTED, &json!({}))
}
