//! What becomes of the lines that jobs write: who takes them, and what is taken out before.

use std::borrow::Cow;
use std::sync::Arc;

/// Takes every line that a job writes. It must not block for long.
pub type LogSink = Arc<dyn Fn(LogLine<'_>) + Send + Sync>;

/// A line of output.
#[derive(Debug, Clone, Copy)]
pub struct LogLine<'a> {
    /// Who wrote it.
    pub job: &'a str,
    /// Where it wrote it.
    pub stream: Stream,
    /// The line, without its end; bytes that are no UTF-8 are replaced. One that is longer than
    /// 16 KiB comes in several parts.
    pub text: &'a str,
}

/// One of the two streams of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Makes what takes out of one stream of output what must not be seen.
pub type Redact = Arc<dyn Fn() -> Box<dyn Redactor> + Send + Sync>;

/// Takes out of one stream of output what must not be seen. It may remember what came before.
pub trait Redactor: Send {
    /// Returns the next line; one that is longer than `limit` bytes only in part.
    ///
    /// A part is about as long as the limit, and never ends within something that must not be
    /// seen. What is left of the line is given again, with more of it behind.
    fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a>;
}

/// A line, or a part of one, without what must not be seen.
#[derive(Debug)]
pub struct Clean<'a> {
    /// What may be seen.
    pub text: Cow<'a, str>,
    /// How many bytes of what was given it stands for: all, or at least one.
    pub used: usize,
}

/// Hides nothing; for output that holds no secrets.
#[derive(Debug, Clone, Copy)]
pub struct ShowAll;

impl Redactor for ShowAll {
    fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a> {
        let used = floor_char_boundary(text, limit);
        Clean { text: Cow::Borrowed(&text[..used]), used }
    }
}

/// Returns the last place, at `limit` or before it, that is not within a character.
pub fn floor_char_boundary(text: &str, limit: usize) -> usize {
    let mut ends = (0..=limit.min(text.len())).rev();
    ends.find(|end| text.is_char_boundary(*end)).unwrap_or(0)
}
