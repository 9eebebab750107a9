//! Waits that look again and again, and end.

use std::time::{Duration, Instant};

/// Longer than anything takes on a slow machine, shorter than a tester's patience.
pub const PATIENCE: Duration = Duration::from_secs(60);

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(2);

/// Waits until something holds.
///
/// # Panics
/// When it does not within [`PATIENCE`].
#[track_caller]
pub fn eventually(what: &str, holds: impl FnMut() -> bool) {
    assert!(holds_within(PATIENCE, holds), "never came true: {what}");
}

/// Waits until something holds; returns whether it did in time.
pub fn holds_within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if begun.elapsed() > limit {
            return false;
        }
        std::thread::sleep(LOOK_AGAIN_AFTER);
    }
}
