//! How long to wait between two looks.

use std::time::{Duration, Instant};

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(1);

/// The pauses of a readiness probe: from a millisecond up, so that a fast service is seen at
/// once and a slow one costs little.
pub(crate) struct ProbePause {
    begun: Instant,
    next: Duration,
}

impl ProbePause {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), next: SHORTEST }
    }

    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.next).await;
        let longest = match self.begun.elapsed().as_secs() {
            0..5 => Duration::from_millis(4),
            5..120 => Duration::from_millis(100),
            // Only a service that counts as ready anyway is looked at for so long.
            _ => LONGEST,
        };
        self.next = (self.next * 2).min(longest);
    }

    /// Makes the next pause a long one, after a look that has cost much and is likely to show the
    /// same again.
    pub(crate) fn relax(&mut self) {
        self.next = LONGEST;
    }
}
