//! Takes out of a text what was sent along in secret: servers like to repeat what they refuse.

use serde_json::Value;

/// What stands for a secret.
const MASK: &str = "•••";
/// Shorter parts are words, not secrets; taking them out would leave nothing to read.
const SHORTEST: usize = 4;
/// Texts of a body are secrets less often; short ones are what a message is about.
const SHORTEST_IN_BODY: usize = 8;

/// Everything that must not be seen.
#[derive(Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Adds the value of a header: as a whole, and each part of it (`Bearer abc`).
    pub(crate) fn add_header(&mut self, value: &str) {
        self.add(value.trim(), SHORTEST);
        for part in value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '=' | '"')) {
            if !matches!(part.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token") {
                self.add(part, SHORTEST);
            }
        }
    }

    /// Adds the parts of an address that can be secret: user, password, and the query's values.
    pub(crate) fn add_url(&mut self, url: &str) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (authority, _) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
        if let Some((user, _)) = authority.rsplit_once('@') {
            user.split(':').for_each(|part| self.add_plain_and_decoded(part));
        }
        let query = url.split_once('?').map_or("", |(_, query)| query);
        for pair in query.split(['&', '#']) {
            if let Some((_, value)) = pair.split_once('=') {
                self.add_plain_and_decoded(value);
            }
        }
    }

    /// Adds all texts of a body.
    pub(crate) fn add_body(&mut self, body: &Value) {
        match body {
            Value::String(text) => self.add(text, SHORTEST_IN_BODY),
            Value::Array(items) => items.iter().for_each(|item| self.add_body(item)),
            Value::Object(fields) => fields.values().for_each(|value| self.add_body(value)),
            _ => {}
        }
    }

    /// Adds a text as it is, however short.
    pub(crate) fn add_any(&mut self, text: &str) {
        self.add(text, 1);
    }

    fn add_plain_and_decoded(&mut self, text: &str) {
        self.add(text, SHORTEST);
        if let Ok(decoded) = percent_decoded(text) {
            self.add(&decoded, SHORTEST);
        }
    }

    fn add(&mut self, text: &str, shortest: usize) {
        if text.chars().count() >= shortest && !self.0.iter().any(|known| known == text) {
            self.0.push(text.to_owned());
            self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// Returns the text without them, on one line.
    pub(crate) fn taken_out_of(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.as_str(), MASK);
        }
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|w| !w.is_empty())
            .collect();
        words.join(" ")
    }
}

/// Decodes `%41`; a `%` without two digits is an error.
pub(crate) fn percent_decoded(text: &str) -> Result<String, ()> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        if byte == b'%' {
            let pair = bytes.get(place + 1..place + 3).ok_or(())?;
            let digits = std::str::from_utf8(pair).map_err(drop)?;
            if !pair.iter().all(u8::is_ascii_hexdigit) {
                return Err(());
            }
            decoded.push(u8::from_str_radix(digits, 16).map_err(drop)?);
            place += 3;
        } else {
            decoded.push(byte);
            place += 1;
        }
    }
    String::from_utf8(decoded).map_err(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_sent_is_taken_out() {
        let mut secrets = Secrets::default();
        secrets.add_header("Bearer sk-abc123");
        secrets.add_url("https://me:pass%20word@example.com/x?key=top-secret&n=1");
        secrets.add_body(&json!({ "login": { "password": "hunter22222" }, "n": "abc" }));
        assert_eq!(
            secrets.taken_out_of(
                "Key sk-abc123 of pass word\n(top-secret, hunter22222) is\u{7} not abc"
            ),
            "Key ••• of ••• (•••, •••) is not abc"
        );
    }

    #[test]
    fn the_scheme_of_a_header_is_no_secret() {
        let mut secrets = Secrets::default();
        secrets.add_header("Bearer abcdef");
        assert_eq!(secrets.taken_out_of("Bearer token missing"), "Bearer token missing");
        assert_eq!(secrets.taken_out_of("Bearer abcdef"), "•••");
    }

    #[test]
    fn percent_is_decoded_or_refused() {
        assert_eq!(percent_decoded("p%40ss%2Fw%C3%B6rd").unwrap(), "p@ss/wörd");
        assert!(percent_decoded("100%").is_err());
        assert!(percent_decoded("%+1").is_err());
        assert!(percent_decoded("%ff").is_err());
    }
}
