//! Does for a moment what needs large libraries, so that the app's own program stays small.
//!
//! It tries addresses and databases, and takes care of an app's data. The app starts it as a job of
//! its own supervision: a check that hangs really ends, and what it knew is gone with it.
//!
//! - `run [ANSWER]`: reads a [`HelperRequest`] from standard input; writes a [`HelperAnswer`] to
//!   the file `ANSWER`, or to standard output. Lines `PROGRESS:42 …` on standard output before.
//!   Secrets come on standard input, never in arguments.
//! - `migrate -- COMMAND`: runs a task that changes databases, with a way back.
//!
//! [`HelperRequest`]: ensconce_protocol::HelperRequest
//! [`HelperAnswer`]: ensconce_protocol::HelperAnswer

mod answer;
mod archive;
mod backups;
mod clock;
mod error;
mod files;
mod http;
mod limit;
mod lock;
mod migrate;
mod phased;
mod postgres;
mod progress;
mod redact;
mod room;
mod sqlite;
mod swap;
mod tls;
mod updates;
mod work;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// The work was not done; the answer says why.
const FAILED: u8 = 1;
/// The arguments or the request are not known.
const USAGE: u8 = 2;
/// A database is damaged.
const DAMAGED: u8 = 3;
/// A migration could not be prepared, or its databases not be put back.
const NOT_SAFE: u8 = 4;

const WHAT_IT_IS: &str = "ensconce-helper is a part of Ensconce that it starts itself:
  ensconce-helper run [ANSWER]            (the request as JSON on stdin)
  ensconce-helper migrate -- COMMAND ...  (the request as JSON in ENSCONCE_MIGRATE)";

/// Runs the helper with its arguments.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let words: Vec<&str> =
        arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    match words.as_slice() {
        ["run"] => work::run(None),
        ["run", _] => work::run(Some(arguments[1].as_ref())),
        ["migrate", "--", _, ..] => migrate::run(&arguments[2..]),
        _ => {
            warn(WHAT_IT_IS);
            ExitCode::from(USAGE)
        }
    }
}

/// Writes a line to stdout; a reader that is gone is no reason to fail.
fn write_line(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes a line to stderr.
fn warn(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
