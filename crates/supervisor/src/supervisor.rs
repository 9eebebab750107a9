//! The loop that owns the state of all jobs.

mod ends;
mod needs;

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::attempt::{Attempt, Report};
use crate::entry::{Afterwards, Entry};
use crate::{
    Address, Addresses, Failure, Job, JobStatus, Kind, Listen, LogSink, Phase, Reason, Redact,
    Snapshot, graph,
};

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
            state.add(job);
        }
        let names: Vec<String> = state.entries.keys().cloned().collect();
        names.iter().try_for_each(|name| state.settle(name))?;
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
            Event::Command(Command::Stop(done)) => {
                self.stopping = true;
                self.stop_waiters.push(done);
            }
            // What is coming to its end is not begun again.
            Event::Command(_) if self.stopping => {}
            Event::Command(Command::Retry) => self.retry(),
            Event::Command(Command::Restart(name)) => self.restart(&name),
            Event::Command(Command::Replace { jobs, changed }) => self.replace(jobs, &changed),
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
            entry.port_retries = 0;
            entry.enter(Phase::Waiting);
        }
    }

    fn restart(&mut self, name: &str) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        // Whoever has taken it out may wait for it to be gone.
        if entry.afterwards == Afterwards::Remove {
            return;
        }
        entry.crashes.forget();
        entry.port_retries = 0;
        if entry.phase.is_alive() {
            entry.begin_to_stop(Afterwards::Start);
        } else {
            entry.enter(Phase::Waiting);
        }
    }

    fn replace(&mut self, jobs: Vec<Job>, changed: &HashSet<String>) {
        let wanted: HashSet<String> = jobs.iter().map(|job| job.name.clone()).collect();
        for job in jobs {
            match self.entries.get_mut(&job.name) {
                Some(entry) => entry.take_over(job),
                None => self.add(job),
            }
        }
        let gone: Vec<String> =
            self.entries.keys().filter(|name| !wanted.contains(*name)).cloned().collect();
        gone.iter().for_each(|name| self.remove(name));
        changed.iter().filter(|name| wanted.contains(*name)).for_each(|name| self.restart(name));
        self.settle_what_rests();
    }

    /// Finds addresses for what is not running, since others may ask for them before its start.
    fn settle_what_rests(&mut self) {
        let resting = self.entries.values().filter(|entry| !entry.phase.is_alive());
        let names: Vec<String> = resting.map(|entry| entry.job.name.clone()).collect();
        for name in names {
            // What goes wrong is told when its turn comes, and it is tried again.
            let _ = self.settle(&name);
        }
    }

    fn remove(&mut self, name: &str) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.phase.is_alive() {
            entry.begin_to_stop(Afterwards::Remove);
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
            Report::Ready(address) => self.on_ready(name, address),
            Report::Lost(crash) if entry.phase == Phase::Ready => entry.lose(crash),
            Report::Lost(_) => {}
            Report::Ended(end) => self.on_end(name, end),
        }
    }

    fn on_ready(&mut self, name: &str, address: Option<Address>) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.phase != Phase::Starting {
            return;
        }
        entry.port_retries = 0;
        entry.address = address.or(entry.address.take());
        entry.enter(Phase::Ready);
        let port = entry.address.as_ref().and_then(Address::port);
        let before = std::mem::replace(&mut entry.told_port, port);
        if before.is_some() && before != port {
            self.restart_those_told(name);
        }
    }

    /// Restarts the services that have the port of a service in their command line, where it is
    /// another one now.
    fn restart_those_told(&mut self, name: &str) {
        let told = |entry: &&mut Entry| {
            entry.job.kind == Kind::Service
                && entry.job.needs.iter().any(|need| need == name)
                && matches!(entry.phase, Phase::Starting | Phase::Ready)
        };
        for entry in self.entries.values_mut().filter(told) {
            entry.begin_to_stop(Afterwards::Start);
        }
    }

    // --- The graph ------------------------------------------------------------------------

    /// Starts, or stops, everything that may be.
    fn advance(&mut self) {
        if self.stopping {
            self.stop_what_may();
        } else {
            self.follow_needs();
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
                Phase::Starting | Phase::Ready | Phase::Stopping
                    if graph::may_stop(name, &phases) =>
                {
                    entry.tell_to_stop();
                }
                Phase::Waiting | Phase::Restarting => entry.enter(Phase::Stopped),
                _ => {}
            }
        }
    }

    fn begin(&mut self, name: &str) {
        if let Err(error) = self.settle(name) {
            return self.on_no_address(name, &error);
        }
        let addresses = self.addresses();
        self.generation += 1;
        let generation = self.generation;
        let Some(entry) = self.entries.get_mut(name) else { return };
        entry.generation = generation;
        entry.stop = CancellationToken::new();
        entry.missed.clear();
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

    fn add(&mut self, job: Job) {
        self.entries.insert(job.name.clone(), Entry::new(job));
    }

    /// Finds where a job listens, if that is not known or no longer right.
    fn settle(&mut self, name: &str) -> io::Result<()> {
        let taken = self.ports();
        match self.entries.get_mut(name) {
            Some(entry) => entry.settle(&taken),
            None => Ok(()),
        }
    }

    fn on_no_address(&mut self, name: &str, error: &io::Error) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        entry.fail(Failure {
            job: name.to_owned(),
            reason: Reason::Refused(format!("it has nowhere to listen: {error}")),
            waited: Duration::ZERO,
            tail: Vec::new(),
        });
    }

    // --- What others see ------------------------------------------------------------------

    fn addresses(&self) -> Addresses {
        let known = |entry: &Entry| Some((entry.job.name.clone(), entry.address.clone()?));
        self.entries.values().filter_map(known).collect()
    }

    /// The ports that jobs have, or will have.
    fn ports(&self) -> Vec<u16> {
        let fixed = self.entries.values().filter_map(|entry| match entry.job.listen {
            Listen::Tcp(port) => port,
            _ => None,
        });
        let had = self.entries.values().filter_map(|entry| entry.address.as_ref()?.port());
        fixed.chain(had).collect()
    }

    fn statuses(&self) -> Vec<JobStatus> {
        self.entries.values().map(Entry::status).collect()
    }

    fn publish(&self) {
        self.snapshots.send_replace(Snapshot { jobs: self.statuses() });
    }
}

/// Everyone who could say anything is gone, so the app is over.
fn nobody_left() -> Event {
    let (done, _) = oneshot::channel();
    Event::Command(Command::Stop(done))
}
