//! What the supervisor is asked to run.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;

use crate::{Address, Liveness, OnNeedEnd, RestartRule};

/// A task or service, ready to be run any number of times.
#[derive(Clone)]
pub struct Job {
    /// Its name, unique among all jobs.
    pub name: String,
    /// Whether it ends by itself.
    pub kind: Kind,
    /// The jobs that must be ready, or done, before it starts.
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
    /// What happens to a service when something that it needs has ended.
    pub on_need_end: OnNeedEnd,
    /// How a service that hangs is found.
    pub liveness: Option<Liveness>,
    /// More memory than this, in bytes, a service may not use.
    pub memory_limit: Option<u64>,
    /// Makes the command line, right before each start.
    pub render: Render,
}

/// Makes what to run from the addresses of all jobs; the error is a sentence for people.
pub type Render = Arc<dyn Fn(&Addresses) -> Result<Launch, String> + Send + Sync>;

/// Where jobs listen, by name, as far as it is known yet.
pub type Addresses = HashMap<String, Address>;

/// What to do when a job's turn has come.
pub enum Launch {
    /// Run this.
    Run(Program),
    /// Nothing, for this reason; counts as done.
    Skip(String),
}

/// A program to start.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Variables that are set in addition to the inherited ones.
    pub env: Vec<(OsString, OsString)>,
    /// The working folder.
    pub cwd: PathBuf,
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
    /// On a port that it picks and tells, in this file or by a line `PORT:N`.
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

/// How a job is asked to end.
#[derive(Debug, Clone, Copy)]
pub struct StopRule {
    /// What it is sent.
    pub signal: StopSignal,
    /// How long it may take before its whole tree is killed.
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

/// Takes every line that a job writes. It must not block for long.
pub type LogSink = Arc<dyn Fn(LogLine<'_>) + Send + Sync>;

/// Makes what takes out of one stream of output what must not be seen.
pub type Redact = Arc<dyn Fn() -> Box<dyn Redactor> + Send + Sync>;

/// Takes out of one stream of output what must not be seen. It may remember what came before.
pub trait Redactor: Send {
    /// Gives the next line; one that is longer than `limit` bytes only in part.
    ///
    /// A part is about as long as the limit, and never ends within something that must not be
    /// seen. What is left of the line is given again, with more of it behind.
    fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a>;
}

/// A line, or a part of one, without what must not be seen.
#[derive(Debug)]
pub struct Clean<'a> {
    /// What may be seen.
    pub text: Cow<'a, str>,
    /// How many bytes of what was given it stands for: all, or at least one.
    pub used: usize,
}

/// Hides nothing; for output that holds no secrets.
#[derive(Debug, Clone, Copy)]
pub struct ShowAll;

impl Redactor for ShowAll {
    fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a> {
        let used = floor_char_boundary(text, limit);
        Clean { text: Cow::Borrowed(&text[..used]), used }
    }
}

/// The last place, at `limit` or before it, that is not within a character.
pub fn floor_char_boundary(text: &str, limit: usize) -> usize {
    let mut ends = (0..=limit.min(text.len())).rev();
    ends.find(|end| text.is_char_boundary(*end)).unwrap_or(0)
}

/// A line of output.
#[derive(Debug, Clone, Copy)]
pub struct LogLine<'a> {
    /// Who wrote it.
    pub job: &'a str,
    /// Where it wrote it.
    pub stream: Stream,
    /// The line, without its end; bytes that are no UTF-8 are replaced.
    pub text: &'a str,
}

/// One of the two streams of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stream {
    Stdout,
    Stderr,
}
