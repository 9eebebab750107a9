//! Lines that say how far a copy is.

use std::time::{Duration, Instant};

use crate::files;

/// At most ten lines a second.
const PAUSE: Duration = Duration::from_millis(100);

/// Reports on stdout how far something is: `PROGRESS:42 Copying notes.db`.
pub(crate) struct Progress {
    name: String,
    reported: Option<(u32, Instant)>,
}

impl Progress {
    /// Begins to report about a file.
    pub(crate) fn of(file: &std::path::Path) -> Self {
        Self { name: files::name_of(file), reported: None }
    }

    /// Reports a percentage, unless it was reported, is less than before, or came too soon.
    pub(crate) fn report(&mut self, percent: u32) {
        if let Some(line) = self.line(percent.min(100), Instant::now()) {
            crate::write_line(&line);
        }
    }

    fn line(&mut self, percent: u32, now: Instant) -> Option<String> {
        if let Some((reported, at)) = self.reported
            && (percent <= reported || now.duration_since(at) < PAUSE)
        {
            return None;
        }
        self.reported = Some((percent, now));
        Some(format!("PROGRESS:{percent} Copying {}", self.name))
    }
}

/// Reports on stdout how much of all data is read or written.
pub(crate) struct ByteProgress {
    progress: Progress,
    all: u64,
    done: u64,
}

impl ByteProgress {
    /// Begins to report about so many bytes.
    pub(crate) fn new(all: u64) -> Self {
        let progress = Progress { name: "the data".to_owned(), reported: None };
        Self { progress, all: all.max(1), done: 0 }
    }

    /// Reports that more bytes are done.
    pub(crate) fn add(&mut self, bytes: u64) {
        self.done = self.done.saturating_add(bytes);
        let percent = self.done.saturating_mul(100) / self.all;
        self.progress.report(u32::try_from(percent).unwrap_or(100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_seldom_and_only_forward() {
        let mut progress = Progress::of("data/notes.db".as_ref());
        let start = Instant::now();
        let mut line =
            |percent, after| progress.line(percent, start + Duration::from_millis(after));
        assert_eq!(line(0, 0).as_deref(), Some("PROGRESS:0 Copying notes.db"));
        assert_eq!(line(10, 50), None);
        assert_eq!(line(20, 120).as_deref(), Some("PROGRESS:20 Copying notes.db"));
        assert_eq!(line(5, 400), None, "a copy that began anew");
        assert_eq!(line(20, 600), None);
        assert_eq!(line(21, 800).as_deref(), Some("PROGRESS:21 Copying notes.db"));
    }
}
