//! Lines and columns of a text.

use std::fmt;

/// A position in a text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line; ends with `\n` or `\r\n`.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The lines of a text, for looking up positions.
pub(crate) struct Positions<'a> {
    source: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Positions<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let breaks = source.match_indices('\n').map(|(at, _)| at + 1);
        Self { source, line_starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// Returns the line that a byte is in.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte)
    }

    /// Returns the position of a byte, which must be the first of a character, or the end.
    pub(crate) fn at(&self, byte: usize) -> Position {
        let line = self.line(byte);
        let before = &self.source[self.line_starts[line - 1]..byte];
        Position { line, column: before.chars().count() + 1 }
    }
}
