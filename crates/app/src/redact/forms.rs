//! The ways in which a value can be written: as it is, percent-encoded, in JSON, as programs show
//! their strings, in base64.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Shorter values are words that appear by chance.
const SHORTEST: usize = 8;

/// How a form is to be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Just what was found.
    Text,
    /// The whole word, for the bits of a value may be spread over what is around it.
    Base64,
}

/// All forms of a value that are worth looking for.
pub(super) fn forms(value: &str) -> Vec<(String, Form)> {
    let mut forms = BTreeMap::new();
    // Lines are looked at one by one, so those of a value are, too.
    let lines = value.lines().filter(|line| *line != value);
    for text in std::iter::once(value).chain(lines).filter(|text| text.len() >= SHORTEST) {
        forms.extend(base64(text).map(|form| (form, Form::Base64)));
        let plain = [text.to_owned()].into_iter();
        let texts = plain.chain(percent(text)).chain(json(text)).chain(literal(text));
        forms.extend(texts.map(|form| (form, Form::Text)));
    }
    forms.into_iter().collect()
}

/// The word of base64 around a place.
pub(super) fn word(text: &str, (start, end): (usize, usize)) -> (usize, usize) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let bytes = text.as_bytes();
    let before = bytes[..start].iter().rev().take_while(|byte| is_part(byte)).count();
    let behind = bytes[end..].iter().take_while(|byte| is_part(byte)).count();
    (start - before, end + behind)
}

/// Percent-encoded as URLs and forms have it; programs differ in what they leave as it is.
fn percent(text: &str) -> impl Iterator<Item = String> {
    const SAFE: [&str; 4] = ["-._~", "-._~/", "-._~!'()*", "-._~!'()*/:@&=+$,;"];
    let encode = move |safe: &str, upper: bool, plus: bool| {
        let encode = |byte: u8| match byte {
            _ if byte.is_ascii_alphanumeric() || safe.as_bytes().contains(&byte) => {
                char::from(byte).to_string()
            }
            b' ' if plus => "+".to_owned(),
            _ if upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(encode).collect::<String>()
    };
    let all = SAFE.iter().flat_map(|safe| [(safe, true), (safe, false)]);
    let all = all.flat_map(|(safe, upper)| [(safe, upper, true), (safe, upper, false)]);
    all.map(|(safe, upper, plus)| encode(safe, upper, plus)).collect::<Vec<_>>().into_iter()
}

/// Escaped as in JSON; programs differ in what they escape beyond what they must.
fn json(text: &str) -> impl Iterator<Item = String> {
    let quoted = serde_json::Value::from(text).to_string();
    let plain = quoted[1..quoted.len() - 1].to_owned();
    let slashes = plain.replace('/', "\\/");
    let ways = [plain, slashes].into_iter().flat_map(|text| {
        let html = escape(&text, "<>&", false);
        [text, html]
    });
    let all = ways.flat_map(|text| {
        let (lower, upper) = (escape(&text, "", false), escape(&text, "", true));
        [text, lower, upper]
    });
    all.collect::<Vec<_>>().into_iter()
}

/// As programs show a string when they are debugged: Python's `repr`, Rust's `Debug`, JavaScript's
/// `inspect`. They differ in the quotes that they escape.
fn literal(text: &str) -> impl Iterator<Item = String> {
    const QUOTES: [&str; 4] = ["", "'", "\"", "'\""];
    let written = |quotes: &'static str| {
        let character = move |character: char| match character {
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            quote if quotes.contains(quote) => format!("\\{quote}"),
            control if control.is_ascii_control() => format!("\\x{:02x}", u32::from(control)),
            plain => plain.to_string(),
        };
        text.chars().map(character).collect::<String>()
    };
    QUOTES.map(written).into_iter()
}

/// Writes these characters as `\u003c`; without any, all that are not ASCII.
fn escape(text: &str, which: &str, upper: bool) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        let wanted =
            if which.is_empty() { !character.is_ascii() } else { which.contains(character) };
        if !wanted {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&if upper {
                format!("\\u{unit:04X}")
            } else {
                format!("\\u{unit:04x}")
            });
        }
    }
    escaped
}

/// The characters of base64 that depend on nothing but the value, for each of the three places
/// that it can have within what was encoded.
fn base64(text: &str) -> impl Iterator<Item = String> {
    (0..3).flat_map(move |before| {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(text.as_bytes());
        let own = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        let encoded = [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)];
        encoded.map(|encoded| encoded[own.clone()].to_owned())
    })
}
