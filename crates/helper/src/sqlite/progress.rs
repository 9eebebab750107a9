//! Lines that tell how far a copy is.

use std::time::{Duration, Instant};

/// At most ten lines a second.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells on stdout how far something is: `PROGRESS:42 Copying notes.db`.
pub(crate) struct Progress {
    name: String,
    told: Option<(u32, Instant)>,
}

impl Progress {
    /// Begins to tell about a file.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), told: None }
    }

    /// Tells a percentage, unless it was told, is less than before, or came too soon.
    pub(crate) fn tell(&mut self, percent: u32) {
        let now = Instant::now();
        if let Some(line) = self.line(percent.min(100), now) {
            crate::tell(&line);
        }
    }

    fn line(&mut self, percent: u32, now: Instant) -> Option<String> {
        if let Some((told, at)) = self.told
            && (percent <= told || now.duration_since(at) < PAUSE)
        {
            return None;
        }
        self.told = Some((percent, now));
        Some(format!("PROGRESS:{percent} Copying {}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_seldom_and_only_forward() {
        let mut progress = Progress::new("notes.db");
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
