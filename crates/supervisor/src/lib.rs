//! Runs an app's tasks and services: starts them in order, knows when they are ready, restarts
//! them, stops them, and leaves nothing behind.
//!
//! It knows no manifest and serves no HTTP. What to run comes as [`Job`]s, whose command lines
//! are made by the caller at the last moment, when ports and secrets are known.
//!
//! # Theory of operation
//!
//! [`Supervisor::start`] spawns one task, the *loop*, which owns the state of all jobs and is the
//! only one to change it. It takes in one stream of events: commands from a [`Handle`] and
//! reports from *attempts*. An attempt is a task that owns one run of one job, from the address
//! it listens on to the end of its last process; it is asked to stop by a message and reports how it
//! ended by another. After each event the loop looks at the whole graph and starts, or stops,
//! everything that may be; there is no other order than the one of the dependencies.
//!
//! What an attempt starts is a *process tree*: the program and all that it starts in turn. On Unix a
//! small guard process answers for it (see the `ensconce-guard` program), on Windows a job
//! object. A job has ended only when its tree is gone, and only then may it start again.
//!
//! An attempt looks after its service as well: one that hangs or takes too much memory is killed,
//! and that is a crash like any other. What a crash leads to is decided in one place, by the job's
//! [`RestartRule`]. A service whose dependency goes away follows its [`OnDependencyExit`].
//!
//! A server that answers is believed only when the listening socket belongs to the job's tree; an
//! address is in the [`Snapshot`] only then.
//!
//! A program that is no job, such as a command that tries something, is run by [`run_once`], under
//! a guard or job object like all others.

mod address;
mod attempt;
mod backoff;
mod crash;
mod entry;
mod failure;
mod graph;
mod health;
mod job;
mod launch;
mod log;
mod memory;
mod once;
mod open_files;
mod output;
mod ownership;
mod ready;
mod restart;
mod rules;
mod run;
mod snapshot;
mod state;
mod supervisor;
mod tree;

pub use address::{Address, free_port};
pub use crash::{Crash, Unhealthy};
pub use failure::{Exit, Failure, Reason};
pub use job::{Job, Kind, Listen, Ready, StopRule, StopSignal};
pub use launch::{Addresses, BoxFuture, Input, Launch, Program, Render, RenderError};
pub use log::{Clean, LogLine, LogSink, Redact, Redactor, ShowAll, Stream, floor_char_boundary};
pub use once::{OneOff, OneOffEnd, Outcome, run_once};
pub use open_files::raise_open_files;
pub use rules::{Liveness, OnDependencyExit, Pace, RestartPolicy, RestartRule};
pub use snapshot::{JobSnapshot, Phase, Snapshot};
pub use supervisor::{Applied, Handle, Settings, Supervisor};
pub use tree::kill_leftovers;
