//! Does for a moment what needs large libraries, so that the app's own program stays small.
//!
//! It tries addresses and databases, and takes care of SQLite files. The app starts it as a
//! process of its own and kills it when its time is over: so a check that hangs really ends, and
//! secrets vanish with the process. Secrets come on standard input, never in arguments.
//!
//! - `check`: one request as JSON on stdin, one [`Answer`] as JSON on stdout.
//! - `sqlite check|backup|restore|prune`: the same answers; `PROGRESS:42 …` lines before them.
//! - `archive export|import`: all data of an app into one file, and back; a request, progress, an
//!   answer. `archive recover DATA` ends what an import that was killed has begun.
//! - `migrate -- COMMAND`: runs a task that changes databases, with a way back.

mod answer;
mod archive;
mod check;
mod clock;
mod files;
mod http;
mod limit;
mod migrate;
mod postgres;
mod redact;
mod sqlite;
mod tls;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

pub use answer::Answer;

/// What was asked for could not be done, or is not as it should be; the answer says why.
const FAILED: u8 = 1;
/// The helper was called in a way that it does not know.
const USAGE: u8 = 2;
/// A database is damaged.
const DAMAGED: u8 = 3;
/// A migration could not be prepared, or its databases not be put back.
const NOT_SAFE: u8 = 4;

const WHAT_IT_IS: &str = "ensconce-helper is a part of Ensconce that it starts itself:
  ensconce-helper check                       (the request as JSON on stdin)
  ensconce-helper sqlite check [--quick] FILE
  ensconce-helper sqlite backup FROM TO
  ensconce-helper sqlite restore BACKUP FILE
  ensconce-helper sqlite prune FOLDER NAME KEEP
  ensconce-helper archive export              (the request as JSON on stdin)
  ensconce-helper archive import              (the request as JSON on stdin)
  ensconce-helper archive recover DATA
  ensconce-helper migrate -- COMMAND ARGS...  (the request as JSON in ENSCONCE_MIGRATE)";

/// Does what the arguments say.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let words: Vec<&str> =
        arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    match words.as_slice() {
        ["check"] => check::run(),
        ["sqlite", ..] => sqlite::run(&arguments[1..]),
        ["archive", ..] => archive::run(&arguments[1..]),
        ["migrate", "--", _, ..] => migrate::run(&arguments[2..]),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    complain(WHAT_IT_IS);
    ExitCode::from(USAGE)
}

/// Writes a line to stdout; a reader that is gone is no reason to fail.
fn tell(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes a line to stderr.
fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
