//! Calls to servers that answer well, badly, half, or not at all.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::checks::check;
use crate::servers::Server;
use crate::world::{Said, helper, run_text, start};

fn get(url: &str) -> Said {
    check(&json!({ "kind": "http", "method": "GET", "url": url, "timeout_ms": 10_000 }))
}

#[test]
fn a_call_that_works() {
    let server = Server::json("200 OK", r#"{"message":"3 models"}"#);
    let said = check(&json!({
        "kind": "http", "method": "POST", "url": server.url("/v1/models?x=1"),
        "headers": { "x-api-key": "sk-very-secret", "Authorization": "Bearer abc.def" },
        "body": { "model": "small" }, "statuses": [200], "timeout_ms": 10_000,
    }));
    said.is("ok").says("answers as it should").says("3 models").hides("sk-very").hides("abc.def");
    let seen = server.seen().pop().unwrap();
    assert!(seen.starts_with("POST /v1/models?x=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("x-api-key: sk-very-secret\r\n"), "{seen}");
    assert!(seen.contains("authorization: Bearer abc.def\r\n"), "{seen}");
    assert!(seen.contains("content-type: application/json\r\n"), "{seen}");
    assert!(seen.ends_with(r#"{"model":"small"}"#), "{seen}");
}

#[test]
fn each_status_is_said() {
    for (status, reason) in [
        ("204 No Content", "ok"),
        ("401 Unauthorized", "refused_key"),
        ("403 Forbidden", "refused_key"),
        ("404 Not Found", "not_found"),
        ("429 Too Many", "busy"),
        ("500 Oh", "server_error"),
        ("503 Later", "server_error"),
        ("418 Tea", "status"),
    ] {
        get(&Server::answering(&crate::servers::answer(status, "", "")).url("/")).is(reason);
    }
}

#[test]
fn only_the_wanted_statuses_are_right() {
    let server = Server::answering(&crate::servers::answer("401 No", "", ""));
    let url = server.url("/");
    check(&json!({ "kind": "http", "method": "GET", "url": url, "statuses": [401], "timeout_ms": 10_000 })).is("ok");
    let server = Server::answering(&crate::servers::answer("200 OK", "", ""));
    let url = server.url("/");
    check(&json!({ "kind": "http", "method": "GET", "url": url, "statuses": [204], "timeout_ms": 10_000 }))
        .is("status");
}

#[test]
fn a_key_that_a_server_repeats_is_not_shown() {
    let body =
        r#"{"error":{"message":"Incorrect API key provided: sk-very-secret. Look at q-secret"}}"#;
    let server = Server::json("401 Unauthorized", body);
    let said = check(&json!({
        "kind": "http", "method": "GET", "url": server.url("/?key=q-secret"),
        "headers": { "Authorization": "Bearer sk-very-secret" }, "timeout_ms": 10_000,
    }));
    said.is("refused_key").says("Incorrect API key provided: •••. Look at •••");
    said.hides("sk-very-secret").hides("q-secret");
}

#[test]
fn what_never_answers_ends_in_time() {
    for server in [Server::silent(), Server::dripping()] {
        let begun = Instant::now();
        let said = check(
            &json!({ "kind": "http", "method": "GET", "url": server.url("/"), "timeout_ms": 300 }),
        );
        said.is("timeout").says("did not answer");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[test]
fn nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    get(&format!("http://{free}/")).is("refused").says("refuses the connection");
    get("http://nobody.invalid/").is("no_host").says("No server called `nobody.invalid`");
}

#[test]
fn half_answers_and_other_protocols() {
    for (answer, reason) in [
        ("", "broken_off"),
        ("HTTP/1.1 200 OK\r\ncontent-le", "broken_off"),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"mess",
            "broken_off",
        ),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "not_http"),
        ("220 mail.example ESMTP\r\n", "not_http"),
        ("\u{1}\u{2}\u{3}\u{0}\u{0}\r\n\r\n", "not_http"),
        ("HTTP/1.1 two OK\r\n\r\n", "not_http"),
    ] {
        let said = get(&Server::answering(answer).url("/"));
        assert_eq!(said.reason(), reason, "{answer:?}: {said:?}");
    }
}

#[test]
fn a_page_without_end_is_no_reason_to_wait() {
    let server = Server::start(|mut stream, _| {
        crate::servers::request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
        std::thread::park();
    });
    get(&server.url("/")).is("ok");
}

#[test]
fn a_large_answer_is_not_read_to_its_end() {
    let body = format!(r#"{{"message":"{}"}}"#, "x".repeat(1 << 20));
    get(&Server::json("200 OK", &body).url("/")).is("ok");
}

#[test]
fn odd_keys_are_sent_or_refused_but_never_shown() {
    let server = Server::json("200 OK", "{}");
    let try_key = |key: &str| {
        check(&json!({
            "kind": "http", "method": "GET", "url": server.url("/"), "headers": { "x-api-key": key },
            "timeout_ms": 10_000,
        }))
    };
    try_key(&"k".repeat(65_536)).is("ok").hides("kkkkkkkk");
    try_key("with \"quotes\" and spaces").is("ok").hides("quotes");
    try_key("two\nlines").is("bad_value").says("line breaks").hides("two");
    try_key("zero\0").is("bad_value").hides("zero");
}

#[test]
fn addresses_that_are_none() {
    for url in ["", "example.com", "ftp://example.com/", "https://", "http://[::1/", "http://a b/"]
    {
        get(url).is("bad_address");
    }
}

#[test]
fn requests_that_cannot_be_read_are_not_repeated() {
    let call = r#""kind":"http","method":"GET","url":"http://x/","timeout_ms":1"#;
    for request in [
        "",
        "{",
        "secret-secret",
        r#"{"work":{"kind":"http","method":"GET","url":["secret-secret"],"timeout_ms":1}}"#,
        r#"{"work":{"kind":"secret-secret"}}"#,
        r#"{"work":{"kind":"forget"}}"#,
        &format!(r#"{{"work":{{{call},"secret-secret":1}}}}"#),
        &format!(r#"{{"work":{{{call}}},"secret-secret":1}}"#),
        &format!(r#"{{"work":{{{call}}}}} secret-secret"#),
        &format!(
            r#"{{"work":{{{call},"body":{}"secret-secret"{}}}}}"#,
            "[".repeat(900),
            "]".repeat(900)
        ),
    ] {
        let said = run_text(&mut helper(), request);
        assert_eq!(said.code, 2, "{said:?}");
        said.is("bad_request").says("not readable").hides("secret-secret");
    }
    let mut bytes = helper();
    bytes.arg("run").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = bytes.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"\xff\xfe{}").unwrap();
    Said::from(child.wait_with_output().unwrap()).is("bad_request");
}

#[test]
fn a_request_that_is_too_large_is_not_read_to_its_end() {
    let mut endless = helper();
    endless.arg("run").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = endless.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let spaces = vec![b' '; 1 << 20];
    let begun = Instant::now();
    while input.write_all(&spaces).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it goes on to read");
    }
    Said::from(child.wait_with_output().unwrap()).is("bad_request").says("too large");
}

#[test]
fn work_on_data_without_its_lock_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("swap");
    for work in [
        json!({ "kind": "recover", "journal": journal }),
        json!({ "kind": "check-databases", "databases": [], "backups": folder.path() }),
        json!({
            "kind": "backup", "database": { "name": "a", "file": "a" }, "folder": folder.path(),
            "reason": "manual", "record": {}, "keep": 1,
        }),
    ] {
        check(&work).is("bad_request").says("needs the lock");
    }
}

#[test]
fn arguments_that_it_does_not_know() {
    for arguments in [
        &[][..],
        &["rnu"],
        &["check"],
        &["sqlite", "check"],
        &["run", "a", "b"],
        &["migrate"],
        &["migrate", "--"],
    ] {
        let said: Said = helper().args(arguments).output().unwrap().into();
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:?}");
        assert!(said.stderr.contains("a part of Ensconce"), "{said:?}");
    }
}

#[test]
fn the_answer_has_its_four_parts() {
    let answer = get(&Server::json("200 OK", "{}").url("/")).answer();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["ok", "reason", "message", "details"]);
    assert_eq!(answer["details"]["status"], Value::from(200));
    assert!(answer["details"]["host"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(answer["details"]["elapsed_ms"].is_u64());
}

#[test]
fn the_answer_can_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer");
    let server = Server::json("200 OK", "{}");
    let request = json!({
        "work": { "kind": "http", "method": "GET", "url": server.url("/"), "timeout_ms": 10_000 },
    });
    let mut child = start(helper().arg("run").arg(&file), &request.to_string());
    assert!(child.wait().unwrap().success());
    let answer: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(answer["reason"], "ok");
    assert_eq!(crate::home::names(folder.path()), ["answer"]);
    // One that nobody can read is no success.
    let mut child = start(helper().arg("run").arg(file.join("x")), &request.to_string());
    assert!(!child.wait().unwrap().success());
}
