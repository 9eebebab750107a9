//! How long to wait between two looks.

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
        let longest = if self.begun.elapsed() < Duration::from_secs(5) { 4 } else { 100 };
        self.next = (self.next * 2).min(Duration::from_millis(longest));
    }
}
