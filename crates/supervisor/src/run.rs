//! A program that runs, with its whole process tree and all that it writes.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::output::{Output, Tail};
use crate::ready::lines::LineWatch;
use crate::tree::{SpawnError, SpawnRequest, Spawned, Tree, TreeEvent, TreeMembers, spawn};
use crate::{Exit, LogSink, Program, Reason, Redact, StopRule, Stream};

/// How long the pipes of a tree that is gone may take to run dry. Somebody outside the tree may
/// have been given one of them, and hold it open for ever.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);
/// How long a guard may take to kill its tree before it is itself killed, and the tree without it.
const KILL_LIMIT: Duration = Duration::from_secs(3);

/// Where the lines of one run go, and what is looked for in them.
pub(crate) struct LogTarget<'a> {
    /// Who they are said to come from.
    pub(crate) job: &'a str,
    pub(crate) redact: &'a Redact,
    pub(crate) sink: &'a LogSink,
    pub(crate) watch: LineWatch,
}

/// A program that has been started. Its tree is killed when this is dropped, but nobody waits for
/// it then.
pub(crate) struct Run {
    tree: Tree,
    events: mpsc::Receiver<TreeEvent>,
    pumps: Vec<JoinHandle<()>>,
    tail: Tail,
}

impl Run {
    /// Starts a program.
    pub(crate) async fn start(
        request: SpawnRequest<'_>,
        target: LogTarget<'_>,
    ) -> Result<Self, Reason> {
        let program = request.program;
        check(&request)?;
        let Spawned { tree, events, stdout, stderr } =
            spawn(request).await.map_err(|error| reason_of(program, error))?;
        let tail = Tail::default();
        let output = Output {
            job: target.job.to_owned(),
            tail: tail.clone(),
            redact: target.redact.clone(),
            sink: target.sink.clone(),
            watch: target.watch,
        };
        let pumps = vec![
            tokio::spawn(output.clone().pump(Stream::Stdout, stdout)),
            tokio::spawn(output.pump(Stream::Stderr, stderr)),
        ];
        Ok(Self { tree, events, pumps, tail })
    }

    /// Returns the id of the program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.tree.pid()
    }

    /// Returns the id of the process that all others of the tree descend from.
    pub(crate) fn root(&self) -> u32 {
        self.tree.root()
    }

    /// Returns where the processes of the tree are found.
    pub(crate) fn members(&self) -> TreeMembers {
        self.tree.members()
    }

    /// Returns the last lines that it has written.
    pub(crate) fn tail(&self) -> Vec<String> {
        self.tail.lines()
    }

    /// Waits until the program has ended; what it has started may go on.
    pub(crate) async fn exit(&mut self) -> Exit {
        match self.events.recv().await {
            Some(TreeEvent::Exited(exit)) => exit,
            Some(TreeEvent::Gone) | None => Exit::Unseen,
        }
    }

    /// Asks the tree to end, and kills what is left of it when its time is over.
    pub(crate) async fn stop(&mut self, rule: StopRule) {
        let grace = tokio::time::sleep(rule.timeout);
        tokio::pin!(grace);
        self.tree.signal(rule.signal).await;
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    // The program was asked alone, so that it can end its own children in its own
                    // way. What it has left behind is asked now.
                    Some(TreeEvent::Exited(_)) => self.tree.signal(rule.signal).await,
                    Some(TreeEvent::Gone) | None => return self.drain().await,
                },
                () = &mut grace => return self.kill().await,
            }
        }
    }

    /// Kills the whole tree, and waits until it is gone and its last words are read.
    pub(crate) async fn kill(&mut self) {
        self.tree.kill().await;
        if tokio::time::timeout(KILL_LIMIT, self.gone()).await.is_err() {
            self.tree.kill_without_guard();
            self.gone().await;
        }
        self.drain().await;
    }

    async fn gone(&mut self) {
        while !matches!(self.events.recv().await, Some(TreeEvent::Gone) | None) {}
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

/// Finds what would only fail later, and with a worse message.
fn check(request: &SpawnRequest<'_>) -> Result<(), Reason> {
    let program = request.program;
    if !program.cwd.is_dir() {
        return Err(Reason::NoFolder(program.cwd.clone()));
    }
    // The guard starts some by way of itself, and cannot tell that they are missing.
    #[cfg(unix)]
    if request.is_activated() && !crate::tree::is_found(program) {
        return Err(reason_of(program, SpawnError::NotFound));
    }
    Ok(())
}

fn reason_of(program: &Program, error: SpawnError) -> Reason {
    let name = program.command.first().map(|name| name.display().to_string()).unwrap_or_default();
    match error {
        SpawnError::NotFound => Reason::NoProgram(name),
        SpawnError::Other(error) => Reason::Refused(format!("`{name}`: {error}")),
    }
}
