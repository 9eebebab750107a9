//! Takes turns at changing a folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// A change of small files takes milliseconds; a holder that takes longer than this hangs.
const LIMIT: Duration = Duration::from_secs(10);

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// The turn to change what a lock file protects, until this is dropped or the process ends.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

impl Hold {
    /// Waits for the turn; creates the lock file and its folder.
    ///
    /// # Errors
    /// When the file cannot be created, and `TimedOut` if another holder does not finish.
    pub fn take(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            crate::file::make_private_folder(folder)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path)?;
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { _lock: lock }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < LIMIT => {
                    std::thread::sleep(LOOK_AGAIN_AFTER);
                }
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_goes_on_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Hold::take(&path).unwrap();
        let next = std::thread::spawn(move || Hold::take(&path).map(drop));
        assert!(!next.is_finished());
        drop(first);
        next.join().unwrap().unwrap();
    }
}
