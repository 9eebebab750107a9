//! Why a job failed, in words for the one who reads it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::backoff::{CRASH_LIMIT, CRASH_WINDOW};

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
    EndedEarly(Exit),
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
    #[error("{exit} for the {nth}th time in {}", seconds(&CRASH_WINDOW), nth = CRASH_LIMIT + 1)]
    KeepsEnding {
        /// How it ended the last time.
        exit: Exit,
    },
}

impl Reason {
    /// Says what its developer can do.
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
            _ => return None,
        })
    }
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
    /// Tells whether it ended well.
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

fn seconds(duration: &Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds.fract() == 0.0 { format!("{seconds:.0} s") } else { format!("{seconds:.1} s") }
}
