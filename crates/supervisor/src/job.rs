//! What the supervisor is asked to run.

use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use crate::{Liveness, OnDependencyExit, Render, RestartRule};

/// A task or service, ready to be run any number of times.
#[derive(Clone)]
pub struct Job {
    /// Its name, unique among all jobs.
    pub name: String,
    /// Whether it ends by itself.
    pub kind: Kind,
    /// Its dependencies: the jobs that must be ready, or done, before it starts.
    pub needs: Vec<String>,
    /// Whether the others go on when it fails.
    pub optional: bool,
    /// Where it listens.
    pub listen: Listen,
    /// How it is known to be ready; a task is when it exits with 0.
    pub ready: Ready,
    /// How long it may take to be ready, or for a task, to end.
    pub start_timeout: Duration,
    /// How it is asked to end.
    pub stop: StopRule,
    /// When a service that has ended is started again.
    pub restart: RestartRule,
    /// What happens to a service while one of its dependencies is away.
    pub on_dependency_exit: OnDependencyExit,
    /// How a service that hangs is found.
    pub liveness: Option<Liveness>,
    /// More memory than this, in bytes, a service may not use.
    pub memory_limit: Option<u64>,
    /// Makes the command line, right before each start.
    pub render: Render,
}

/// Whether a job ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Runs once, and is done when it exits with 0.
    Task,
    /// Runs as long as the app does.
    Service,
}

/// Where a job listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// Nowhere.
    Nowhere,
    /// On this TCP port of loopback, or on a free one.
    Tcp(Option<u16>),
    /// On a Unix socket that it makes itself at this path.
    Unix(PathBuf),
    /// On a Unix socket at this path that is passed to it open.
    Passed(PathBuf),
    /// On a port that it picks and announces, in this file or by a line `PORT:N`.
    Handshake(PathBuf),
}

/// How a service is known to be ready.
#[derive(Debug, Clone)]
pub enum Ready {
    /// Its process runs.
    Started,
    /// It accepts connections where it listens.
    Listening,
    /// It answers an HTTP request with one of these statuses, or with 200 to 399 if there are none.
    Http {
        /// What to ask for, beginning with `/`.
        path: String,
        /// The statuses of a ready service.
        statuses: Vec<u16>,
    },
    /// A line of its output matches.
    Log(Regex),
    /// It sends `READY=1` to this socket, which it finds in `NOTIFY_SOCKET`.
    Notify(PathBuf),
}

/// How a process tree is asked to end.
#[derive(Debug, Clone, Copy)]
pub struct StopRule {
    /// What it is sent.
    pub signal: StopSignal,
    /// How long it may take before it is killed.
    pub timeout: Duration,
}

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum StopSignal {
    Term,
    Int,
    Quit,
    Hup,
    Usr1,
    Usr2,
    Kill,
}
