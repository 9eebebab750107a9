//! A program and everything that it starts.

#[cfg(unix)]
#[path = "tree/unix.rs"]
mod imp;
#[cfg(windows)]
#[path = "tree/windows.rs"]
mod imp;

#[cfg(unix)]
pub(crate) use imp::is_found;
pub(crate) use imp::{Tree, TreeMembers, spawn};

/// Kills what a launch has left behind whose supervisor and guards were killed.
///
/// Processes are known by the mark that [`Settings::launch_id`](crate::Settings::launch_id) puts
/// into their environment. Returns when none is left, or none that may be killed. Does nothing on
/// Windows, where nothing is left, and on macOS, where this is not known of other processes.
pub fn kill_leftovers(launch_id: &str) {
    let of_launch = format!("{launch_id}/");
    imp::kill_marked(&|mark| mark.starts_with(&of_launch));
}

use std::io;
use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;

use crate::{Exit, Program};

/// The variable that marks all processes of a run of a job.
pub(crate) const MARK: &str = "ENSCONCE_JOB";

/// What a new tree gives.
pub(crate) struct Spawned {
    pub(crate) tree: Tree,
    pub(crate) events: mpsc::Receiver<TreeEvent>,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

/// What happens to a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TreeEvent {
    /// The program has ended; what it has started may be alive.
    Exited(Exit),
    /// Nothing of the tree is alive.
    Gone,
}

/// What is needed to start a tree, besides the program.
pub(crate) struct SpawnRequest<'a> {
    pub(crate) program: &'a Program,
    /// A value for [`MARK`] that no other tree has.
    pub(crate) mark: &'a str,
    /// The helper that answers for the tree, on Unix.
    #[cfg_attr(windows, allow(dead_code, reason = "job objects need no helper"))]
    pub(crate) guard: &'a Path,
    /// The socket to pass on.
    #[cfg(unix)]
    pub(crate) socket: Option<&'a std::os::unix::net::UnixListener>,
    /// The longest time between two heartbeats, for the program to know.
    #[cfg(unix)]
    pub(crate) watchdog: Option<Duration>,
}

#[cfg(unix)]
impl SpawnRequest<'_> {
    /// Returns whether the program finds its own id in its environment, as under systemd. Only the
    /// process itself knows that in time, so it is the guard's program at first.
    pub(crate) fn is_activated(&self) -> bool {
        self.socket.is_some() || self.watchdog.is_some()
    }
}

/// Why a program did not start.
#[derive(Debug)]
pub(crate) enum SpawnError {
    /// There is no such program.
    NotFound,
    /// The operating system refused.
    Other(io::Error),
}

impl From<io::Error> for SpawnError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::NotFound } else { Self::Other(error) }
    }
}
