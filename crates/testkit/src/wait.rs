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
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never came true: {what}");
        std::thread::sleep(LOOK_AGAIN_AFTER);
    }
}
