//! Secrets that are known by their shape, whoever has made them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::Found;

/// What a private key is called.
pub(super) const KEY: &str = "private key";

/// A private key of more lines than this is none.
const MOST_LINES: u32 = 250;

/// What each shape is called, and what it looks like. What a group matches is taken out.
const SHAPES: &[(&str, &str)] = &[
    (KEY, r"(?s:(-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(?:-----END [A-Z0-9 ]*-----|$)))"),
    ("Anthropic key", r"(sk-ant-[A-Za-z0-9_-]{16,})"),
    ("OpenAI key", r"(sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{16,})"),
    ("OpenAI key", r"(?:^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2})(sk-[A-Za-z0-9]{32,})"),
    ("GitHub token", r"(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})"),
    ("AWS key", r"((?:AKIA|ASIA)[A-Z0-9]{16})"),
    ("AWS key", r#"(?i:aws_secret_access_key)["']?\s*[=:]\s*["']?([A-Za-z0-9/+]{40})"#),
    ("Slack token", r"(xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})"),
    ("token", r"(eyJ[A-Za-z0-9_-]{6,}\.eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*)"),
    (
        "token",
        r#"(?i:authorization)["']?\s*[:=]\s*["']?(?i:bearer|basic|token)(?:\s|%20|\+)+([A-Za-z0-9._~+/=-]+)"#,
    ),
    ("token", r"(?i:bearer)(?:\s|%20|\+)+([A-Za-z0-9._~+/=-]{20,})"),
    ("password", r#"://[^\s/:@"'<>]*:([^\s/"'<>]+)@"#),
];

/// What the shapes cannot be without. All but the last are rare.
const SIGNS: &[&str] = &[
    "PRIVATE KEY",
    "sk-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "AKIA",
    "ASIA",
    "aws_secret",
    "AWS_SECRET",
    "xox",
    "xapp-",
    "eyJ",
    "earer",
    "EARER",
    "uthorization",
    "UTHORIZATION",
    "://",
];

static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    let all: Vec<&str> = SHAPES.iter().map(|(_, shape)| *shape).collect();
    Regex::new(&all.join("|")).expect("the shapes are constant, and tested")
});

static SIGN: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(SIGNS).expect("the signs are constant, and tested"));

/// Tells whether a line is worth a closer look. Most lines are not, and it is quickly known.
pub(super) fn may_be_in(text: &str) -> bool {
    let is_address = |sign: usize| SIGNS[sign] == "://";
    // Addresses are in many lines; those with a password have an `@`.
    SIGN.find_iter(text)
        .any(|sign| !is_address(sign.pattern().as_usize()) || text[sign.end()..].contains('@'))
}

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    for matched in SHAPE.captures_iter(text) {
        let group = matched.iter().enumerate().skip(1).find_map(|(i, group)| Some((i, group?)));
        if let (Some(whole), Some((index, hidden))) = (matched.get(0), group) {
            found.push(Found {
                whole: (whole.start(), whole.end()),
                hidden: (hidden.start(), hidden.end()),
                name: SHAPES[index - 1].0.to_owned(),
            });
        }
    }
}

/// A private key that has begun in an earlier line.
pub(super) struct Block {
    /// How many bytes stand before it in each line, as a logger puts them there.
    indent: usize,
    lines: u32,
}

impl Block {
    /// Whether a key goes on after this line.
    pub(super) fn after(before: Option<Self>, text: &str) -> Option<Self> {
        let begun = text.rfind("-----BEGIN ").filter(|at| text[*at..].contains("PRIVATE KEY"));
        match begun {
            Some(at) if !text[at..].contains("-----END ") => {
                Some(Self { indent: at, lines: MOST_LINES })
            }
            Some(_) => None,
            None => before
                .filter(|block| block.hides(text).is_some() && !text.contains("-----END "))
                .and_then(|block| Some(Self { lines: block.lines.checked_sub(1)?, ..block })),
        }
    }

    /// How much of a line belongs to the key. A line that looks like none of a key ends it, so
    /// that a key that is only talked about does not hide what comes after.
    pub(super) fn hides(&self, text: &str) -> Option<usize> {
        if let Some(end) = text.find("-----END ") {
            let rest = &text[end + 9..];
            return Some(rest.find("-----").map_or(text.len(), |behind| end + 9 + behind + 5));
        }
        let body = text.get(self.indent..).unwrap_or(text);
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\\".contains(&byte);
        let only = |text: &str| text.trim().bytes().all(is_part);
        let long_word = || {
            text.split(|c: char| !c.is_ascii() || !is_part(c as u8)).any(|word| word.len() >= 20)
        };
        let is_header = || {
            ["Proc-Type: ", "DEK-Info: ", "Version: ", "Comment: "]
                .iter()
                .any(|name| body.trim_start().starts_with(name))
        };
        (only(body) || only(text) || long_word() || is_header()).then_some(text.len())
    }
}
