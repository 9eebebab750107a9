//! How long to wait between two looks, and between two starts.

use std::time::{Duration, Instant};

/// The pauses of a readiness probe: from a millisecond up, so that a fast service is seen at
/// once and a slow one costs little.
pub(crate) struct ProbePause {
    begun: Instant,
    next: Duration,
}

impl ProbePause {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), next: Duration::from_millis(1) }
    }

    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.next).await;
        let longest = if self.begun.elapsed() < Duration::from_secs(5) { 16 } else { 100 };
        self.next = (self.next * 2).min(Duration::from_millis(longest));
    }
}

/// Starts that failed lately, as systemd counts them.
#[derive(Debug, Default)]
pub(crate) struct Crashes(Vec<Instant>);

/// More crashes than this within [`CRASH_WINDOW`] are a failure.
pub(crate) const CRASH_LIMIT: usize = 5;
/// The time in which crashes are counted.
pub(crate) const CRASH_WINDOW: Duration = Duration::from_secs(60);

const FIRST_PAUSE: Duration = Duration::from_millis(100);

impl Crashes {
    /// Counts a crash; gives the pause before the next start, or none when it was one too many.
    pub(crate) fn count(&mut self, now: Instant) -> Option<Duration> {
        self.0.retain(|crash| now.duration_since(*crash) < CRASH_WINDOW);
        self.0.push(now);
        let lately = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        (self.0.len() <= CRASH_LIMIT).then(|| FIRST_PAUSE * 2u32.pow(lately.saturating_sub(1)))
    }

    /// Tells whether there was any in the time that counts.
    pub(crate) fn lately(&self, now: Instant) -> bool {
        self.0.iter().any(|crash| now.duration_since(*crash) < CRASH_WINDOW)
    }

    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_until_it_was_once_too_often() {
        let mut crashes = Crashes::default();
        let now = Instant::now();
        let pauses: Vec<_> =
            (0..6).map(|_| crashes.count(now).map(|pause| pause.as_millis())).collect();
        assert_eq!(pauses, [Some(100), Some(200), Some(400), Some(800), Some(1600), None]);
    }

    #[test]
    fn crashes_of_long_ago_do_not_count() {
        let mut crashes = Crashes::default();
        let begun = Instant::now();
        for _ in 0..5 {
            crashes.count(begun);
        }
        assert!(crashes.lately(begun + CRASH_WINDOW / 2));
        assert!(!crashes.lately(begun + CRASH_WINDOW));
        assert_eq!(crashes.count(begun + CRASH_WINDOW), Some(FIRST_PAUSE));
    }
}
