//! Notices: what a person or a script gets in place of an answer.

use http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    PROXY_AUTHENTICATE, REFERRER_POLICY, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response};
use serde_json::json;

use crate::body::{self, Body};
use crate::failure::{Failure, FailureRow};

/// The page, made of one file; see `build.rs`.
const PAGE: &str = include_str!("../../../pages/dist/notice.html");

/// Where the page keeps its data.
const MARKER: &str = r#"<script type="application/json" id="notice">"#;

const POLICY: &str = concat!(env!("NOTICE_POLICY"), "; frame-ancestors 'none'");

/// What a notice is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoticeFormat {
    /// A page, for people.
    Page,
    /// JSON, for scripts.
    Json,
}

impl NoticeFormat {
    /// Picks the format by a request's headers: a page for whoever prefers HTML and is no script.
    pub(crate) fn for_request(headers: &HeaderMap) -> Self {
        let destination = headers.get("sec-fetch-dest").map(HeaderValue::as_bytes);
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let html = weight(accept, "text/html");
        if destination != Some(b"empty") && html > 0.0 && html >= weight(accept, "application/json")
        {
            Self::Page
        } else {
            Self::Json
        }
    }
}

/// Returns the weight that an `Accept` header gives to a type that it names.
fn weight(accept: &str, media_type: &str) -> f32 {
    let named = accept.split(',').find_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts.next()?.eq_ignore_ascii_case(media_type).then(|| {
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0))
        })
    });
    named.unwrap_or(0.0)
}

/// Makes the answer for a failure.
pub(crate) fn answer(failure: &Failure, app: &str, format: NoticeFormat) -> Response<Body> {
    let row = failure.row();
    tracing::debug!(status = row.status.as_u16(), kind = row.kind, "{failure}");
    if *failure == Failure::NoCredentials {
        return ask_for_credentials(&row);
    }
    let (content_type, text) = match format {
        NoticeFormat::Page => ("text/html; charset=utf-8", page(failure, &row, app)),
        NoticeFormat::Json => ("application/json", message(failure, &row)),
    };
    let mut response = Response::new(body::full(text));
    *response.status_mut() = row.status;
    *response.headers_mut() = headers(failure, &row, content_type);
    response
}

/// Makes the answer to every request without credentials, the same for all, so that it shows
/// nothing.
fn ask_for_credentials(row: &FailureRow) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = row.status;
    let realm = HeaderValue::from_static("Basic realm=\"Ensconce\"");
    response.headers_mut().insert(PROXY_AUTHENTICATE, realm);
    response
}

fn headers(failure: &Failure, row: &FailureRow, content_type: &'static str) -> HeaderMap {
    const FIXED: [(HeaderName, &str); 5] = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept, sec-fetch-dest"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut headers: HeaderMap =
        FIXED.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(retry) = row.retry {
        headers.insert(RETRY_AFTER, retry.as_secs().max(1).into());
    }
    if *failure == Failure::MethodNotAllowed {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    headers
}

fn message(failure: &Failure, row: &FailureRow) -> String {
    json!({ "error": row.kind, "message": failure.to_string() }).to_string()
}

fn page(failure: &Failure, row: &FailureRow, app: &str) -> String {
    let data = json!({
        "kind": row.kind,
        "app": app,
        "service": failure.service(),
        "retry_ms": row.retry.map(|retry| retry.as_millis() as u64),
        "target": failure.target(),
    });
    // Within JSON, `<` only stands in strings, where its escape means the same.
    let data = data.to_string().replace('<', "\\u003c");
    let Some((before, after)) = PAGE.split_once(MARKER) else {
        return data;
    };
    let after = after.split_once("</script>").map_or("", |(_, after)| after);
    format!("{before}{MARKER}{data}</script>{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(headers: &[(&'static str, &'static str)]) -> NoticeFormat {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        NoticeFormat::for_request(&headers.collect())
    }

    #[test]
    fn pages_are_for_people() {
        let navigation = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(format(&[("accept", navigation)]), NoticeFormat::Page);
        assert_eq!(format(&[("accept", "application/json, text/html;q=0.5")]), NoticeFormat::Json);
        assert_eq!(
            format(&[("accept", navigation), ("sec-fetch-dest", "empty")]),
            NoticeFormat::Json
        );
        assert_eq!(format(&[("accept", "*/*")]), NoticeFormat::Json);
        assert_eq!(format(&[("accept", "text/html;q=x")]), NoticeFormat::Json);
        assert_eq!(format(&[]), NoticeFormat::Json);
    }

    #[test]
    fn nothing_in_the_data_ends_the_script() {
        let failure = Failure::Blocked { target: "</script><script>alert(1)".to_owned() };
        let page = page(&failure, &failure.row(), "<b>");
        assert!(!page.contains("<script>alert"));
        assert_eq!(page.matches(MARKER).count(), 1);
        assert!(page.contains(r#""target":"\u003c/script>\u003cscript>alert(1)""#));
    }

    #[test]
    fn the_policy_names_what_the_page_needs_and_no_frame() {
        assert!(POLICY.starts_with("default-src 'none'"), "{POLICY}");
        assert!(POLICY.ends_with("frame-ancestors 'none'"), "{POLICY}");
    }
}
