//! What the loop knows of one job.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::ready::Place;
use crate::restart::CrashHistory;
use crate::state::{AfterStop, LiveAttempt, State};
use crate::{Address, Crash, Failure, Job, JobSnapshot, Listen, address};

/// A job and its state.
pub(crate) struct Entry {
    pub(crate) job: Arc<Job>,
    state: State,
    since: Instant,
    assignment: Option<Assignment>,
    /// The port that its dependents were started with.
    dependents_port: Option<u16>,
    pub(crate) crashes: CrashHistory,
}

/// Where a job is to listen, which others may ask before its start.
struct Assignment {
    /// What it was made for.
    listen: Listen,
    /// Nothing as long as the job itself is the one to say it.
    address: Option<Address>,
    #[cfg(unix)]
    socket: Option<Arc<std::os::unix::net::UnixListener>>,
}

impl Entry {
    /// Makes the state of a job that was never started.
    pub(crate) fn new(job: Job) -> Self {
        Self {
            job: Arc::new(job),
            state: State::NEW,
            since: Instant::now(),
            assignment: None,
            dependents_port: None,
            crashes: CrashHistory::default(),
        }
    }

    /// Becomes another version of the job; what runs is not touched.
    pub(crate) fn take_over(&mut self, job: Job) {
        self.job = Arc::new(job);
        if let State::Stopping { then: then @ AfterStop::Remove, .. } = &mut self.state {
            *then = AfterStop::Start;
        }
    }

    // --- Where it listens -----------------------------------------------------------------

    /// Finds where the job listens, if that is not known or no longer right.
    pub(crate) fn assign(&mut self, taken: &[u16]) -> io::Result<()> {
        let listen = &self.job.listen;
        if self.assignment.as_ref().is_none_or(|assignment| assignment.listen != *listen) {
            self.assignment = None;
            self.assignment = Some(Assignment::new(listen.clone(), taken)?);
        }
        Ok(())
    }

    /// Returns where the job is to listen, as far as it is known.
    pub(crate) fn assigned(&self) -> Option<&Address> {
        self.assignment.as_ref()?.address.as_ref()
    }

    /// Returns the port on which the job is to listen.
    pub(crate) fn port(&self) -> Option<u16> {
        self.assigned().and_then(Address::port)
    }

    /// Returns the socket that is passed to the job.
    #[cfg(unix)]
    pub(crate) fn socket(&self) -> Option<Arc<std::os::unix::net::UnixListener>> {
        self.assignment.as_ref()?.socket.clone()
    }

    fn set_assigned(&mut self, address: Option<Address>) {
        if let Some(assignment) = &mut self.assignment {
            assignment.address = address;
        }
    }

    /// Forgets a port that the job has announced: it will announce another one, and this one may
    /// soon be a stranger's.
    pub(crate) fn forget_announced_port(&mut self) {
        if matches!(self.job.listen, Listen::Handshake(_)) {
            self.set_assigned(None);
        }
    }

    /// Chooses another port for the job, if the one that it has was chosen for it; returns whether
    /// that was so.
    pub(crate) fn replace_chosen_port(&mut self, taken: &[u16]) -> bool {
        let other = (self.job.listen == Listen::Tcp(None)).then(|| address::free_port(taken));
        let Some(Ok(port)) = other else { return false };
        self.set_assigned(Some(Address::loopback(port)));
        true
    }

    // --- What it is doing -----------------------------------------------------------------

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Returns since when it is in this state.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    pub(crate) fn live_mut(&mut self) -> Option<&mut LiveAttempt> {
        self.state.live_mut()
    }

    /// Returns whether processes of the job may be alive.
    pub(crate) fn is_alive(&self) -> bool {
        self.state.live().is_some()
    }

    pub(crate) fn enter(&mut self, state: State) {
        self.state = state;
        self.since = Instant::now();
    }

    /// Begins an attempt.
    pub(crate) fn begin(&mut self, number: u64) -> CancellationToken {
        let stop = CancellationToken::new();
        let stolen_ports = self.stolen_ports();
        let live =
            LiveAttempt { number, stop: stop.clone(), pid: None, missed: Default::default() };
        self.enter(State::Starting { live, stolen_ports });
        stop
    }

    /// Returns how many ports in a row strangers have taken before the job could.
    pub(crate) fn stolen_ports(&self) -> u32 {
        match self.state {
            State::Waiting { stolen_ports } | State::Starting { stolen_ports, .. } => stolen_ports,
            _ => 0,
        }
    }

    /// Is ready now. Returns whether its dependents were started with another port.
    pub(crate) fn become_ready(&mut self, place: Place) -> bool {
        if !matches!(self.state, State::Starting { .. }) {
            return false;
        }
        if matches!(self.job.listen, Listen::Handshake(_)) {
            self.set_assigned(place.address().cloned());
        }
        self.change(|live| State::Ready { live, address: place.proven() });
        let port = self.port();
        let before = std::mem::replace(&mut self.dependents_port, port);
        before.is_some() && before != port
    }

    /// Its own processes are known to listen now.
    pub(crate) fn prove(&mut self, found: Address) {
        if let State::Ready { address, .. } = &mut self.state {
            *address = Some(found);
        }
    }

    /// Has crashed; what is left of it is being killed.
    pub(crate) fn lose(&mut self, crash: Crash) {
        match &mut self.state {
            State::Ready { .. } if self.job.restart.follows(&crash) => {
                let crash = Arc::new(crash);
                self.change(|live| State::Ending { live, crash });
            }
            // A service whose work is done keeps nobody waiting who depends on it; but its port
            // may be a stranger's now.
            State::Ready { address, .. } => *address = None,
            _ => {}
        }
    }

    /// Waits to be started again after a crash.
    pub(crate) fn back_off(&mut self, crash: Crash, after: u64) {
        self.enter(State::Restarting { after, crash: Arc::new(crash) });
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.enter(State::Failed(Arc::new(failure)));
    }

    /// Begins to end, if anything of it is alive; what is to be stopped with it comes first, and
    /// then it is asked to itself.
    ///
    /// Nothing but a new list of jobs undoes a removal.
    pub(crate) fn begin_to_stop(&mut self, then: AfterStop) {
        match &mut self.state {
            State::Stopping { then: AfterStop::Remove, .. } => {}
            State::Stopping { then: before, .. } => *before = then,
            _ => self.change(|live| State::Stopping { live, then }),
        }
    }

    /// Asks its attempt to stop.
    pub(crate) fn tell_to_stop(&mut self) {
        if self.state.after_stop().is_none() {
            self.begin_to_stop(AfterStop::Rest);
        }
        if let Some(live) = self.state.live() {
            live.stop.cancel();
        }
    }

    /// Enters another state with the same attempt; one that rests stays as it is.
    fn change(&mut self, next: impl FnOnce(LiveAttempt) -> State) {
        match std::mem::replace(&mut self.state, State::Stopped).into_live() {
            Ok(live) => self.enter(next(live)),
            Err(resting) => self.state = resting,
        }
    }

    // --- What others see ------------------------------------------------------------------

    pub(crate) fn snapshot(&self) -> JobSnapshot {
        JobSnapshot {
            name: self.job.name.clone(),
            kind: self.job.kind,
            optional: self.job.optional,
            phase: self.state.phase(),
            since: self.since,
            pid: self.state.live().and_then(|live| live.pid),
            assigned: self.assigned().cloned(),
            address: match &self.state {
                State::Ready { address, .. } => address.clone(),
                _ => None,
            },
            failure: match &self.state {
                State::Failed(failure) => Some(Arc::clone(failure)),
                _ => None,
            },
            crash: match &self.state {
                State::Ending { crash, .. } | State::Restarting { crash, .. } => {
                    Some(Arc::clone(crash))
                }
                _ => None,
            },
        }
    }
}

impl Assignment {
    fn new(listen: Listen, taken: &[u16]) -> io::Result<Self> {
        let address = match &listen {
            Listen::Nowhere | Listen::Handshake(_) => None,
            Listen::Tcp(Some(port)) => Some(Address::loopback(*port)),
            Listen::Tcp(None) => Some(Address::loopback(address::free_port(taken)?)),
            Listen::Unix(path) | Listen::Passed(path) => Some(Address::Unix(path.clone())),
        };
        #[cfg(unix)]
        let socket = open_socket(&listen)?;
        Ok(Self {
            listen,
            address,
            #[cfg(unix)]
            socket,
        })
    }
}

#[cfg(unix)]
fn open_socket(listen: &Listen) -> io::Result<Option<Arc<std::os::unix::net::UnixListener>>> {
    let Listen::Passed(path) = listen else { return Ok(None) };
    let _ = std::fs::remove_file(path);
    Ok(Some(Arc::new(std::os::unix::net::UnixListener::bind(path)?)))
}
