//! Which headers are passed on, which end here, and which are ours.

use std::net::SocketAddr;

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, REFERER, SET_COOKIE, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue};

use crate::cookies;
use crate::door::TOKEN_PARAMETER;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that belong to one connection only (hop-by-hop).
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Returns what a request asks the connection to become, if it does.
///
/// HTTP/2 is not offered: within it, requests would pass unseen.
pub(crate) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = connection_options(headers).any(|option| option.eq_ignore_ascii_case("upgrade"));
    let protocol = headers.get(UPGRADE).filter(|_| asked)?;
    let text = protocol.to_str().ok()?.to_ascii_lowercase();
    (!text.split(',').any(|name| name.trim().starts_with("h2"))).then(|| protocol.clone())
}

fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|option| !option.is_empty())
}

/// Takes off what belongs to the connection, and puts back the upgrade and trailers it asks for.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap, upgrade: Option<&HeaderValue>) {
    let named: Vec<String> = connection_options(headers).map(str::to_ascii_lowercase).collect();
    let trailers = headers.get_all(TE).iter().any(|value| {
        let value = value.to_str().unwrap_or_default();
        value.split(',').any(|item| item.trim().eq_ignore_ascii_case("trailers"))
    });
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    // The host and the length are never the connection's own, whatever it names.
    for name in named.iter().filter(|name| !matches!(name.as_str(), "host" | "content-length")) {
        headers.remove(name.as_str());
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
    if let Some(protocol) = upgrade {
        headers.insert(UPGRADE, protocol.clone());
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    } else if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
}

/// Takes the entry token and the gateway's cookie out of a request.
pub(crate) fn strip_secrets(headers: &mut HeaderMap, cookie: Option<&str>) {
    let leaks = |value: &HeaderValue| {
        let token = TOKEN_PARAMETER.as_bytes();
        value.as_bytes().windows(token.len()).any(|window| window == token)
    };
    if headers.get_all(REFERER).iter().any(leaks) {
        headers.remove(REFERER);
    }
    let Some(name) = cookie else { return };
    let cookies: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for header in cookies {
        let kept = cookies::without(header.as_bytes(), name);
        if let Some(Ok(kept)) = kept.map(|kept| HeaderValue::from_bytes(&kept)) {
            headers.append(COOKIE, kept);
        }
    }
}

/// Sets who asked for what, in place of anything that the client claims about it.
pub(crate) fn set_forwarded(headers: &mut HeaderMap, client: SocketAddr, prefix: Option<&str>) {
    let claimed: Vec<HeaderName> =
        headers.keys().filter(|name| is_forwarding_claim(name)).cloned().collect();
    for name in claimed {
        headers.remove(name);
    }
    headers.remove(EXPECT);
    let address = client.ip().to_string();
    insert_text(headers, X_FORWARDED_FOR, &address);
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    let node = if client.is_ipv6() { format!("\"[{address}]\"") } else { address };
    let mut forwarded = format!("for={node};proto=http");
    if let Some(host) = headers.get(HOST).cloned() {
        forwarded.push_str(&format!(";host=\"{}\"", host.to_str().unwrap_or_default()));
        headers.insert(X_FORWARDED_HOST, host);
    }
    insert_text(headers, FORWARDED, &forwarded);
    if let Some(prefix) = prefix {
        insert_text(headers, X_FORWARDED_PREFIX, prefix);
    }
}

/// Servers in the CGI tradition read `X_Forwarded_For` as `X-Forwarded-For`.
fn is_forwarding_claim(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    name == "forwarded" || name == "x-real-ip" || name.starts_with("x-forwarded-")
}

fn insert_text(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Takes out of an answer what would set the gateway's own cookie.
pub(crate) fn keep_own_cookie(headers: &mut HeaderMap, name: &str) {
    let is_own = |value: &HeaderValue| cookies::is_named(value.as_bytes(), name);
    if !headers.get_all(SET_COOKIE).iter().any(is_own) {
        return;
    }
    let all: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for value in all.into_iter().filter(|value| !is_own(value)) {
        headers.append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().map(pair) {
            map.append(name, value);
        }
        map
    }

    fn text(headers: &HeaderMap) -> String {
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let mut lines: Vec<String> = headers.iter().map(line).collect();
        lines.sort();
        lines.join("\n")
    }

    #[test]
    fn what_connection_names_ends_here() {
        let mut headers = map(&[
            ("connection", "close, X-Secret"),
            ("connection", "Host, content-length"),
            ("x-secret", "1"),
            ("host", "a"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic x"),
            ("te", "gzip"),
            ("x", "kept"),
        ]);
        strip_hop_by_hop(&mut headers, None);
        assert_eq!(text(&headers), "host: a\nx: kept");
    }

    #[test]
    fn a_length_beside_chunks_is_dropped() {
        let mut headers = map(&[("content-length", "3"), ("transfer-encoding", "chunked")]);
        strip_hop_by_hop(&mut headers, None);
        assert_eq!(text(&headers), "");
    }

    #[test]
    fn upgrades_are_seen_in_any_case_but_http2() {
        let upgrades = |connection, protocol| {
            upgrade(&map(&[("connection", connection), ("upgrade", protocol)])).is_some()
        };
        assert!(upgrades("Upgrade", "websocket"));
        assert!(upgrades("keep-alive, UPGRADE", "WebSocket"));
        assert!(!upgrades("keep-alive", "websocket"));
        assert!(!upgrades("upgrade, http2-settings", "h2c"));
        assert!(!upgrades("upgrade", "websocket, H2C"));
    }

    #[test]
    fn claims_about_the_client_are_ours() {
        let mut headers = map(&[
            ("host", "items.localhost"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x_forwarded_host", "evil"),
            ("x-forwarded-prefix", "/evil"),
            ("x-real-ip", "6.6.6.6"),
            ("forwarded", "for=6.6.6.6"),
        ]);
        set_forwarded(&mut headers, ([127, 0, 0, 1], 5).into(), Some("/api"));
        assert_eq!(
            text(&headers),
            "forwarded: for=127.0.0.1;proto=http;host=\"items.localhost\"\nhost: items.localhost\n\
             x-forwarded-for: 127.0.0.1\nx-forwarded-host: items.localhost\n\
             x-forwarded-prefix: /api\nx-forwarded-proto: http"
        );
    }

    #[test]
    fn secrets_end_here() {
        let mut headers = map(&[
            ("cookie", "a=1; own=2"),
            ("cookie", "own=3"),
            ("referer", "http://127.0.0.1/?ensconce_token=x"),
        ]);
        strip_secrets(&mut headers, Some("own"));
        assert_eq!(text(&headers), "cookie: a=1");
        let mut answer = map(&[("set-cookie", "own=evil; Path=/"), ("set-cookie", "b=1")]);
        keep_own_cookie(&mut answer, "own");
        assert_eq!(text(&answer), "set-cookie: b=1");
    }
}
