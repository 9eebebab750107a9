//! What is done about a service that ends, hangs, grows, or loses a dependency.

use std::path::PathBuf;
use std::time::Duration;

use crate::{Crash, Exit};

/// When and how often a service that has ended is started again; systemd's words and meanings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartRule {
    /// After which ends.
    pub policy: RestartPolicy,
    /// The pause before the first restart; each further one lasts twice as long.
    pub delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
    /// One end more than this within `window` is a failure.
    pub limit: u32,
    /// The time in which ends are counted; zero for no limit.
    pub window: Duration,
    /// Exit codes that say that another start is of no use.
    pub never_after: Vec<i32>,
}

impl RestartRule {
    /// Returns whether another start follows this end, unless there were too many.
    pub(crate) fn follows(&self, crash: &Crash) -> bool {
        let is_permanent =
            matches!(crash, Crash::Exit(Exit::Code(code)) if self.never_after.contains(code));
        let is_wanted = match self.policy {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => !crash.is_success(),
            RestartPolicy::Never => false,
        };
        is_wanted && !is_permanent
    }
}

impl Default for RestartRule {
    fn default() -> Self {
        Self {
            policy: RestartPolicy::Always,
            delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(30),
            limit: 5,
            window: Duration::from_secs(60),
            never_after: vec![125],
        }
    }
}

/// After which ends a service is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartPolicy {
    /// After each.
    Always,
    /// After each but exit code 0, with which its work is done.
    OnFailure,
    /// After none; exit code 0 says that its work is done.
    Never,
}

/// What happens to a service when one of its dependencies ends, for whatever reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDependencyExit {
    /// It goes on, and connects again by itself.
    #[default]
    Continue,
    /// It goes on, and is restarted when the dependency is back.
    Restart,
    /// It is stopped at once, and started when the dependency is back.
    Stop,
}

/// How a service that hangs is found, once it has been ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// It answers HTTP requests.
    Http {
        /// What to ask for, beginning with `/`.
        path: String,
        /// The statuses of a healthy service; 200 to 399 if there are none.
        statuses: Vec<u16>,
        /// How often it is asked.
        pace: Pace,
    },
    /// It accepts connections.
    Connect(Pace),
    /// It sends `WATCHDOG=1` by itself.
    Watchdog {
        /// Where to; it finds this socket in `NOTIFY_SOCKET`.
        socket: PathBuf,
        /// The longest time between two messages.
        limit: Duration,
    },
}

/// How often a service is checked, and how patiently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From one check to the next.
    pub period: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// So many failed checks in a row are the end.
    pub failures: u32,
}
