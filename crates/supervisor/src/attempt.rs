//! One run of one job, from its command line to the end of its last process.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
#[cfg(unix)]
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[cfg(unix)]
use crate::Liveness;
use crate::address::is_free;
use crate::health::Health;
use crate::memory;
use crate::output::{Output, Tail};
use crate::ownership::name_of_owner;
#[cfg(unix)]
use crate::ready::notify::{Heard, NotifySocket};
use crate::ready::{LastLook, LineWatch, Probe, Taken};
use crate::tree::{News, SpawnError, SpawnRequest, Spawned, Tree, spawn};
use crate::{
    Address, Addresses, Crash, Exit, Failure, Job, Kind, Launch, Listen, LogSink, Program, Ready,
    Reason, Redact, Stream,
};

/// How long the pipes of a tree that is gone may take to run dry.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);
/// How long a guard may take to kill its tree before it is itself killed, and the tree without it.
const KILL_LIMIT: Duration = Duration::from_secs(3);

/// What an attempt tells the loop.
#[derive(Debug)]
pub(crate) enum Report {
    /// Its program runs.
    Spawned(u32),
    /// It is ready, and listens here.
    Ready(Option<Address>),
    /// Its program has ended, or must, and is to be started again; some of it may be alive.
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
    /// It was told to.
    Stopped,
    /// It was never ready.
    Failed(Failure),
    /// It was ready, and then ended by itself, or had to be killed.
    Crashed { crash: Crash, tail: Vec<String> },
}

/// A run of a job that is about to begin.
pub(crate) struct Attempt {
    pub(crate) job: Arc<Job>,
    pub(crate) address: Option<Address>,
    pub(crate) addresses: Addresses,
    pub(crate) guard: PathBuf,
    pub(crate) mark: String,
    pub(crate) redact: Redact,
    pub(crate) sink: LogSink,
    #[cfg(unix)]
    pub(crate) socket: Option<Arc<std::os::unix::net::UnixListener>>,
    pub(crate) stop: CancellationToken,
    pub(crate) report: Box<dyn Fn(Report) + Send + Sync>,
}

impl Attempt {
    /// Runs the job once.
    pub(crate) async fn run(self) {
        let end = self.live().await;
        (self.report)(Report::Ended(end));
    }

    async fn live(&self) -> End {
        let begun = Instant::now();
        let rendered = tokio::select! {
            biased;
            // A keychain that waits for its user holds no stop up.
            () = self.stop.cancelled() => return End::Stopped,
            rendered = self.render() => rendered,
        };
        let program = match rendered {
            Ok(Launch::Run(program)) => program,
            Ok(Launch::Skip(_)) => return End::Skipped,
            Err(message) => {
                return self.failed(Reason::Unrenderable(message), begun, &Tail::default());
            }
        };
        let mut run = match self.start(&program, begun).await {
            Ok(run) => run,
            Err(reason) => return self.failed(reason, begun, &Tail::default()),
        };
        (self.report)(Report::Spawned(run.tree.pid()));
        match self.job.kind {
            Kind::Task => self.see_task_through(&mut run).await,
            Kind::Service => self.serve(&mut run).await,
        }
    }

    /// Makes the command line, which may have to wait for a keychain.
    async fn render(&self) -> Result<Launch, String> {
        let (render, addresses) = (self.job.render.clone(), self.addresses.clone());
        let rendered = tokio::task::spawn_blocking(move || render(&addresses)).await;
        rendered.unwrap_or_else(|error| Err(error.to_string()))
    }

    async fn start(&self, program: &Program, begun: Instant) -> Result<Run, Reason> {
        self.check(program)?;
        #[cfg(unix)]
        let (notify, notified) = self.bind_notify()?.unzip();
        #[cfg(unix)]
        let heard = notified.clone();
        let request = SpawnRequest {
            program,
            mark: &self.mark,
            guard: &self.guard,
            #[cfg(unix)]
            socket: self.socket.as_deref(),
            #[cfg(unix)]
            watchdog: self.watchdog().map(|(_, limit)| limit),
        };
        let Spawned { tree, news, stdout, stderr } =
            spawn(request).await.map_err(|error| why_not(program, error))?;
        let tail = Tail::default();
        let (watch, lines) = LineWatch::of(&self.job);
        let output = Output {
            job: self.job.name.clone(),
            tail: tail.clone(),
            redact: self.redact.clone(),
            sink: self.sink.clone(),
            watch,
        };
        let pumps = vec![
            tokio::spawn(output.clone().pump(Stream::Stdout, stdout)),
            tokio::spawn(output.pump(Stream::Stderr, stderr)),
        ];
        let last = LastLook::default();
        let probe = Probe {
            job: Arc::clone(&self.job),
            address: self.address.clone(),
            root: tree.root(),
            lines,
            last: last.clone(),
            #[cfg(unix)]
            notified,
        };
        Ok(Run {
            tree,
            news,
            pumps,
            tail,
            probe: Some(probe),
            last,
            begun,
            #[cfg(unix)]
            notified: heard,
            #[cfg(unix)]
            _notify: notify,
        })
    }

    #[cfg(unix)]
    fn watchdog(&self) -> Option<(&PathBuf, Duration)> {
        match &self.job.liveness {
            Some(Liveness::Watchdog { socket, limit }) => Some((socket, *limit)),
            _ => None,
        }
    }

    /// Finds what would only fail later, and with a worse message.
    fn check(&self, program: &Program) -> Result<(), Reason> {
        if !program.cwd.is_dir() {
            return Err(Reason::NoFolder(program.cwd.clone()));
        }
        // The guard starts some by way of itself, and cannot tell that they are missing.
        #[cfg(unix)]
        if (self.socket.is_some() || self.watchdog().is_some()) && !crate::tree::is_found(program) {
            return Err(why_not(program, SpawnError::NotFound));
        }
        let port = self.address.as_ref().and_then(Address::port);
        match &self.job.listen {
            Listen::Tcp(_) => match port.filter(|port| !is_free(*port)) {
                Some(port) => Err(port_taken(port)),
                None => Ok(()),
            },
            Listen::Handshake(file) => remove_stale(file),
            Listen::Unix(path) => remove_stale(path),
            _ => Ok(()),
        }
    }

    #[cfg(unix)]
    fn bind_notify(&self) -> Result<Option<(NotifySocket, watch::Receiver<Heard>)>, Reason> {
        let watchdog = self.watchdog().map(|(socket, _)| socket);
        let path = match &self.job.ready {
            Ready::Notify(socket) => Some(socket),
            _ => watchdog,
        };
        let Some(path) = path else { return Ok(None) };
        NotifySocket::bind(path)
            .map(Some)
            .map_err(|error| Reason::Refused(format!("{}: {error}", path.display())))
    }

    async fn see_task_through(&self, run: &mut Run) -> End {
        drop(run.probe.take());
        let exit = tokio::select! {
            biased;
            () = self.stop.cancelled() => return self.stop(run).await,
            exit = run.exit() => exit,
            () = tokio::time::sleep(self.job.start_timeout) => {
                run.kill().await;
                return self.failed(Reason::TaskTooLong(self.job.start_timeout), run.begun, &run.tail);
            }
        };
        run.kill().await;
        if exit.success() {
            End::Done
        } else {
            self.failed(Reason::TaskFailed(exit), run.begun, &run.tail)
        }
    }

    async fn serve(&self, run: &mut Run) -> End {
        let Some(probe) = run.probe.take() else { return End::Stopped };
        let limit = self.job.start_timeout;
        let too_much = memory::until_over(run.tree.members(), self.job.memory_limit);
        let reason = tokio::select! {
            biased;
            () = self.stop.cancelled() => return self.stop(run).await,
            exit = run.exit() => {
                // A server that it has left behind is ours, and no stranger on our port.
                run.kill().await;
                if matches!(self.job.ready, Ready::Started) && exit.success() {
                    // It ran, which is all that was asked, only too quickly to be seen.
                    return End::Crashed { crash: exit.into(), tail: run.tail.lines() };
                }
                self.why_early(exit)
            }
            limit = too_much => Reason::EndedEarly(Crash::TooMuchMemory(limit)),
            ready = tokio::time::timeout(limit, probe.wait()) => match ready {
                Ok(Ok(address)) => {
                    (self.report)(Report::Ready(address.clone()));
                    return self.watch(run, address).await;
                }
                Ok(Err(Taken { port, owner })) => Reason::PortTaken { port, owner },
                Err(_) => Reason::NotReady { limit, last: run.last.get() },
            },
        };
        run.kill().await;
        self.failed(reason, run.begun, &run.tail)
    }

    /// A server that could not have its port says so in its own words and ends.
    fn why_early(&self, exit: Exit) -> Reason {
        match self.address.as_ref().and_then(Address::port) {
            Some(port) if !is_free(port) => port_taken(port),
            _ => Reason::EndedEarly(exit.into()),
        }
    }

    /// Sees to a service that is ready, to its end.
    async fn watch(&self, run: &mut Run, address: Option<Address>) -> End {
        let too_much = memory::until_over(run.tree.members(), self.job.memory_limit);
        let health = Health {
            liveness: self.job.liveness.clone(),
            address,
            #[cfg(unix)]
            notified: run.notified.take(),
        };
        let crash = tokio::select! {
            biased;
            () = self.stop.cancelled() => return self.stop(run).await,
            exit = run.exit() => exit.into(),
            limit = too_much => Crash::TooMuchMemory(limit),
            crash = health.failure() => crash,
        };
        // Its port may be a stranger's as soon as it is gone, so nobody is sent there any more.
        if self.job.restart.follows(&crash) {
            (self.report)(Report::Lost(crash.clone()));
        }
        run.kill().await;
        End::Crashed { crash, tail: run.tail.lines() }
    }

    /// Asks, waits, kills.
    async fn stop(&self, run: &mut Run) -> End {
        let rule = self.job.stop;
        let grace = tokio::time::sleep(rule.timeout);
        tokio::pin!(grace);
        run.tree.signal(rule.signal).await;
        loop {
            tokio::select! {
                news = run.news.recv() => match news {
                    // What the program has left behind is asked as well.
                    Some(News::Exited(_)) => run.tree.signal(rule.signal).await,
                    Some(News::Gone) | None => break,
                },
                () = &mut grace => break run.kill().await,
            }
        }
        run.drain().await;
        End::Stopped
    }

    fn failed(&self, reason: Reason, begun: Instant, tail: &Tail) -> End {
        let job = self.job.name.clone();
        End::Failed(Failure { job, reason, waited: begun.elapsed(), tail: tail.lines() })
    }
}

/// A run of a job, with its processes.
struct Run {
    tree: Tree,
    news: mpsc::Receiver<News>,
    pumps: Vec<JoinHandle<()>>,
    tail: Tail,
    probe: Option<Probe>,
    last: LastLook,
    begun: Instant,
    #[cfg(unix)]
    notified: Option<watch::Receiver<Heard>>,
    #[cfg(unix)]
    _notify: Option<NotifySocket>,
}

impl Run {
    async fn exit(&mut self) -> Exit {
        match self.news.recv().await {
            Some(News::Exited(exit)) => exit,
            Some(News::Gone) | None => Exit::Unseen,
        }
    }

    /// Kills the whole tree, and waits until it is gone and its last words are read.
    async fn kill(&mut self) {
        self.tree.kill().await;
        if tokio::time::timeout(KILL_LIMIT, self.gone()).await.is_err() {
            self.tree.kill_without_guard();
            self.gone().await;
        }
        self.drain().await;
    }

    async fn gone(&mut self) {
        while !matches!(self.news.recv().await, Some(News::Gone) | None) {}
    }

    async fn drain(&mut self) {
        let pumps = std::mem::take(&mut self.pumps);
        let all = async {
            for pump in pumps {
                let _ = pump.await;
            }
        };
        let _ = tokio::time::timeout(DRAIN_LIMIT, all).await;
    }
}

fn remove_stale(path: &std::path::Path) -> Result<(), Reason> {
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

fn why_not(program: &Program, error: SpawnError) -> Reason {
    let name = program.command.first().map(|name| name.display().to_string()).unwrap_or_default();
    match error {
        SpawnError::NotFound => Reason::NoProgram(name),
        SpawnError::Other(error) => Reason::Refused(format!("`{name}`: {error}")),
    }
}
