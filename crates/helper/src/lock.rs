//! The lock of an app's data, which one program at a time holds.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ensconce_protocol::DataLock;
use serde::Deserialize;

use crate::error::WorkError;

/// How long the work of another helper, or a task of an earlier run, is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// The part of an announcement that matters here: which launch is the current one.
#[derive(Deserialize)]
struct Announcement {
    launch: String,
}

/// Waits for the lock. It is held until this process and all that inherit the file have closed it,
/// which the system does for those that die.
///
/// A helper whose turn comes after its launch is over must do nothing: the next start of the app
/// has finished, or undone, what was begun, and services use the data again. Whether that is so can
/// only be known once the lock is held, because the next start takes it, too.
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
