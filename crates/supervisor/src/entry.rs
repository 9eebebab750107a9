//! What the loop knows of one job.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::restart::Crashes;
use crate::{Address, Crash, Failure, Job, JobStatus, Listen, Phase, address};

/// A job and its state.
pub(crate) struct Entry {
    pub(crate) job: Arc<Job>,
    pub(crate) phase: Phase,
    pub(crate) since: Instant,
    pub(crate) pid: Option<u32>,
    pub(crate) address: Option<Address>,
    /// What the address was made for.
    settled: Option<Listen>,
    /// The port that those who need it were started with.
    pub(crate) told_port: Option<u16>,
    pub(crate) failure: Option<Arc<Failure>>,
    /// Why it is started again.
    crash: Option<Arc<Crash>>,
    /// The number of the attempt that is, or was last, under way.
    pub(crate) generation: u64,
    pub(crate) stop: CancellationToken,
    pub(crate) crashes: Crashes,
    pub(crate) port_retries: u32,
    /// What to do when the attempt has ended.
    pub(crate) afterwards: Afterwards,
    /// What it needs, and has seen going away while it ran.
    pub(crate) missed: HashSet<String>,
    #[cfg(unix)]
    pub(crate) socket: Option<Arc<std::os::unix::net::UnixListener>>,
}

/// What to do when an attempt has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Afterwards {
    /// What the way it ended asks for.
    Usual,
    /// Start it again at once.
    Start,
    /// Forget it.
    Remove,
}

impl Entry {
    /// Makes the state of a job that was never started.
    pub(crate) fn new(job: Job) -> Self {
        Self {
            job: Arc::new(job),
            phase: Phase::Waiting,
            since: Instant::now(),
            pid: None,
            address: None,
            settled: None,
            told_port: None,
            failure: None,
            crash: None,
            generation: 0,
            stop: CancellationToken::new(),
            crashes: Crashes::default(),
            port_retries: 0,
            afterwards: Afterwards::Usual,
            missed: HashSet::new(),
            #[cfg(unix)]
            socket: None,
        }
    }

    /// Becomes another version of the job; what runs is not touched.
    pub(crate) fn take_over(&mut self, job: Job) {
        self.job = Arc::new(job);
        if self.afterwards == Afterwards::Remove {
            self.afterwards = Afterwards::Start;
        }
    }

    /// Finds where the job listens, if that is not known or no longer right.
    pub(crate) fn settle(&mut self, taken: &[u16]) -> io::Result<()> {
        let listen = &self.job.listen;
        if self.settled.as_ref() == Some(listen) {
            return Ok(());
        }
        self.address = match listen {
            Listen::Nowhere | Listen::Handshake(_) => None,
            Listen::Tcp(Some(port)) => Some(Address::loopback(*port)),
            Listen::Tcp(None) => Some(Address::loopback(address::free_port(taken)?)),
            Listen::Unix(path) | Listen::Passed(path) => Some(Address::Unix(path.clone())),
        };
        #[cfg(unix)]
        {
            self.socket = open_socket(listen)?;
        }
        self.settled = Some(listen.clone());
        Ok(())
    }

    pub(crate) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
        self.failure = None;
        self.crash = None;
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.enter(Phase::Failed);
        self.failure = Some(Arc::new(failure));
    }

    /// Waits to be started again after a crash.
    pub(crate) fn back_off(&mut self, crash: Crash) {
        self.enter(Phase::Restarting);
        self.crash = Some(Arc::new(crash));
    }

    /// Begins to end; what is to be stopped with it comes first, and then it is told to.
    pub(crate) fn begin_to_stop(&mut self, afterwards: Afterwards) {
        self.afterwards = afterwards;
        if self.phase != Phase::Stopping {
            self.enter(Phase::Stopping);
        }
    }

    pub(crate) fn tell_to_stop(&mut self) {
        if self.phase != Phase::Stopping {
            self.enter(Phase::Stopping);
        }
        self.stop.cancel();
    }

    pub(crate) fn status(&self) -> JobStatus {
        JobStatus {
            name: self.job.name.clone(),
            kind: self.job.kind,
            optional: self.job.optional,
            phase: self.phase,
            since: self.since,
            pid: self.pid,
            address: self.address.clone(),
            failure: self.failure.clone(),
            crash: self.crash.clone(),
        }
    }
}

#[cfg(unix)]
fn open_socket(listen: &Listen) -> io::Result<Option<Arc<std::os::unix::net::UnixListener>>> {
    let Listen::Passed(path) = listen else { return Ok(None) };
    let _ = std::fs::remove_file(path);
    Ok(Some(Arc::new(std::os::unix::net::UnixListener::bind(path)?)))
}
