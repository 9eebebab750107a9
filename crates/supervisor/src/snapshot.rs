//! What others may see of the jobs.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use crate::{Address, Crash, Failure, Kind};

/// All jobs at one moment, in the order they were given.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The jobs.
    pub jobs: Vec<JobSnapshot>,
}

impl Snapshot {
    /// Returns whether every job that must be is ready, done or given up without harm.
    pub fn is_up(&self) -> bool {
        self.jobs.iter().all(JobSnapshot::satisfies)
    }

    /// Returns the first failure that keeps the app from working.
    pub fn failure(&self) -> Option<&Arc<Failure>> {
        self.jobs.iter().filter(|job| !job.optional).find_map(|job| job.failure.as_ref())
    }

    /// Returns a job by its name.
    pub fn job(&self, name: &str) -> Option<&JobSnapshot> {
        self.jobs.iter().find(|job| job.name == name)
    }
}

/// One job at one moment.
#[derive(Debug, Clone)]
pub struct JobSnapshot {
    /// Its name.
    pub name: String,
    /// Whether it ends by itself.
    pub kind: Kind,
    /// Whether the others go on when it fails.
    pub optional: bool,
    /// What it is doing.
    pub phase: Phase,
    /// Since when.
    pub since: Instant,
    /// Its process, which may already be dead, as only a later phase shows.
    pub pid: Option<u32>,
    /// Where it is to listen, as far as it is known. What is there may be a stranger's.
    pub assigned: Option<Address>,
    /// Where its own process tree is known to listen, and requests may be sent; only in
    /// [`Phase::Ready`].
    pub address: Option<Address>,
    /// Why it failed; only in [`Phase::Failed`].
    pub failure: Option<Arc<Failure>>,
    /// Why it is started again; only in [`Phase::Ending`] and [`Phase::Restarting`].
    pub crash: Option<Arc<Crash>>,
}

impl JobSnapshot {
    /// Returns whether it works, or has done what it was there for.
    pub fn is_there(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Done | Phase::Skipped | Phase::Ended)
    }

    /// Returns whether what depends on it may start.
    pub fn satisfies(&self) -> bool {
        self.is_there() || (self.phase == Phase::Failed && self.optional)
    }
}

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Waits for its dependencies. Holds no process.
    Waiting,
    /// Has a process, or is about to; it is not ready.
    Starting,
    /// A service that works. One that counts as ready before it listens has no address yet.
    Ready,
    /// A task that ended well.
    Done,
    /// A task that had nothing to do.
    Skipped,
    /// A service whose work is done: it ended well, and is not started again.
    Ended,
    /// Ended without being asked to, and will be started again.
    Restarting,
    /// Has ended without being asked to; some of its processes may be alive.
    Ending,
    /// Was asked to end; some of its processes may be alive.
    Stopping,
    /// Was asked to end, and has; nothing of it is alive.
    Stopped,
    /// Given up; nothing of it is alive.
    Failed,
}

impl Phase {
    /// Returns whether processes of the job may be alive.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Starting | Self::Ready | Self::Ending | Self::Stopping)
    }
}
