//! Why a job failed, in words for the one who reads it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::Crash;
use crate::crash::nth_time;

/// A job that failed: which, why, after how long, and what it said last.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{job}` {reason}")]
pub struct Failure {
    /// The job's name.
    pub job: String,
    /// Why.
    pub reason: Reason,
    /// How long it had been starting.
    pub waited: Duration,
    /// The last lines of its output, oldest first.
    pub tail: Vec<String>,
}

/// Why a job failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Reason {
    /// The command could not be made.
    #[error("cannot be started: {0}")]
    Unrenderable(String),
    /// There is no such program.
    #[error("cannot be started: the program `{0}` was not found")]
    NoProgram(String),
    /// The working folder is missing.
    #[error("cannot be started: its folder `{}` does not exist", .0.display())]
    NoFolder(PathBuf),
    /// The operating system refused.
    #[error("cannot be started: {0}")]
    Refused(String),
    /// The program ended before it was ready.
    #[error("{0} before it was ready")]
    EndedEarly(Crash),
    /// A task ended with something else than 0.
    #[error("{0}")]
    TaskFailed(Exit),
    /// A task ran too long.
    #[error("did not end in {}", seconds(.0))]
    TaskTooLong(Duration),
    /// It was not ready in time.
    #[error("was not ready in {}: {last}", seconds(.limit))]
    NotReady {
        /// How long it had.
        limit: Duration,
        /// What the last look at it showed.
        last: String,
    },
    /// Something else listens where it should.
    #[error("cannot use port {port}: it is taken by {owner}")]
    PortTaken {
        /// The port.
        port: u16,
        /// Who listens there, as far as it can be told.
        owner: String,
    },
    /// It ended too often.
    #[error("{crash} {}", nth_time(.times, .window))]
    KeepsEnding {
        /// How it ended the last time.
        crash: Crash,
        /// How often it has ended.
        times: usize,
        /// In which time.
        window: Duration,
    },
    /// It ended in a way that says that another start is of no use.
    #[error("ended with exit code {code}, after which it is not started again")]
    Permanent {
        /// Its exit code.
        code: i32,
    },
    /// It ended, and its policy is not to start it again.
    #[error("{0} and is not to be started again")]
    NotRestarted(Crash),
}

impl Reason {
    /// Returns what its developer can do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoProgram(program) => {
                format!("Install `{program}`, or give its path in `command`")
            }
            Self::NoFolder(_) => "`cwd` is relative to the manifest".to_owned(),
            Self::NotReady { .. } => {
                "See its output above; a slow service can have more time: start = { timeout = \"120s\" }"
                    .to_owned()
            }
            Self::PortTaken { .. } => {
                "End that program, or let Ensconce choose: write `{port}` in the command".to_owned()
            }
            Self::TaskTooLong(_) => "Give it more time: timeout = \"15m\"".to_owned(),
            Self::EndedEarly(crash) | Self::NotRestarted(crash) | Self::KeepsEnding { crash, .. } => {
                return hint_of(crash);
            }
            _ => return None,
        })
    }
}

fn hint_of(crash: &Crash) -> Option<String> {
    Some(match crash {
        Crash::Unhealthy { .. } => {
            "A slow service can have more time: liveness = { …, timeout = \"5s\", failures = 6 }"
                .to_owned()
        }
        Crash::TooMuchMemory(_) => "Raise its `memory_limit`, or find out what it keeps".to_owned(),
        Crash::NoWatchdog(_) => {
            "It must send WATCHDOG=1 to NOTIFY_SOCKET again and again, as under systemd".to_owned()
        }
        Crash::Exit(_) => return None,
    })
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It is gone, and nobody could see how.
    Unseen,
}

impl Exit {
    /// Returns whether it ended well.
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with exit code {code}"),
            Self::Signal(number) => write!(f, "was ended by signal {number}"),
            Self::Unseen => f.write_str("ended"),
        }
    }
}

/// Writes `2.5 s`.
pub(crate) fn seconds(duration: &Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds.fract() == 0.0 { format!("{seconds:.0} s") } else { format!("{seconds:.1} s") }
}

/// Writes `1st`, `2nd`, `3rd`.
pub(crate) fn count(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_as_people_do() {
        let counted = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(count).join(" ");
        assert_eq!(counted, "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th");
    }
}
