//! How a service came to an end that nobody asked for.

use std::fmt;
use std::time::Duration;

use crate::Exit;
use crate::failure::{count, seconds};

/// An end that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Crash {
    /// Its program ended.
    Exit(Exit),
    /// It was killed because it failed its health checks.
    Unhealthy {
        /// How many in a row.
        checks: u32,
        /// What the last one showed.
        last: Unhealthy,
    },
    /// It was killed because it sent no `WATCHDOG=1` for this long.
    NoWatchdog(Duration),
    /// It was killed because it used more memory than this, in bytes.
    TooMuchMemory(u64),
}

/// What a failed health check showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unhealthy {
    /// No answer, for this reason.
    Silent(String),
    /// An answer with this status.
    Status(u16),
}

impl Crash {
    /// Returns whether the program ended by itself and well.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Exit(exit) if exit.success())
    }
}

impl From<Exit> for Crash {
    fn from(exit: Exit) -> Self {
        Self::Exit(exit)
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(exit) => exit.fmt(f),
            Self::Unhealthy { checks, last } => {
                let times = if *checks == 1 { "once" } else { &format!("{checks} times in a row") };
                match last {
                    Unhealthy::Silent(why) => {
                        write!(f, "did not answer its health check {times} ({why})")
                    }
                    Unhealthy::Status(status) => {
                        write!(f, "failed its health check {times} (status {status})")
                    }
                }
            }
            Self::NoWatchdog(limit) => write!(f, "sent no WATCHDOG=1 for {}", seconds(limit)),
            Self::TooMuchMemory(limit) => write!(f, "used more than {} of memory", bytes(*limit)),
        }
    }
}

/// The end of a crash that came once too often.
pub(crate) fn nth_time(times: &usize, window: &Duration) -> String {
    format!("for the {} time in {}", count(*times), seconds(window))
}

/// Writes a number of bytes in the largest unit that needs no fraction.
fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (1 << 30, "GiB"),
        (1_000_000_000, "GB"),
        (1 << 20, "MiB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1000, "KB"),
    ];
    let whole = UNITS.iter().find(|(unit, _)| count >= *unit && count.is_multiple_of(*unit));
    whole
        .map_or_else(|| format!("{count} bytes"), |(unit, name)| format!("{} {name}", count / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_they_were_written() {
        let shown = [1 << 30, 2_000_000_000, 512 << 20, 512_000_000, 64 << 10, 3000, 1001];
        let shown = shown.map(bytes);
        let expected = ["1 GiB", "2 GB", "512 MiB", "512 MB", "64 KiB", "3 KB", "1001 bytes"];
        assert_eq!(shown, expected);
    }
}
