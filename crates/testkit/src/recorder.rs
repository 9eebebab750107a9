//! Remembers lines of output.

use std::sync::{Arc, Mutex, PoisonError};

/// Remembers who wrote which line, in the order in which they came. Clones share their lines.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<(String, String)>>>);

impl Recorder {
    /// Takes a line.
    pub fn record(&self, who: &str, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((who.to_owned(), line.to_owned()));
    }

    /// Forgets all lines.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives all lines of all, each as `who: line`.
    pub fn all(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|(who, line)| format!("{who}: {line}")).collect()
    }

    /// Gives the lines of one.
    pub fn of(&self, who: &str) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|(writer, _)| writer == who).map(|(_, line)| line.clone()).collect()
    }
}
