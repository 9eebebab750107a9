//! `ensconce-helper run`: reads a request, does the work, answers.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use ensconce_protocol::{DataLock, ExportRequest, HelperAnswer, HelperRequest, HelperWork};

use crate::answer::{Answering, refused};
use crate::error::WorkError;
use crate::{
    DAMAGED, FAILED, USAGE, archive, files, http, lock, postgres, sqlite, swap, updates, warn,
};

/// The largest request that is read; it holds an app's settings and encrypted secrets.
const LARGEST_REQUEST: u64 = 64 << 20;

/// Does the work that stdin asks for; writes the answer to a file, or to stdout.
pub(crate) fn run(answer: Option<&Path>) -> ExitCode {
    let request = match read() {
        Ok(request) => request,
        Err(message) => {
            write(&HelperAnswer::bad("bad_request", message), answer);
            return ExitCode::from(USAGE);
        }
    };
    let done = locked(request);
    if !done.ok {
        // For whoever reads the log instead of the answer.
        warn(&done.message);
    }
    let code = match (done.ok, done.reason.as_str()) {
        (true, _) => ExitCode::SUCCESS,
        (false, "damaged") => ExitCode::from(DAMAGED),
        (false, _) => ExitCode::from(FAILED),
    };
    if write(&done, answer) { code } else { ExitCode::from(FAILED) }
}

/// Reads the request; the error is what is wrong with it.
///
/// No more than that is reported: the request may hold secrets anywhere.
fn read() -> Result<HelperRequest, &'static str> {
    const UNREADABLE: &str = "This could not be started: its request is not readable.";
    let mut text = Vec::new();
    let read = io::stdin().lock().take(LARGEST_REQUEST + 1).read_to_end(&mut text);
    read.map_err(|_| UNREADABLE)?;
    if text.len() as u64 > LARGEST_REQUEST {
        return Err("This could not be started: its request is too large.");
    }
    let request: HelperRequest = serde_json::from_slice(&text).map_err(|_| UNREADABLE)?;
    if request.lock.is_none() && request.work.needs_lock() {
        return Err("This could not be started: work on data needs the lock of the data.");
    }
    Ok(request)
}

/// Writes the answer whole, or not at all: a reader that finds it half written would be misled.
fn write(answer: &HelperAnswer, to: Option<&Path>) -> bool {
    let Ok(text) = serde_json::to_string(answer) else { return false };
    match to {
        Some(file) => files::write_whole(file, text.as_bytes())
            .inspect_err(|error| warn(&format!("`{}`: {error}", file.display())))
            .is_ok(),
        None => {
            crate::write_line(&text);
            true
        }
    }
}

/// Does the work while its lock, if it needs one, is held.
fn locked(request: HelperRequest) -> HelperAnswer {
    let HelperRequest { lock: Some(data), work } = request else {
        return dispatch(request.work, &[]).unwrap_or_else(|error| refused(&error));
    };
    let lock = match lock::acquire(&data) {
        Ok(lock) => lock,
        Err(error) => return refused(&error),
    };
    let answer = work_on(&data, work).unwrap_or_else(|error| refused(&error));
    drop(lock);
    answer
}

/// Works on data that is whole: an update of it that was interrupted is undone first.
fn work_on(data: &DataLock, mut work: HelperWork) -> Result<HelperAnswer, WorkError> {
    let undone = match &work {
        // These end what was begun when there was no such update.
        HelperWork::Recover { .. } | HelperWork::Undo { .. } | HelperWork::Forget { .. } => vec![],
        _ => updates::recover(data)?,
    };
    // The request may be older than the end of an update that held the lock until now.
    if let HelperWork::Backup { record, .. } | HelperWork::Export(ExportRequest { record, .. }) =
        &mut work
    {
        updates::add_done(&data.updates, record)?;
    }
    dispatch(work, &undone)
}

/// Does the work; `undone` says which updates have been undone for it.
fn dispatch(work: HelperWork, undone: &[String]) -> Result<HelperAnswer, WorkError> {
    if matches!(work, HelperWork::Http(_) | HelperWork::Postgres(_)) {
        hide_memory();
    }
    match work {
        HelperWork::Http(check) => Ok(http::check(check)),
        HelperWork::Postgres(check) => Ok(postgres::check(check)),
        HelperWork::CheckDatabases { databases, backups } => {
            sqlite::check_all(&databases, &backups)
        }
        HelperWork::Backup { database, folder, reason, record, keep } => {
            sqlite::back_up(&database, &folder, reason, record, keep)
        }
        HelperWork::StageRestore { backup, database, journal } => {
            sqlite::restore::stage(&backup, &database, &journal)
        }
        HelperWork::Restore { database, journal, record, updates } => {
            sqlite::restore::restore(&database, &journal, record, &updates)
        }
        HelperWork::CheckExport { to, data, databases } => {
            archive::check_export(&to, &data, &databases)
        }
        HelperWork::Export(request) => archive::export(&request),
        HelperWork::Inspect { from, app_id } => archive::inspect(&from, &app_id),
        HelperWork::Unpack(request) => archive::unpack(&request),
        HelperWork::Import { data, databases, journal, updates } => {
            archive::import(&data, &databases, &journal, &updates)
        }
        HelperWork::Recover { journal } => swap::recover(&journal),
        HelperWork::RecoverUpdates => Ok(HelperAnswer::good(undone.join(" "))),
        HelperWork::Undo { journal } => swap::undo(&journal),
        HelperWork::Forget { journal } => swap::forget(&journal),
    }
}

/// Keeps secrets out of core dumps, and other programs of the user out of the memory.
///
/// Only where there are secrets: a process whose memory is closed cannot be found by its
/// environment any more when the app and its guard were killed.
fn hide_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
