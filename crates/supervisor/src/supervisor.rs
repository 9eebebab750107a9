//! The loop that owns the state of all jobs.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use indexmap::IndexMap;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::attempt::{Attempt, End, Report};
use crate::backoff::Crashes;
use crate::{
    Address, Addresses, Failure, Job, JobStatus, Listen, LogSink, Phase, Reason, Redact, Snapshot,
    address, graph,
};

/// How often a stolen port is replaced before it counts as a failure.
const PORT_RETRIES: u32 = 3;

/// What holds for all jobs.
#[derive(Clone)]
pub struct Settings {
    /// The `ensconce-guard` program; unused on Windows.
    pub guard: PathBuf,
    /// Names this launch in the environment of every process, so that they can be found.
    pub launch_id: String,
    /// Takes what must not be seen out of each line, before anyone gets it.
    pub redact: Redact,
    /// Takes all output.
    pub log: LogSink,
}

/// Starts supervision.
pub struct Supervisor;

impl Supervisor {
    /// Starts all jobs, each as soon as what it needs is ready.
    ///
    /// # Errors
    /// When no port or socket can be had for a job.
    pub fn start(jobs: Vec<Job>, settings: Settings) -> io::Result<Handle> {
        let (commands, command_queue) = mpsc::unbounded_channel();
        let (reports, report_queue) = mpsc::unbounded_channel();
        let (snapshots, snapshot) = watch::channel(Snapshot::default());
        let mut state = Loop {
            entries: IndexMap::new(),
            settings,
            reports,
            snapshots,
            stopping: false,
            stop_waiters: Vec::new(),
            generation: 0,
        };
        for job in jobs {
            state.add(job)?;
        }
        state.advance();
        tokio::spawn(state.run(command_queue, report_queue));
        Ok(Handle { commands, snapshot })
    }
}

/// Talks to the loop. Cheap to clone; when the last one is dropped, everything is stopped.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    snapshot: watch::Receiver<Snapshot>,
}

impl Handle {
    /// The state of all jobs, now and after each change.
    pub fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.clone()
    }

    /// Starts what has failed once more.
    pub fn retry(&self) {
        let _ = self.commands.send(Command::Retry);
    }

    /// Stops a job and starts it again.
    pub fn restart(&self, job: &str) {
        let _ = self.commands.send(Command::Restart(job.to_owned()));
    }

    /// Goes over to other jobs: ends those that are gone, begins the new ones, restarts `changed`.
    pub fn replace(&self, jobs: Vec<Job>, changed: HashSet<String>) {
        let _ = self.commands.send(Command::Replace { jobs, changed });
    }

    /// Stops everything, in reverse order; returns when nothing is alive.
    pub async fn stop(&self) {
        let (done, wait) = oneshot::channel();
        if self.commands.send(Command::Stop(done)).is_ok() {
            let _ = wait.await;
        }
    }
}

enum Command {
    Retry,
    Restart(String),
    Replace { jobs: Vec<Job>, changed: HashSet<String> },
    Stop(oneshot::Sender<()>),
}

enum Event {
    Command(Command),
    /// A job's attempt tells something; old attempts are told by their number.
    Report(String, u64, Report),
    /// The pause before a restart is over.
    PauseOver(String, u64),
}

struct Entry {
    job: Arc<Job>,
    phase: Phase,
    since: Instant,
    pid: Option<u32>,
    address: Option<Address>,
    failure: Option<Arc<Failure>>,
    /// The number of the attempt that is, or was last, under way.
    generation: u64,
    stop: CancellationToken,
    crashes: Crashes,
    port_retries: u32,
    /// What to do when the attempt has ended.
    afterwards: Afterwards,
    #[cfg(unix)]
    socket: Option<Arc<std::os::unix::net::UnixListener>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    /// What the way it ended asks for.
    Usual,
    /// Start it again at once.
    Start,
    /// Forget it.
    Remove,
}

struct Loop {
    entries: IndexMap<String, Entry>,
    settings: Settings,
    reports: mpsc::UnboundedSender<Event>,
    snapshots: watch::Sender<Snapshot>,
    stopping: bool,
    stop_waiters: Vec<oneshot::Sender<()>>,
    generation: u64,
}

impl Loop {
    async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut reports: mpsc::UnboundedReceiver<Event>,
    ) {
        loop {
            let event = tokio::select! {
                report = reports.recv() => report,
                command = commands.recv(), if !self.stopping || !commands.is_closed() => {
                    Some(command.map_or_else(nobody_left, Event::Command))
                }
            };
            let Some(event) = event else { return };
            self.handle(event);
            self.advance();
            if self.stopping && self.entries.values().all(|entry| !entry.phase.is_alive()) {
                self.publish();
                return self.tell_stopped();
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Command(Command::Retry) => self.retry(),
            Event::Command(Command::Restart(name)) => self.restart(&name),
            Event::Command(Command::Replace { jobs, changed }) => self.replace(jobs, &changed),
            Event::Command(Command::Stop(done)) => {
                self.stopping = true;
                self.stop_waiters.push(done);
            }
            Event::Report(name, generation, report) => self.on_report(&name, generation, report),
            Event::PauseOver(name, generation) => self.on_pause_over(&name, generation),
        }
    }

    fn tell_stopped(self) {
        for waiter in self.stop_waiters {
            let _ = waiter.send(());
        }
    }

    // --- Commands -------------------------------------------------------------------------

    fn retry(&mut self) {
        for entry in self.entries.values_mut().filter(|entry| entry.phase == Phase::Failed) {
            entry.crashes.forget();
            entry.enter(Phase::Waiting);
        }
    }

    fn restart(&mut self, name: &str) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.phase.is_alive() {
            entry.afterwards = Afterwards::Start;
            entry.tell_to_stop();
        } else {
            entry.enter(Phase::Waiting);
        }
    }

    fn replace(&mut self, jobs: Vec<Job>, changed: &HashSet<String>) {
        let wanted: HashSet<String> = jobs.iter().map(|job| job.name.clone()).collect();
        for job in jobs {
            match self.entries.get_mut(&job.name) {
                Some(entry) => entry.job = Arc::new(job),
                None => {
                    let name = job.name.clone();
                    if let Err(error) = self.add(job) {
                        tracing::error!("No address for `{name}`: {error}");
                    }
                }
            }
        }
        let gone: Vec<String> =
            self.entries.keys().filter(|name| !wanted.contains(*name)).cloned().collect();
        gone.iter().for_each(|name| self.remove(name));
        changed.iter().filter(|name| wanted.contains(*name)).for_each(|name| self.restart(name));
    }

    fn remove(&mut self, name: &str) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.phase.is_alive() {
            entry.afterwards = Afterwards::Remove;
            entry.tell_to_stop();
        } else {
            self.entries.shift_remove(name);
        }
    }

    // --- Reports --------------------------------------------------------------------------

    fn on_report(&mut self, name: &str, generation: u64, report: Report) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.generation != generation {
            return;
        }
        match report {
            Report::Spawned(pid) => entry.pid = Some(pid),
            Report::Ready(address) => {
                entry.address = address.or(entry.address.take());
                if entry.phase == Phase::Starting {
                    entry.enter(Phase::Ready);
                }
            }
            Report::Ended(end) => self.on_end(name, end),
        }
    }

    fn on_end(&mut self, name: &str, end: End) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        entry.pid = None;
        match std::mem::replace(&mut entry.afterwards, Afterwards::Usual) {
            Afterwards::Start if !self.stopping => return entry.enter(Phase::Waiting),
            Afterwards::Remove => {
                self.entries.shift_remove(name);
                return;
            }
            _ => {}
        }
        match end {
            End::Skipped => entry.enter(Phase::Skipped),
            End::Done => entry.enter(Phase::Done),
            End::Stopped => entry.enter(Phase::Stopped),
            End::Failed(failure) => self.on_failure(name, failure),
            End::Crashed { exit, tail } => self.on_crash(name, exit, tail),
        }
    }

    fn on_failure(&mut self, name: &str, failure: Failure) {
        let taken: Vec<u16> = self.ports();
        let Some(entry) = self.entries.get_mut(name) else { return };
        let chosen_by_us = entry.job.listen == Listen::Tcp(None);
        if matches!(failure.reason, Reason::PortTaken { .. })
            && chosen_by_us
            && entry.port_retries < PORT_RETRIES
            && let Ok(port) = address::free_port(&taken)
        {
            entry.port_retries += 1;
            entry.address = Some(Address::loopback(port));
            return entry.enter(Phase::Waiting);
        }
        entry.fail(failure);
    }

    fn on_crash(&mut self, name: &str, exit: crate::Exit, tail: Vec<String>) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        let Some(pause) = entry.crashes.count(Instant::now()) else {
            let reason = Reason::KeepsEnding { exit };
            let waited = entry.since.elapsed();
            return entry.fail(Failure { job: name.to_owned(), reason, waited, tail });
        };
        entry.enter(Phase::Restarting);
        let event = Event::PauseOver(name.to_owned(), entry.generation);
        let reports = self.reports.clone();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let _ = reports.send(event);
        });
    }

    fn on_pause_over(&mut self, name: &str, generation: u64) {
        if let Some(entry) = self.entries.get_mut(name)
            && entry.generation == generation
            && entry.phase == Phase::Restarting
        {
            entry.enter(Phase::Waiting);
        }
    }

    // --- The graph ------------------------------------------------------------------------

    /// Starts, or stops, everything that may be.
    fn advance(&mut self) {
        if self.stopping {
            self.stop_what_may();
        } else {
            self.start_what_may();
        }
        self.publish();
    }

    fn start_what_may(&mut self) {
        let all = self.statuses();
        let names: Vec<String> = self
            .entries
            .values()
            .filter(|entry| entry.phase == Phase::Waiting)
            .filter(|entry| graph::may_start(&entry.job, &all))
            .map(|entry| entry.job.name.clone())
            .collect();
        for name in names {
            self.begin(&name);
        }
    }

    fn stop_what_may(&mut self) {
        let phases: Vec<(Arc<Job>, Phase)> =
            self.entries.values().map(|entry| (Arc::clone(&entry.job), entry.phase)).collect();
        let phases: Vec<(&Job, Phase)> =
            phases.iter().map(|(job, phase)| (job.as_ref(), *phase)).collect();
        for (name, entry) in &mut self.entries {
            match entry.phase {
                Phase::Starting | Phase::Ready if graph::may_stop(name, &phases) => {
                    entry.tell_to_stop();
                }
                Phase::Waiting | Phase::Restarting => entry.enter(Phase::Stopped),
                _ => {}
            }
        }
    }

    fn begin(&mut self, name: &str) {
        let addresses = self.addresses();
        self.generation += 1;
        let generation = self.generation;
        let Some(entry) = self.entries.get_mut(name) else { return };
        entry.generation = generation;
        entry.stop = CancellationToken::new();
        entry.enter(Phase::Starting);
        let reports = self.reports.clone();
        let reporter = name.to_owned();
        let attempt = Attempt {
            job: Arc::clone(&entry.job),
            address: entry.address.clone(),
            addresses,
            guard: self.settings.guard.clone(),
            mark: format!("{}/{name}/{generation}", self.settings.launch_id),
            redact: self.settings.redact.clone(),
            sink: self.settings.log.clone(),
            #[cfg(unix)]
            socket: entry.socket.clone(),
            stop: entry.stop.clone(),
            report: Box::new(move |report| {
                let _ = reports.send(Event::Report(reporter.clone(), generation, report));
            }),
        };
        tokio::spawn(attempt.run());
    }

    fn add(&mut self, job: Job) -> io::Result<()> {
        let address = match &job.listen {
            Listen::Nowhere | Listen::Handshake(_) => None,
            Listen::Tcp(Some(port)) => Some(Address::loopback(*port)),
            Listen::Tcp(None) => Some(Address::loopback(address::free_port(&self.ports())?)),
            Listen::Unix(path) | Listen::Passed(path) => Some(Address::Unix(path.clone())),
        };
        let entry = Entry {
            #[cfg(unix)]
            socket: open_socket(&job.listen)?,
            address,
            phase: Phase::Waiting,
            since: Instant::now(),
            pid: None,
            failure: None,
            generation: 0,
            stop: CancellationToken::new(),
            crashes: Crashes::default(),
            port_retries: 0,
            afterwards: Afterwards::Usual,
            job: Arc::new(job),
        };
        self.entries.insert(entry.job.name.clone(), entry);
        Ok(())
    }

    // --- What others see ------------------------------------------------------------------

    fn addresses(&self) -> Addresses {
        let known = |entry: &Entry| Some((entry.job.name.clone(), entry.address.clone()?));
        self.entries.values().filter_map(known).collect()
    }

    fn ports(&self) -> Vec<u16> {
        self.entries.values().filter_map(|entry| entry.address.as_ref()?.port()).collect()
    }

    fn statuses(&self) -> Vec<JobStatus> {
        self.entries.values().map(Entry::status).collect()
    }

    fn publish(&self) {
        self.snapshots.send_replace(Snapshot { jobs: self.statuses() });
    }
}

impl Entry {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
        self.failure = None;
    }

    fn fail(&mut self, failure: Failure) {
        self.enter(Phase::Failed);
        self.failure = Some(Arc::new(failure));
    }

    fn tell_to_stop(&mut self) {
        if self.phase != Phase::Stopping {
            self.enter(Phase::Stopping);
        }
        self.stop.cancel();
    }

    fn status(&self) -> JobStatus {
        JobStatus {
            name: self.job.name.clone(),
            kind: self.job.kind,
            optional: self.job.optional,
            phase: self.phase,
            since: self.since,
            pid: self.pid,
            address: self.address.clone(),
            failure: self.failure.clone(),
        }
    }
}

/// Everyone who could say anything is gone, so the app is over.
fn nobody_left() -> Event {
    let (done, _) = oneshot::channel();
    Event::Command(Command::Stop(done))
}

#[cfg(unix)]
fn open_socket(listen: &Listen) -> io::Result<Option<Arc<std::os::unix::net::UnixListener>>> {
    let Listen::Passed(path) = listen else { return Ok(None) };
    let _ = std::fs::remove_file(path);
    Ok(Some(Arc::new(std::os::unix::net::UnixListener::bind(path)?)))
}
