//! One run of one job, from its command line to the end of its last process.
//!
//! An attempt owns its processes, and the loop owns the job's state: the attempt reports what has
//! happened, and is asked for one thing, to stop. It looks at that first wherever it waits, so that a
//! stop is never held up by a probe, a keychain or a health check.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

#[cfg(unix)]
use crate::Liveness;
use crate::address::is_taken;
use crate::health::HealthWatch;
use crate::memory;
use crate::ownership::name_of_owner;
use crate::ready::lines::LineWatch;
#[cfg(unix)]
use crate::ready::notify::{Notifications, NotifySocket};
use crate::ready::{LastLook, Place, PortTaken, ReadinessProbe};
use crate::run::{LogTarget, Run};
use crate::tree::SpawnRequest;
use crate::{
    Address, Addresses, Crash, Exit, Failure, Job, Kind, Launch, Listen, Program, Ready, Reason,
    RenderError, Settings,
};

/// What an attempt reports to the loop.
#[derive(Debug)]
pub(crate) enum Report {
    /// Its program runs, as this process.
    Spawned(u32),
    /// It is ready, and listens, or will listen, here.
    Ready(Place),
    /// It was ready before it listened. Now its own processes do, here.
    Proven(Address),
    /// It was ready, and its program has ended or must; some of it may be alive.
    Lost(Crash),
    /// Nothing of it is alive.
    Ended(End),
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum End {
    /// There was nothing to do.
    Skipped,
    /// A task ended well.
    Done,
    /// It was asked to.
    Stopped,
    /// It was never ready.
    Failed(Failure),
    /// It was ready, and then ended by itself, or had to be killed.
    Crashed { crash: Crash, tail: Vec<String> },
}

/// A run of a job that is about to begin.
pub(crate) struct Attempt {
    pub(crate) job: Arc<Job>,
    /// No other attempt of any job has it.
    pub(crate) number: u64,
    /// Where it is to listen, if that is known.
    pub(crate) assigned: Option<Address>,
    pub(crate) addresses: Addresses,
    pub(crate) settings: Settings,
    #[cfg(unix)]
    pub(crate) socket: Option<Arc<std::os::unix::net::UnixListener>>,
    pub(crate) stop: CancellationToken,
    pub(crate) report: Box<dyn Fn(Report) + Send + Sync>,
}

/// A program that runs, and what is known of it.
struct Started {
    run: Run,
    probe: ReadinessProbe,
    begun: Instant,
    /// It is read for as long as the program may send anything.
    #[cfg(unix)]
    _notify: Option<NotifySocket>,
}

impl Attempt {
    /// Runs the job once.
    pub(crate) async fn run(self) {
        let end = self.live().await;
        (self.report)(Report::Ended(end));
    }

    async fn live(&self) -> End {
        let begun = Instant::now();
        let launch = tokio::select! {
            biased;
            // A keychain that waits for its user holds no stop up.
            () = self.stop.cancelled() => return End::Stopped,
            launch = self.render() => launch,
        };
        let started = match launch {
            Ok(Launch::Skip(_)) => return End::Skipped,
            // The program is not kept: it holds secrets, and may run for months.
            Ok(Launch::Run(program)) => self.start(program, begun).await,
            Err(error) => Err(Reason::Unrenderable(error.to_string())),
        };
        let started = match started {
            Ok(started) => started,
            Err(reason) => return self.failed(reason, begun, Vec::new()),
        };
        (self.report)(Report::Spawned(started.run.pid()));
        match self.job.kind {
            Kind::Task => self.see_task_through(started).await,
            Kind::Service => self.serve(started).await,
        }
    }

    /// Makes the command line, which may have to wait for a keychain.
    async fn render(&self) -> Result<Launch, RenderError> {
        // In a task of its own: if it panics, the job fails, instead of never coming to an end.
        let rendering = tokio::spawn((self.job.render)(self.addresses.clone()));
        let rendered = AbortOnDropHandle::new(rendering).await;
        rendered.unwrap_or_else(|error| Err(RenderError::new(error.to_string())))
    }

    async fn start(&self, program: Program, begun: Instant) -> Result<Started, Reason> {
        self.clear_the_way()?;
        #[cfg(unix)]
        let (notify, notifications) = self.bind_notify()?.unzip();
        let (watch, lines) = LineWatch::of(&self.job);
        let name = &self.job.name;
        let request = SpawnRequest {
            program: &program,
            mark: &format!("{}/{name}/{}", self.settings.launch_id, self.number),
            guard: &self.settings.guard,
            #[cfg(unix)]
            socket: self.socket.as_deref(),
            #[cfg(unix)]
            watchdog: self.watchdog().map(|(_, limit)| limit),
        };
        let Settings { redact, log, .. } = &self.settings;
        let run = Run::start(request, LogTarget { job: name, redact, sink: log, watch }).await?;
        let probe = ReadinessProbe {
            job: Arc::clone(&self.job),
            assigned: self.assigned.clone(),
            root: run.root(),
            lines,
            last: LastLook::default(),
            #[cfg(unix)]
            notifications,
        };
        Ok(Started {
            run,
            probe,
            begun,
            #[cfg(unix)]
            _notify: notify,
        })
    }

    /// Makes sure that nothing is where the program is to listen, or to say where it does.
    ///
    /// What an earlier run has left there would be taken for this one's. And a port that is free
    /// now leaves a stranger only the moment until the program has it.
    fn clear_the_way(&self) -> Result<(), Reason> {
        let port = self.assigned.as_ref().and_then(Address::port);
        match (&self.job.listen, port) {
            (Listen::Tcp(_), Some(port)) if is_taken(port) => Err(port_taken(port)),
            (Listen::Handshake(path) | Listen::Unix(path), _) => remove_stale(path),
            _ => Ok(()),
        }
    }

    #[cfg(unix)]
    fn watchdog(&self) -> Option<(&Path, std::time::Duration)> {
        match &self.job.liveness {
            Some(Liveness::Watchdog { socket, limit }) => Some((socket, *limit)),
            _ => None,
        }
    }

    #[cfg(unix)]
    fn bind_notify(
        &self,
    ) -> Result<Option<(NotifySocket, watch::Receiver<Notifications>)>, Reason> {
        let watchdog = self.watchdog().map(|(socket, _)| socket);
        let path = match &self.job.ready {
            Ready::Notify(socket) => Some(socket.as_path()),
            _ => watchdog,
        };
        let Some(path) = path else { return Ok(None) };
        NotifySocket::bind(path)
            .map(Some)
            .map_err(|error| Reason::Refused(format!("{}: {error}", path.display())))
    }

    async fn see_task_through(&self, Started { mut run, begun, .. }: Started) -> End {
        let limit = self.job.start_timeout;
        let reason = tokio::select! {
            biased;
            () = self.stop.cancelled() => return self.stop(&mut run).await,
            exit = run.exit() => (!exit.success()).then_some(Reason::TaskFailed(exit)),
            () = tokio::time::sleep(limit) => Some(Reason::TaskTooLong(limit)),
        };
        // A task is done with its program: what that has started in the background goes as well.
        run.kill().await;
        reason.map_or(End::Done, |reason| self.failed(reason, begun, run.tail()))
    }

    /// Sees to a service, from its start to its end.
    async fn serve(&self, started: Started) -> End {
        let Started { mut run, mut probe, begun, .. } = started;
        let limit = self.job.start_timeout;
        let last = probe.last.clone();
        let too_much = memory::until_over(run.members(), self.job.memory_limit);
        let reason = tokio::select! {
            biased;
            () = self.stop.cancelled() => return self.stop(&mut run).await,
            exit = run.exit() => return self.on_early_exit(run, exit, begun).await,
            limit = too_much => Reason::EndedEarly(Crash::TooMuchMemory(limit)),
            ready = tokio::time::timeout(limit, probe.wait()) => match ready {
                Ok(Ok(place)) => {
                    (self.report)(Report::Ready(place.clone()));
                    return self.watch(run, &probe, place).await;
                }
                Ok(Err(PortTaken { port, owner })) => Reason::PortTaken { port, owner },
                Err(_) => Reason::NotReady { limit, last: last.get() },
            },
        };
        run.kill().await;
        self.failed(reason, begun, run.tail())
    }

    /// Ends a service whose program has ended before it was ready.
    async fn on_early_exit(&self, mut run: Run, exit: Exit, begun: Instant) -> End {
        // A server that it has left behind is ours, and no stranger on our port.
        run.kill().await;
        if matches!(self.job.ready, Ready::Started) && exit.success() {
            // It ran, which is all that was asked, only too quickly to be seen.
            return End::Crashed { crash: exit.into(), tail: run.tail() };
        }
        // A server that could not have its port says so in its own words and ends.
        let reason = match self.assigned.as_ref().and_then(Address::port) {
            Some(port) if is_taken(port) => port_taken(port),
            _ => Reason::EndedEarly(exit.into()),
        };
        self.failed(reason, begun, run.tail())
    }

    /// Sees to a service that is ready, to its end.
    async fn watch(&self, mut run: Run, probe: &ReadinessProbe, place: Place) -> End {
        let (proven, address) = watch::channel(place.clone().proven());
        let health = HealthWatch {
            liveness: self.job.liveness.clone(),
            address: (place != Place::Nowhere).then_some(address),
            #[cfg(unix)]
            notifications: probe.notifications.clone(),
        };
        let too_much = memory::until_over(run.members(), self.job.memory_limit);
        let crash = tokio::select! {
            biased;
            () = self.stop.cancelled() => return self.stop(&mut run).await,
            exit = run.exit() => exit.into(),
            limit = too_much => Crash::TooMuchMemory(limit),
            crash = health.failure() => crash,
            never = self.prove(probe, place, proven) => match never {},
        };
        // Its port may be a stranger's as soon as it is gone, so nobody is sent there any more.
        (self.report)(Report::Lost(crash.clone()));
        run.kill().await;
        End::Crashed { crash, tail: run.tail() }
    }

    /// Reports where a service listens that was ready before it did; never returns.
    async fn prove(
        &self,
        probe: &ReadinessProbe,
        place: Place,
        proven: watch::Sender<Option<Address>>,
    ) -> Infallible {
        if let Place::Assigned(address) = place {
            let found = probe.prove(&address).await;
            proven.send_replace(Some(found.clone()));
            (self.report)(Report::Proven(found));
        }
        std::future::pending().await
    }

    async fn stop(&self, run: &mut Run) -> End {
        run.stop(self.job.stop).await;
        End::Stopped
    }

    fn failed(&self, reason: Reason, begun: Instant, tail: Vec<String>) -> End {
        let job = self.job.name.clone();
        End::Failed(Failure { job, reason, waited: begun.elapsed(), tail })
    }
}

fn remove_stale(path: &Path) -> Result<(), Reason> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Reason::Refused(format!("{} is in the way: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

fn port_taken(port: u16) -> Reason {
    Reason::PortTaken { port, owner: name_of_owner(port) }
}
