//! Servers that send a request elsewhere.

use std::io::Write;

use serde_json::{Value, json};

use crate::checks::check;
use crate::servers::{Server, answer, request};
use crate::world::Said;

/// Sends every request on, but answers those to `/end`.
fn sending_on(status: &'static str, to: String) -> Server {
    Server::start(move |mut stream, seen| {
        let request = request(&mut stream);
        let end = request.split_whitespace().nth(1) == Some("/end");
        seen.lock().unwrap().push(request);
        let location = format!("location: {to}\r\n");
        let text = if end { answer("200 OK", "", "") } else { answer(status, &location, "") };
        let _ = stream.write_all(text.as_bytes());
    })
}

fn with_key(method: &str, url: &str, body: &Value) -> Said {
    check(&json!({
        "kind": "http", "method": method, "url": url, "headers": { "x-api-key": "my-secret" },
        "body": body, "timeout_ms": 10_000,
    }))
}

#[test]
fn the_same_server_gets_the_key_again() {
    let server = sending_on("302 Found", "/end".to_owned());
    with_key("GET", &server.url("/start"), &Value::Null).is("ok");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|request| request.contains("my-secret")), "{seen:?}");
}

#[test]
fn another_server_does_not_get_the_key() {
    let other = sending_on("302 Found", "/end".to_owned());
    let server = sending_on("302 Found", other.url("/end"));
    with_key("GET", &server.url("/start"), &Value::Null).is("ok");
    assert!(server.seen()[0].contains("my-secret"));
    assert!(!other.seen()[0].contains("my-secret"), "{:?}", other.seen());
}

#[test]
fn another_server_does_not_get_the_body() {
    let other = sending_on("302 Found", "/end".to_owned());
    let server = sending_on("307 Temporary", other.url("/end"));
    let said = with_key("POST", &server.url("/start"), &json!({ "password": "my-secret" }));
    said.is("redirect_elsewhere").hides("my-secret");
    assert!(other.seen().is_empty());
}

#[test]
fn a_post_becomes_a_get_unless_it_must_not() {
    for (status, method) in [("303 See", "GET"), ("302 Found", "GET"), ("308 Moved", "POST")] {
        let server = sending_on(status, "/end".to_owned());
        with_key("POST", &server.url("/start"), &json!({ "a": 1 })).is("ok");
        let seen = server.seen();
        assert!(seen[1].starts_with(&format!("{method} /end ")), "{status}: {seen:?}");
        assert_eq!(seen[1].contains(r#"{"a":1}"#), method == "POST", "{status}: {seen:?}");
    }
}

#[test]
fn it_does_not_go_round_in_circles() {
    let server = sending_on("302 Found", "/again".to_owned());
    with_key("GET", &server.url("/start"), &Value::Null).is("redirects");
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn places_that_are_none_are_not_gone_to() {
    for to in ["ftp://x/", "http://", "javascript://x"] {
        let server = sending_on("302 Found", to.to_owned());
        with_key("GET", &server.url("/start"), &Value::Null).is("redirect");
    }
}
