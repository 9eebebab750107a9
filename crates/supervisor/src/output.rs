//! Reads what a job writes, as fast as it writes it, and remembers the end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::ready::LineWatch;
use crate::{LogLine, LogSink, Redact, Stream};

/// Lines kept for an error message.
const TAIL_LINES: usize = 40;
/// A line longer than this, in bytes, is cut into several.
const LONGEST_LINE: usize = 16 * 1024;
/// A word longer than this, in bytes, is cut as well; no secret that we make is.
const LONGEST_WORD: usize = 4 * 1024;
/// Longer lines, in characters, are shortened in an error message.
const TAIL_WIDTH: usize = 1000;

/// The last lines of a job's output.
#[derive(Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn push(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The oldest line's memory is used again, because a flood comes this way.
        let full = lines.len() == TAIL_LINES;
        let mut kept = if full { lines.pop_front() } else { None }.unwrap_or_default();
        kept.clear();
        let long = line.len() > TAIL_WIDTH;
        let end = if long { line.char_indices().nth(TAIL_WIDTH) } else { None };
        kept.push_str(end.map_or(line, |(end, _)| &line[..end]));
        lines.push_back(kept);
    }
}

/// Where the lines of one job go.
#[derive(Clone)]
pub(crate) struct Output {
    pub(crate) job: String,
    pub(crate) tail: Tail,
    pub(crate) redact: Redact,
    pub(crate) sink: LogSink,
    /// Sees each line before it is redacted.
    pub(crate) watch: LineWatch,
}

impl Output {
    /// Reads to the end, which comes when the last process of the tree has let go of the pipe.
    pub(crate) async fn pump(self, stream: Stream, mut pipe: impl AsyncRead + Unpin) {
        let mut chunk = vec![0; 64 * 1024];
        let mut line = Vec::new();
        while let Ok(count) = pipe.read(&mut chunk).await {
            if count == 0 {
                break;
            }
            for part in chunk[..count].split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                // The end of a line, of at most two bytes, is no reason to cut it.
                while line.len() > LONGEST_LINE + 2 {
                    let rest = line.split_off(end_of_part(&line));
                    self.line(stream, &std::mem::replace(&mut line, rest));
                }
                if part.ends_with(b"\n") {
                    self.line(stream, &line);
                    line.clear();
                }
            }
        }
        if !line.is_empty() {
            self.line(stream, &line);
        }
    }

    fn line(&self, stream: Stream, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        self.watch.see(text);
        let shown = (self.redact)(text);
        self.tail.push(&shown);
        (self.sink)(LogLine { job: &self.job, stream, text: &shown });
    }
}

/// Where to cut a long line: not within a word, so that a secret is not cut in two and shown; and
/// at the very least not within a character.
fn end_of_part(line: &[u8]) -> usize {
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.~".contains(&byte);
    let between = |end: &usize| !in_word(line[*end - 1]) && is_boundary(line, *end);
    let ends = LONGEST_LINE - LONGEST_WORD..=LONGEST_LINE;
    let end = ends.clone().rev().find(between);
    end.or_else(|| ends.rev().find(|end| is_boundary(line, *end))).unwrap_or(LONGEST_LINE)
}

fn is_boundary(line: &[u8], end: usize) -> bool {
    line.get(end).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_the_last_lines_and_the_beginning_of_long_ones() {
        let tail = Tail::default();
        (0..TAIL_LINES + 2).for_each(|number| tail.push(&number.to_string()));
        tail.push(&"ü".repeat(TAIL_WIDTH + 1));
        let lines = tail.lines();
        assert_eq!(lines.len(), TAIL_LINES);
        assert_eq!(lines[0], "3");
        assert_eq!(lines[TAIL_LINES - 1], "ü".repeat(TAIL_WIDTH));
    }

    #[test]
    fn a_secret_in_a_long_line_is_not_cut_in_two() {
        for before in LONGEST_LINE - 50..LONGEST_LINE + 5 {
            let line = format!(
                "{}\"key\":\"{}\",{}",
                ",".repeat(before),
                "s3-_".repeat(11),
                "x,".repeat(40)
            );
            let (first, rest) = line.split_at(end_of_part(line.as_bytes()));
            assert!(
                first.contains(&"s3-_".repeat(11)) || rest.contains(&"s3-_".repeat(11)),
                "{before}"
            );
        }
    }

    #[test]
    fn lines_are_cut_between_characters() {
        for before in 0..4 {
            let line = "x".repeat(before) + &"€".repeat(LONGEST_LINE);
            let end = end_of_part(line.as_bytes());
            assert!(line.is_char_boundary(end) && end <= LONGEST_LINE, "{before}: {end}");
        }
        assert_eq!(end_of_part(&[0xbf; LONGEST_LINE + 1]), LONGEST_LINE, "no UTF-8 at all");
    }
}
