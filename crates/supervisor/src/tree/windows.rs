//! Windows: a job object holds the tree, and ends it when this process does, however that happens.
//!
//! The program is made without beginning, put into its job, and only then begins: nothing that it
//! starts can be outside. A process cannot leave the job, whatever console or group it goes to.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use self::job::{CREATE_SUSPENDED, JobObject};
use super::{MARK, SpawnError, SpawnRequest, Spawned, TreeEvent};
use crate::{Exit, Input, StopSignal};

#[path = "windows/console.rs"]
mod console;
#[path = "windows/job.rs"]
mod job;

/// How often to look, once the program has ended, whether others of its job have.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// The processes of a tree.
pub(crate) type TreeMembers = Arc<JobObject>;

/// A tree, by its job object.
pub(crate) struct Tree {
    program: u32,
    job: TreeMembers,
    orders: mpsc::Sender<Order>,
    /// Goes on until the program has read its input, or the tree is gone.
    _feeding: Option<AbortOnDropHandle<()>>,
}

enum Order {
    Signal(StopSignal),
    Kill,
}

impl Tree {
    /// Returns the id of the program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.program
    }

    /// Returns the id of the process that all others of the tree descend from.
    pub(crate) fn root(&self) -> u32 {
        self.program
    }

    /// Returns where its processes are found.
    pub(crate) fn members(&self) -> TreeMembers {
        Arc::clone(&self.job)
    }

    /// Asks the program to end.
    pub(crate) async fn signal(&mut self, signal: StopSignal) {
        let _ = self.orders.send(Order::Signal(signal)).await;
    }

    /// Kills everything.
    pub(crate) async fn kill(&mut self) {
        let _ = self.orders.send(Order::Kill).await;
    }

    /// There is no guard here that could be stuck.
    pub(crate) fn kill_without_guard(&mut self) {}
}

/// Starts a tree.
pub(crate) async fn spawn(request: SpawnRequest<'_>) -> Result<Spawned, SpawnError> {
    let job = Arc::new(JobObject::new()?);
    let mut child = command(&request)?.spawn()?;
    if let Err(error) = begin(&child, &job) {
        let _ = child.start_kill();
        return Err(error.into());
    }
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(SpawnError::Other(std::io::ErrorKind::BrokenPipe.into()));
    };
    let feed = child.stdin.take().zip(request.program.input.clone());
    let feeding =
        feed.map(|(pipe, input)| AbortOnDropHandle::new(tokio::spawn(feed_in(pipe, input))));
    let program = child.id().unwrap_or_default();
    let (orders, received) = mpsc::channel(4);
    let (sender, events) = mpsc::channel(4);
    tokio::spawn(own(child, Arc::clone(&job), received, sender));
    Ok(Spawned { tree: Tree { program, job, orders, _feeding: feeding }, events, stdout, stderr })
}

fn command(request: &SpawnRequest<'_>) -> Result<Command, SpawnError> {
    let program = request.program;
    let (first, arguments) = program.command.split_first().ok_or(SpawnError::NotFound)?;
    let mut command = Command::new(first);
    command
        .args(arguments)
        .stdin(if program.input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .current_dir(&program.cwd)
        .envs(program.env.iter().map(|(name, value)| (name, value)))
        .env(MARK, request.mark)
        .creation_flags(CREATE_SUSPENDED | console::flags())
        .kill_on_drop(true);
    Ok(command)
}

async fn feed_in(mut pipe: ChildStdin, input: Input) {
    // A program may end, or close its input, before it has read all of it.
    let _ = pipe.write_all(input.bytes()).await;
    let _ = pipe.shutdown().await;
}

/// Lets a program begin that was made without.
fn begin(child: &Child, job: &JobObject) -> std::io::Result<()> {
    let (Some(handle), Some(id)) = (child.raw_handle(), child.id()) else {
        return Err(std::io::ErrorKind::NotFound.into());
    };
    job.take_in(handle)?;
    job::resume(id)
}

/// Owns the job object until it is empty.
async fn own(
    mut child: Child,
    job: TreeMembers,
    mut orders: mpsc::Receiver<Order>,
    events: mpsc::Sender<TreeEvent>,
) {
    let program = child.id().unwrap_or_default();
    let (mut exited, mut killed) = (false, false);
    while !exited || !job.is_empty() {
        tokio::select! {
            order = orders.recv(), if !killed => match order {
                Some(Order::Signal(signal)) if signal != StopSignal::Kill => {
                    console::ask_to_end(program, &job.processes());
                }
                // The handle is gone or wants it so: end the tree.
                _ => killed = true,
            },
            status = child.wait(), if !exited => {
                exited = true;
                let code = status.ok().and_then(|status| status.code());
                let _ = events.send(TreeEvent::Exited(code.map_or(Exit::Unseen, Exit::Code))).await;
            }
            () = tokio::time::sleep(LOOK_AGAIN_AFTER), if exited => {}
        }
        if killed {
            job.kill();
        }
    }
    let _ = events.send(TreeEvent::Gone).await;
}

/// Nothing is left here: the job object ended with its supervisor.
pub(super) fn kill_marked(_wanted: &dyn Fn(&str) -> bool) {}
