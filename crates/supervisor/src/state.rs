//! What a job is doing, with what is true of it meanwhile and no longer.

use std::collections::HashSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::{Address, Crash, Failure, Phase};

/// The state of a job. The loop alone changes it.
pub(crate) enum State {
    /// Waits for its dependencies. Holds no process.
    Waiting {
        /// How many ports strangers have taken in a row, each before the service could.
        stolen_ports: u32,
    },
    /// Has a process, or is about to; it is not ready.
    Starting {
        live: LiveAttempt,
        /// As in [`Waiting`](Self::Waiting), before this attempt.
        stolen_ports: u32,
    },
    /// A service that works.
    Ready {
        live: LiveAttempt,
        /// Where its own processes listen; nothing as long as none is seen to.
        address: Option<Address>,
    },
    /// Has ended without being asked to; some of its processes may be alive.
    Ending { live: LiveAttempt, crash: Arc<Crash> },
    /// Was asked to end, or will be when those that depend on it have ended.
    Stopping { live: LiveAttempt, then: AfterStop },
    /// Waits to be started again after a crash. Holds no process.
    Restarting {
        /// The attempt that has crashed.
        after: u64,
        crash: Arc<Crash>,
    },
    /// Ended, as it was asked to.
    Stopped,
    /// A task that ended well.
    Done,
    /// A task that had nothing to do.
    Skipped,
    /// A service whose work is done.
    Ended,
    /// Given up.
    Failed(Arc<Failure>),
}

/// An attempt that is under way. It may just have ended, which only its report shows.
pub(crate) struct LiveAttempt {
    /// Its reports carry it, so that those of earlier attempts are known as such.
    pub(crate) number: u64,
    /// Asks it to stop.
    pub(crate) stop: CancellationToken,
    /// The process of its program, once that runs.
    pub(crate) pid: Option<u32>,
    /// The dependencies that were away at some time while it ran.
    pub(crate) missed: HashSet<String>,
}

/// What follows when a job that was asked to end has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterStop {
    /// Nothing.
    Rest,
    /// It is started again at once.
    Start,
    /// It is forgotten. No other order than a new list of jobs may undo this, for whoever has
    /// taken it out of the list waits for it to be gone.
    Remove,
}

impl State {
    /// What a job does first.
    pub(crate) const NEW: Self = Self::Waiting { stolen_ports: 0 };

    /// Returns the state as others may see it.
    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Waiting { .. } => Phase::Waiting,
            Self::Starting { .. } => Phase::Starting,
            Self::Ready { .. } => Phase::Ready,
            Self::Ending { .. } => Phase::Ending,
            Self::Stopping { .. } => Phase::Stopping,
            Self::Restarting { .. } => Phase::Restarting,
            Self::Stopped => Phase::Stopped,
            Self::Done => Phase::Done,
            Self::Skipped => Phase::Skipped,
            Self::Ended => Phase::Ended,
            Self::Failed(_) => Phase::Failed,
        }
    }

    /// Returns the attempt that is under way.
    pub(crate) fn live(&self) -> Option<&LiveAttempt> {
        match self {
            Self::Starting { live, .. }
            | Self::Ready { live, .. }
            | Self::Ending { live, .. }
            | Self::Stopping { live, .. } => Some(live),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn live_mut(&mut self) -> Option<&mut LiveAttempt> {
        match self {
            Self::Starting { live, .. }
            | Self::Ready { live, .. }
            | Self::Ending { live, .. }
            | Self::Stopping { live, .. } => Some(live),
            _ => None,
        }
    }

    /// Takes the attempt out that is under way, or returns the state as it is.
    pub(crate) fn into_live(self) -> Result<LiveAttempt, Self> {
        match self {
            Self::Starting { live, .. }
            | Self::Ready { live, .. }
            | Self::Ending { live, .. }
            | Self::Stopping { live, .. } => Ok(live),
            resting => Err(resting),
        }
    }

    /// Returns what follows, if the job was asked to end.
    pub(crate) fn after_stop(&self) -> Option<AfterStop> {
        match self {
            Self::Stopping { then, .. } => Some(*then),
            _ => None,
        }
    }

    /// Returns whether the job runs, and nobody has asked it to end.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self, Self::Starting { .. } | Self::Ready { .. })
    }
}
