//! How others talk to the loop.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{Job, Snapshot};

/// Talks to the loop. Cheap to clone; when the last one is dropped, everything is stopped.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    snapshot: watch::Receiver<Snapshot>,
}

/// A command that was given, as a future of its effect.
///
/// It is carried out whether or not anybody waits. The future resolves when its effect can be seen
/// in the [snapshots](Handle::snapshots): until then a job that is to be restarted, for instance,
/// may look as if it were ready. It also resolves when everything is being stopped, and the command
/// came too late.
#[derive(Debug)]
pub struct Applied<T>(oneshot::Receiver<T>);

/// What the loop can be asked for. Each is answered when its effect can be seen.
pub(super) enum Command {
    Retry(oneshot::Sender<()>),
    Restart(String, oneshot::Sender<bool>),
    Replace {
        jobs: Vec<Job>,
        changed: HashSet<String>,
        done: oneshot::Sender<()>,
    },
    /// Is answered when nothing is alive.
    Stop(oneshot::Sender<()>),
}

impl Handle {
    pub(super) fn new(
        commands: mpsc::UnboundedSender<Command>,
        snapshot: watch::Receiver<Snapshot>,
    ) -> Self {
        Self { commands, snapshot }
    }

    /// Returns the state of all jobs, now and after each change.
    pub fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.clone()
    }

    /// Starts what has failed once more.
    pub fn retry(&self) -> Applied<()> {
        self.give(Command::Retry)
    }

    /// Stops a job and starts it again. Returns, in time, whether there is such a job; one that is
    /// being removed is not started again.
    pub fn restart(&self, job: &str) -> Applied<bool> {
        self.give(|known| Command::Restart(job.to_owned(), known))
    }

    /// Goes over to other jobs: ends those that are gone, begins the new ones, restarts `changed`.
    ///
    /// The list is in force when the future resolves. Jobs that are gone may then still be ending;
    /// they are in the snapshots until nothing of them is alive.
    pub fn replace(&self, jobs: Vec<Job>, changed: HashSet<String>) -> Applied<()> {
        self.give(|done| Command::Replace { jobs, changed, done })
    }

    /// Stops everything, in reverse order; returns when nothing is alive.
    pub async fn stop(&self) {
        self.give(Command::Stop).await;
    }

    fn give<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Applied<T> {
        let (sender, receiver) = oneshot::channel();
        // When the loop has ended, the answer that never comes says so.
        let _ = self.commands.send(command(sender));
        Applied(receiver)
    }
}

impl<T: Default> Future for Applied<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context).map(Result::unwrap_or_default)
    }
}
