//! The loop that owns the state of all jobs.
//!
//! Everything that happens is an [`Event`], and events are taken in one after another. Each changes
//! the state of at most a few jobs; then the whole graph is looked at, and what may start or stop
//! now does. So no order has to be worked out beforehand, and none can be left half done: what is
//! still to do is what the next look will find.

mod commands;
mod dependencies;
mod ends;
mod handle;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::sync::{mpsc, oneshot, watch};

use self::handle::Command;
pub use self::handle::{Applied, Handle};
use crate::attempt::{Attempt, Report};
use crate::entry::Entry;
use crate::ready::Place;
use crate::state::{AfterStop, State};
use crate::{
    Addresses, Failure, Job, JobSnapshot, Kind, Listen, LogSink, Phase, Reason, Redact, Snapshot,
    graph,
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
    /// Starts all jobs, each as soon as its dependencies are ready.
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
            attempts: 0,
        };
        for job in jobs {
            state.add(job);
        }
        let names: Vec<String> = state.entries.keys().cloned().collect();
        names.iter().try_for_each(|name| state.assign(name))?;
        state.advance();
        tokio::spawn(state.run(command_queue, report_queue));
        Ok(Handle::new(commands, snapshot))
    }
}

enum Event {
    Command(Command),
    /// A job's attempt reports something. By its number it is known from earlier ones, whose last
    /// reports may come late.
    Report(String, u64, Report),
    /// The pause after the crash of this attempt is over.
    PauseOver(String, u64),
}

/// Answers a command; to be called once its effect can be seen.
type Answer = Box<dyn FnOnce() + Send>;

struct Loop {
    entries: IndexMap<String, Entry>,
    settings: Settings,
    reports: mpsc::UnboundedSender<Event>,
    snapshots: watch::Sender<Snapshot>,
    /// Whether everything is coming to its end; nothing leads back.
    stopping: bool,
    stop_waiters: Vec<oneshot::Sender<()>>,
    /// How many attempts there were, of all jobs.
    attempts: u64,
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
                // A channel that is closed would be ready all the time.
                command = commands.recv(), if !self.stopping || !commands.is_closed() => {
                    Some(command.map_or_else(nobody_left, Event::Command))
                }
            };
            let Some(event) = event else { return };
            let answer = self.handle(event);
            self.advance();
            if let Some(answer) = answer {
                answer();
            }
            if self.stopping && !self.entries.values().any(Entry::is_alive) {
                return self.tell_stopped();
            }
        }
    }

    fn handle(&mut self, event: Event) -> Option<Answer> {
        match event {
            Event::Command(command) => return self.obey(command),
            Event::Report(name, number, report) => self.on_report(&name, number, report),
            Event::PauseOver(name, number) => self.on_pause_over(&name, number),
        }
        None
    }

    fn tell_stopped(self) {
        for waiter in self.stop_waiters {
            let _ = waiter.send(());
        }
    }

    // --- Reports --------------------------------------------------------------------------

    fn on_report(&mut self, name: &str, number: u64, report: Report) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        let Some(live) = entry.live_mut().filter(|live| live.number == number) else { return };
        match report {
            Report::Spawned(pid) => live.pid = Some(pid),
            Report::Ready(place) => self.on_ready(name, place),
            Report::Proven(address) => entry.prove(address),
            Report::Lost(crash) => entry.lose(crash),
            Report::Ended(end) => self.on_end(name, number, end),
        }
    }

    fn on_ready(&mut self, name: &str, place: Place) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.become_ready(place) {
            self.restart_dependents(name);
        }
    }

    /// Restarts the services that have the port of a service in their command line, where it is
    /// another one now.
    fn restart_dependents(&mut self, name: &str) {
        let told = |entry: &&mut Entry| {
            entry.job.kind == Kind::Service
                && entry.job.needs.iter().any(|need| need == name)
                && entry.state().goes_on()
        };
        for entry in self.entries.values_mut().filter(told) {
            entry.begin_to_stop(AfterStop::Start);
        }
    }

    // --- The graph ------------------------------------------------------------------------

    /// Starts, or stops, everything that may be.
    fn advance(&mut self) {
        if self.stopping {
            self.stop_what_may();
        } else {
            self.follow_dependencies();
            self.start_what_may();
        }
        self.publish();
    }

    fn start_what_may(&mut self) {
        let all = self.job_snapshots();
        let names: Vec<String> = self
            .entries
            .values()
            .filter(|entry| matches!(entry.state(), State::Waiting { .. }))
            .filter(|entry| graph::may_start(&entry.job, &all))
            .map(|entry| entry.job.name.clone())
            .collect();
        for name in names {
            self.begin(&name);
        }
    }

    fn stop_what_may(&mut self) {
        let jobs: Vec<(Arc<Job>, Phase)> = self
            .entries
            .values()
            .map(|entry| (Arc::clone(&entry.job), entry.state().phase()))
            .collect();
        for (name, entry) in &mut self.entries {
            match entry.state() {
                State::Starting { .. } | State::Ready { .. } | State::Stopping { .. }
                    if graph::may_stop(name, &jobs) =>
                {
                    entry.tell_to_stop();
                }
                State::Waiting { .. } | State::Restarting { .. } => entry.enter(State::Stopped),
                // What is ending has nothing left to be told, and the rest has ended.
                _ => {}
            }
        }
    }

    fn begin(&mut self, name: &str) {
        if let Err(error) = self.assign(name) {
            return self.on_no_address(name, &error);
        }
        let addresses = self.addresses();
        self.attempts += 1;
        let number = self.attempts;
        let Some(entry) = self.entries.get_mut(name) else { return };
        let stop = entry.begin(number);
        let (reports, reporter) = (self.reports.clone(), name.to_owned());
        let attempt = Attempt {
            job: Arc::clone(&entry.job),
            number,
            assigned: entry.assigned().cloned(),
            addresses,
            settings: self.settings.clone(),
            #[cfg(unix)]
            socket: entry.socket(),
            stop,
            report: Box::new(move |report| {
                let _ = reports.send(Event::Report(reporter.clone(), number, report));
            }),
        };
        tokio::spawn(attempt.run());
    }

    fn add(&mut self, job: Job) {
        self.entries.insert(job.name.clone(), Entry::new(job));
    }

    /// Finds where a job listens, if that is not known or no longer right.
    fn assign(&mut self, name: &str) -> io::Result<()> {
        let taken = self.ports();
        match self.entries.get_mut(name) {
            Some(entry) => entry.assign(&taken),
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
        let known = |entry: &Entry| Some((entry.job.name.clone(), entry.assigned()?.clone()));
        self.entries.values().filter_map(known).collect()
    }

    /// The ports that jobs have, or will have.
    fn ports(&self) -> Vec<u16> {
        let fixed = self.entries.values().filter_map(|entry| match entry.job.listen {
            Listen::Tcp(port) => port,
            _ => None,
        });
        fixed.chain(self.entries.values().filter_map(Entry::port)).collect()
    }

    fn job_snapshots(&self) -> Vec<JobSnapshot> {
        self.entries.values().map(Entry::snapshot).collect()
    }

    fn publish(&self) {
        self.snapshots.send_replace(Snapshot { jobs: self.job_snapshots() });
    }
}

/// Everyone who could say anything is gone, so the app is over.
fn nobody_left() -> Event {
    let (done, _) = oneshot::channel();
    Event::Command(Command::Stop(done))
}
