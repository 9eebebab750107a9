//! Reads what a job writes, as fast as it writes it, and remembers the end.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::ready::lines::LineWatch;
use crate::{Clean, LogLine, LogSink, Redact, Redactor, Stream};

/// Lines kept for an error message.
const TAIL_LINES: usize = 40;
/// A line longer than this, in bytes, is cut into several.
const LONGEST_LINE: usize = 16 * 1024;
/// So much more of a longer line is looked at, in bytes, before it is cut. A secret that is not
/// longer than this, in the form in which it is written, is never cut in two.
const OVERLAP: usize = 16 * 1024;
/// Longer lines, in characters, are shortened in an error message.
const TAIL_WIDTH: usize = 1000;

/// The last lines of a job's output.
#[derive(Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    /// Returns the lines, oldest first.
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
        let redactor = (self.redact)();
        let mut lines = Lines { output: self, stream, redactor, line: Vec::new() };
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(count) = pipe.read(&mut chunk).await {
            if count == 0 {
                break;
            }
            lines.take(&chunk[..count]);
        }
        lines.end();
    }
}

/// Makes lines of what comes in chunks.
struct Lines {
    output: Output,
    stream: Stream,
    redactor: Box<dyn Redactor>,
    /// The beginning of the line that has not ended yet.
    line: Vec<u8>,
}

impl Lines {
    fn take(&mut self, mut chunk: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            let (part, rest) = chunk.split_at(end);
            if self.line.is_empty() && part.len() <= LONGEST_LINE {
                self.show(part);
            } else {
                self.line.extend_from_slice(part);
                self.end_line();
            }
            chunk = &rest[1..];
        }
        self.line.extend_from_slice(chunk);
        while self.line.len() > LONGEST_LINE + OVERLAP {
            self.cut();
        }
    }

    /// There is no more; the last line may lack its end.
    fn end(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        // The end of a line, of at most one more byte, is no reason to cut it.
        while self.line.len() > LONGEST_LINE + 1 {
            self.cut();
        }
        let mut line = std::mem::take(&mut self.line);
        self.show(&line);
        line.clear();
        self.line = line;
    }

    /// Shows a line that is short enough.
    fn show(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut text = text.trim_end_matches('\r');
        loop {
            let used = self.show_text(text);
            if used >= text.len() {
                return;
            }
            text = &text[used..];
        }
    }

    /// Shows the beginning of a line that is too long, and keeps the rest of it. Of the line as
    /// much more is looked at as a secret may be long, so that none is cut in two and shown.
    fn cut(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        let end = end_of_window(&line);
        let text = String::from_utf8_lossy(&line[..end]);
        let used = self.show_text(&text);
        match text {
            Cow::Borrowed(_) => drop(line.drain(..used)),
            // What was replaced is longer than what it replaces.
            Cow::Owned(text) => drop(line.splice(..end, text[used..].bytes())),
        }
        self.line = line;
    }

    /// Shows a line or the beginning of one; returns how much of it.
    fn show_text(&mut self, text: &str) -> usize {
        let Clean { text: shown, used } = self.redactor.redact(text, LONGEST_LINE);
        let output = &self.output;
        output.watch.see(&text[..used]);
        output.tail.push(&shown);
        (output.sink)(LogLine { job: &output.job, stream: self.stream, text: &shown });
        used
    }
}

/// Returns how much of a long line is looked at: so much that it is cut, but not within a character.
fn end_of_window(line: &[u8]) -> usize {
    let most = line.len().min(LONGEST_LINE + OVERLAP);
    let is_boundary =
        |end: &usize| line.get(*end).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000);
    (most - 3..=most).rev().find(is_boundary).unwrap_or(most)
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

    /// Hides `hunter2`, and remembers nothing.
    struct Hunter;

    impl Redactor for Hunter {
        fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a> {
            let mut places = text.match_indices("hunter2").map(|(at, _)| at);
            let crossing = places.find(|at| *at < limit && limit < at + 7);
            let used = crossing.unwrap_or_else(|| crate::floor_char_boundary(text, limit));
            Clean { text: text[..used].replace("hunter2", "...").into(), used }
        }
    }

    /// What is shown of output that comes in these chunks.
    fn shown<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let output = Output {
            job: "api".to_owned(),
            tail: Tail::default(),
            redact: Arc::new(|| Box::new(Hunter)),
            sink: Arc::new(move |line| sink.lock().unwrap().push(line.text.to_owned())),
            watch: LineWatch::for_nothing(),
        };
        let redactor = (output.redact)();
        let mut lines = Lines { output, stream: Stream::Stdout, redactor, line: Vec::new() };
        chunks.into_iter().for_each(|chunk| lines.take(chunk));
        lines.end();
        Arc::try_unwrap(seen)
            .map_or_else(|seen| seen.lock().unwrap().clone(), |seen| seen.into_inner().unwrap())
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn a_secret_is_never_seen_however_it_comes(
            words in proptest::collection::vec((0_usize..9000, 0_usize..4), 1..12),
            chunk in 1_usize..70_000,
        ) {
            let mut text = String::new();
            for (filler, kind) in words {
                text.push_str(&"ü,".repeat(filler / 2));
                text.push_str(["hunter2", "\n", "\r\n", "hunter2\n"][kind]);
            }
            let all = shown(text.as_bytes().chunks(chunk));
            proptest::prop_assert!(all.iter().all(|line| !line.contains("hunter2")));
            // Wherever the cuts are, the same is shown, and nothing is lost.
            let expected = text.replace("hunter2", "...").replace(['\r', '\n'], "");
            proptest::prop_assert_eq!(all.concat(), expected);
            let whole = shown([text.as_bytes()]);
            proptest::prop_assert!(whole.iter().chain(&all).all(|line| line.len() <= LONGEST_LINE));
        }
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        for before in 0..4 {
            let line = "x".repeat(before) + &"€".repeat(LONGEST_LINE);
            assert!(line.is_char_boundary(end_of_window(line.as_bytes())), "{before}");
        }
        let no_text = [0xbf; LONGEST_LINE + OVERLAP + 1];
        assert_eq!(end_of_window(&no_text), LONGEST_LINE + OVERLAP);
    }
}
