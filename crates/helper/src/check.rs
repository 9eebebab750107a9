//! `ensconce-helper check`: reads a request, tries it, answers.

use std::io::{self, Read};
use std::process::ExitCode;

use serde::Deserialize;

use crate::answer::Answer;
use crate::{FAILED, USAGE, http, postgres};

/// The largest request that is read.
const LARGEST: u64 = 4 << 20;

/// What to try. No `Debug`: it holds secrets.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Request {
    Http(http::Request),
    Postgres(postgres::Request),
}

/// Answers the request on stdin.
pub(crate) fn run() -> ExitCode {
    hide_memory();
    let Some(request) = read() else {
        // What is wrong with it is not said: it may hold secrets anywhere.
        Answer::bad("bad_request", "The check could not be started: its request is not readable.")
            .tell();
        return ExitCode::from(USAGE);
    };
    let answer = match request {
        Request::Http(request) => http::check(request),
        Request::Postgres(request) => postgres::check(request),
    };
    answer.tell();
    if answer.ok { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

/// Keeps secrets out of core dumps, and other programs of the user out of the memory.
fn hide_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

fn read() -> Option<Request> {
    let mut text = String::new();
    io::stdin().lock().take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
