//! What a server has answered, as far as it matters.

use serde_json::Value;
use ureq::http::{Response, header};
use ureq::{Body, Error};

/// How much of a response is read at most.
const MOST_READ: u64 = 64 << 10;
/// Longer texts are not for people.
const LONGEST_SAID: usize = 200;

/// The status of a response, where it leads, and its message for people.
pub(super) struct HttpReply {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) said: Option<String>,
}

impl HttpReply {
    /// Reads a response; its body only if it is JSON, for others may never end.
    pub(super) fn read(mut response: Response<Body>) -> Result<Self, Error> {
        let status = response.status().as_u16();
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let location = text(header::LOCATION).map(str::to_owned);
        let json = text(header::CONTENT_TYPE).is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            kind == "application/json" || kind.ends_with("+json")
        });
        let said = if json { said(&body(&mut response)?) } else { None };
        Ok(Self { status, location, said })
    }

    /// Returns whether the status is that of a redirect.
    pub(super) fn redirects(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }
}

fn body(response: &mut Response<Body>) -> Result<Vec<u8>, Error> {
    match response.body_mut().with_config().limit(MOST_READ).read_to_vec() {
        Err(Error::BodyExceedsLimit(_)) => Ok(Vec::new()),
        result => result,
    }
}

/// Returns the sentence for people in a response, from where APIs usually have one.
fn said(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    ["/error/message", "/message", "/detail", "/error", "/error_description"]
        .iter()
        .find_map(|place| answer.pointer(place)?.as_str())
        .map(str::trim)
        .filter(|text| !text.is_empty() && text.chars().count() <= LONGEST_SAID)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_for_people_is_found() {
        for (body, found) in [
            (r#"{"error":{"message":"Bad key","type":"x"}}"#, Some("Bad key")),
            (r#"{"detail":" Not here "}"#, Some("Not here")),
            (r#"{"message":"Hello"}"#, Some("Hello")),
            (r#"{"error":"invalid_token"}"#, Some("invalid_token")),
            (r#"{"detail":[{"loc":["x"]}]}"#, None),
            (r#"{"message":""}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(said(body.as_bytes()).as_deref(), found, "{body}");
        }
        let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(201));
        assert_eq!(said(long.as_bytes()), None);
    }
}
