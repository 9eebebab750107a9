//! Mistakes, each with its place in the text.

use std::fmt;
use std::ops::Range;

use serde_json::{Value, json};

use crate::position::{Position, Positions};

/// A mistake in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of [`Diagnostics::source`].
    pub range: Range<usize>,
    /// What to do about it.
    pub hints: Vec<String>,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the place after its last character.
    pub end: Position,
}

/// Every mistake in a manifest, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    file_name: String,
    source: String,
    list: Vec<Diagnostic>,
    left_out: usize,
}

/// A mistake, before its line and column are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Finding {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
}

/// Mistakes beyond this number are only counted: nobody reads them, and a huge file can have very
/// many.
const MOST_KEPT: usize = 1000;

impl Diagnostics {
    /// Places findings in their text.
    pub(crate) fn new(file_name: &str, source: &str, mut findings: Vec<Finding>) -> Self {
        for finding in &mut findings {
            finding.range = within(source, &finding.range);
        }
        findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
        let mut seen = std::collections::HashSet::new();
        findings.retain(|finding| seen.insert((finding.range.clone(), finding.message.clone())));
        let left_out = findings.len().saturating_sub(MOST_KEPT);
        findings.truncate(MOST_KEPT);
        let positions = Positions::new(source);
        let list = findings.into_iter().map(|finding| finding.place(&positions)).collect();
        Self { file_name: file_name.to_owned(), source: source.to_owned(), list, left_out }
    }

    /// Returns the mistakes, in the order of the text; only the first thousand of very many.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Returns how many mistakes there are.
    pub fn count(&self) -> usize {
        self.list.len() + self.left_out
    }

    /// Returns the name of the file, as it was passed in.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Returns the text that the ranges point into: the manifest without its byte order mark, and
    /// empty if it is not text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns all of it as JSON, for editors and scripts. Lines and columns count from 1; columns
    /// count characters, and the end is the place after the last one.
    pub fn to_json(&self) -> Value {
        self.iter().map(|diagnostic| diagnostic.to_json(&self.file_name)).collect()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostics {
    /// Writes a line for each mistake, and a line for each of its hints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.shown().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(
                f,
                "{line_break}{}:{}: {}",
                self.file_name, diagnostic.start, diagnostic.message
            )?;
            diagnostic.hints.iter().try_for_each(|hint| write!(f, "\n  hint: {hint}"))?;
        }
        self.more().map_or(Ok(()), |more| write!(f, "\n{more}"))
    }
}

impl Diagnostic {
    fn to_json(&self, file_name: &str) -> Value {
        json!({
            "file": file_name,
            "line": self.start.line,
            "column": self.start.column,
            "end_line": self.end.line,
            "end_column": self.end.column,
            "message": self.message,
            "hints": self.hints,
        })
    }
}

impl Finding {
    /// Makes a finding without a hint.
    pub(crate) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), hints: Vec::new() }
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint, if there is one.
    pub(crate) fn maybe_hint(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    fn place(self, positions: &Positions<'_>) -> Diagnostic {
        Diagnostic {
            start: positions.at(self.range.start),
            end: positions.at(self.range.end),
            message: self.message,
            range: self.range,
            hints: self.hints,
        }
    }
}

/// Moves the ends of a range to character boundaries of the text.
fn within(source: &str, range: &Range<usize>) -> Range<usize> {
    let start = boundary_before(source, range.start);
    start..boundary_before(source, range.end.max(start))
}

fn boundary_before(source: &str, byte: usize) -> usize {
    let mut at = byte.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}
