//! A secret is not seen, however it is written and wherever lines are cut.

use proptest::prelude::*;

use super::*;

/// Cleans text as the supervisor does: line by line, long lines in parts, each with `overlap` more
/// to look at than is given away.
fn shown(redaction: &Redaction, text: &str, limit: usize, overlap: usize) -> Vec<String> {
    let mut stream = redaction.stream();
    let mut shown = Vec::new();
    for line in text.split('\n') {
        let mut rest = line;
        loop {
            let window = floor_char_boundary(rest, limit + overlap);
            let Clean { text, used } = stream.redact(&rest[..window], limit);
            shown.push(text.into_owned());
            rest = &rest[used..];
            if rest.is_empty() {
                break;
            }
        }
    }
    shown
}

fn knowing(value: &str) -> Redaction {
    let redaction = Redaction::default();
    redaction.learn([("session", value)]);
    redaction
}

#[track_caller]
fn check(line: &str, expected: &str) {
    let redaction = knowing("correct horse/\"ü\"");
    assert_eq!(redaction.clean(line), expected);
}

#[test]
fn a_value_is_found_in_every_form() {
    check("key=correct horse/\"ü\"!", "key=<secret session>!");
    check(r#"{"key":"correct horse/\"ü\""}"#, r#"{"key":"<secret session>"}"#);
    check(r#"{"key":"correct horse\/\"\u00fc\""}"#, r#"{"key":"<secret session>"}"#);
    check("?key=correct%20horse%2F%22%C3%BC%22&a=b", "?key=<secret session>&a=b");
    check("?key=correct+horse%2f%22%c3%bc%22&a=b", "?key=<secret session>&a=b");
    // "user:correct horse/…" and "xx:…", where the value begins at another bit.
    check("Basic dXNlcjpjb3JyZWN0IGhvcnNlLyLDvCI= ok", "Basic <secret session> ok");
    check("Basic eHg6Y29ycmVjdCBob3JzZS8iw7wi ok", "Basic <secret session> ok");
    check("Y29ycmVjdCBob3JzZS8iw7wi", "<secret session>");
}

#[test]
fn well_known_shapes_are_found() {
    let cases = [
        ("x sk-ant-api03-abcdefghijklmnop_qrst y", "x <secret Anthropic key> y"),
        ("sk-proj-abcdefghijklmnopqrstuv", "<secret OpenAI key>"),
        ("k=sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD", "k=<secret OpenAI key>"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "<secret GitHub token>"),
        ("github_pat_11ABCDEFG0abcdefghijkl_mnop", "<secret GitHub token>"),
        ("id AKIAIOSFODNN7EXAMPLE", "id <secret AWS key>"),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "aws_secret_access_key = <secret AWS key>",
        ),
        ("xoxb-123456789012-abcdef", "<secret Slack token>"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl.", "<secret token>."),
        ("Authorization: Bearer abc.def", "Authorization: Bearer <secret token>"),
        (r#"{"authorization": "Basic YTpi"}"#, r#"{"authorization": "Basic <secret token>"}"#),
        ("bearer 0123456789abcdefghij", "bearer <secret token>"),
        ("postgres://ada:hunter2@db/notes", "postgres://ada:<secret password>@db/notes"),
        ("redis://:p@ss@localhost:6379", "redis://:<secret password>@localhost:6379"),
        (
            r"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n!",
            r"<secret private key>\n!",
        ),
    ];
    let redaction = Redaction::default();
    for (line, expected) in cases {
        assert_eq!(redaction.clean(line), expected);
    }
}

#[test]
fn what_only_looks_similar_is_left_as_it_is() {
    let redaction = knowing("correct horse");
    for line in [
        "a plain line",
        "GET http://localhost:8000/a@b 200",
        "task-runner-for-everything-that-runs",
        "task-0123456789abcdef0123456789abcdef",
        "bearer authentication failed",
        "expected -----END CERTIFICATE-----",
        "user@example.com logged in at http://127.0.0.1:8000/",
        "",
    ] {
        let mut stream = redaction.stream();
        assert!(matches!(stream.redact(line, 1000).text, Cow::Borrowed(_)), "{line}");
    }
}

#[test]
fn a_short_value_is_no_secret() {
    assert_eq!(knowing("a").clean("a plain line"), "a plain line");
}

#[test]
fn of_two_secrets_that_overlap_nothing_is_left() {
    let redaction = Redaction::default();
    redaction.learn([("one", "abcdefghij"), ("two", "ghijklmnop")]);
    assert_eq!(redaction.clean("<abcdefghijklmnop>"), "<<secret one>>");
}

#[test]
fn a_stream_that_runs_learns_new_secrets() {
    let redaction = Redaction::default();
    let mut stream = redaction.stream();
    assert_eq!(stream.redact("correct horse", 1000).text, "correct horse");
    redaction.learn([("new", "correct horse")]);
    assert_eq!(stream.redact("correct horse", 1000).text, "<secret new>");
}

#[test]
fn a_private_key_is_hidden_over_all_its_lines_and_not_beyond() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n\
               MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA\nAb==\n-----END RSA PRIVATE KEY-----";
    for prefix in ["", "  ", "INFO [1]: "] {
        let text = key.replace('\n', &format!("\n{prefix}"));
        let clean = Redaction::default().clean(&format!("{prefix}{text}\nAfter it, all is well"));
        for part in ["MIIEv", "Ab==", "ENCRYPTED"] {
            assert!(!clean.contains(part), "{clean}");
        }
        assert!(clean.ends_with("\nAfter it, all is well"), "{clean}");
    }
    let clean =
        Redaction::default().clean("no -----BEGIN PRIVATE KEY----- found\nGoing on: 2 left");
    assert!(clean.ends_with("\nGoing on: 2 left"), "{clean}");
}

#[test]
fn a_token_that_is_longer_than_what_is_looked_at_is_hidden_to_its_end() {
    let token = format!("sk-ant-{}", "abcXYZ09".repeat(100));
    let parts = shown(&Redaction::default(), &format!("a {token} z"), 64, 64);
    assert!(parts.iter().all(|part| !part.contains("abcXYZ09")), "{parts:?}");
    assert!(parts.concat().starts_with("a <secret") && parts.concat().ends_with(" z"), "{parts:?}");
}

/// A value as a user may choose one.
fn value() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ -~äß€]{12,40}")
        .unwrap()
        .prop_filter("it is a word", |value| value.trim() == value && !value.contains("secret"))
}

/// Text with many line ends, and much that means something to those who look for secrets.
fn noise() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("\n".to_owned()),
        Just("sk-".to_owned()),
        Just("://a:".to_owned()),
        Just("@".to_owned()),
        Just("Bearer ".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        "[a-zA-Z0-9+/=%\\\\\" ]{0,20}",
        "[äß€]{0,5}",
    ];
    proptest::collection::vec(words, 0..20).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn a_value_is_never_seen(
        value in value(),
        form in any::<prop::sample::Index>(),
        before in noise(),
        behind in noise(),
        limit in 8_usize..200,
    ) {
        let forms = forms::forms(&value);
        let (text, _) = &forms[form.index(forms.len())];
        let longest = forms.iter().map(|(text, _)| text.len()).max().unwrap();
        let line = format!("{before}{text}{behind}");
        let all = shown(&knowing(&value), &line, limit, longest + 4).concat();
        for (text, _) in &forms {
            prop_assert!(!all.contains(text.as_str()), "{text:?} in {all:?} of {line:?}");
        }
    }

    #[test]
    fn lines_that_hold_no_secret_come_through_whole(
        text in "([a-y0-9 ,.ß]{0,30}\n?){0,10}",
        limit in 8_usize..50,
    ) {
        let all = shown(&knowing("zzzzzzzzzzzz"), &text, limit, 50).concat();
        prop_assert_eq!(all, text.replace('\n', ""));
    }

    #[test]
    fn a_token_is_never_seen_wherever_it_is_cut(
        before in "[a-z ]{0,80}",
        token in "[A-Za-z0-9]{36,60}",
        behind in "[ ,.][a-z ]{0,80}",
        limit in 8_usize..100,
    ) {
        for shape in ["ghp_", "sk-ant-", "xoxb-", "postgres://me:", "Authorization: Bearer "] {
            let end = if shape.ends_with("me:") { "@db" } else { "" };
            let line = format!("{before} {shape}{token}{end}{behind}");
            let all = shown(&Redaction::default(), &line, limit, 128).concat();
            prop_assert!(!all.contains(&token), "{all:?}");
            prop_assert!(!all.contains(&token[8..24]), "{all:?}");
        }
    }
}
