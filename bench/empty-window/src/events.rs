//! Tells the measuring script when something happened.

use std::fs::OpenOptions;
use std::io::Write;

use rustix::time::{ClockId, clock_gettime};

/// Appends a line `NAME NANOSECONDS` to the file in `BENCH_EVENTS`; the clock is the machine's
/// monotonic one, which all processes share.
pub(crate) fn note(name: &str) {
    let now = clock_gettime(ClockId::Monotonic);
    let path = std::env::var_os("BENCH_EVENTS").expect("BENCH_EVENTS names a file");
    let line = format!("{name} {}\n", now.tv_sec * 1_000_000_000 + now.tv_nsec);
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the event is written");
}
