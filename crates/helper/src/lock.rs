//! The right to change an app's data, which one program at a time has.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ensconce_protocol::DataLock;
use serde::Deserialize;

use crate::error::WorkError;

/// How long the work of another helper, or a task of an earlier run, is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether that has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// As much of an announcement as tells which launch it is.
#[derive(Deserialize)]
struct Announcement {
    launch: String,
}

/// Waits for the right; it lasts until the file is closed by this process and all that inherit it.
///
/// Whoever comes to its turn after its launch is over does nothing: the next start of the app has
/// finished, or undone, what was begun, and services use the data again.
pub(crate) fn acquire(lock: &DataLock) -> Result<File, WorkError> {
    let file = open(&lock.file)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(WorkError::Locked),
            Err(TryLockError::Error(error)) => return Err(WorkError::file(&lock.file)(error)),
        }
    }
    if is_current(lock) { Ok(file) } else { Err(WorkError::Superseded) }
}

fn open(path: &Path) -> Result<File, WorkError> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    options.open(path).map_err(WorkError::file(path))
}

fn is_current(lock: &DataLock) -> bool {
    let text = std::fs::read(&lock.announcement).unwrap_or_default();
    let found = serde_json::from_slice::<Announcement>(&text);
    found.is_ok_and(|found| found.launch == lock.launch)
}
