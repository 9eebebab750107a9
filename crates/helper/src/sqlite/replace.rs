//! Puts one database in the place of another, which is kept.
//!
//! A write-ahead log or a journal that is left from the old file would be applied to the new one
//! and corrupt it. So the old file is made to stand alone first; then one rename replaces it.
//!
//! Beside a database `FILE` that a task changes, `FILE.putting-back` is a name of Ensconce's own.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::backup::remove_with_sides;
use super::{SIDES, connect};
use crate::error::WorkError;
use crate::files;

/// Behind the name of a database that comes from another disk, until it is whole.
const NEAR: &str = ".putting-back";

/// How long another program is waited for. The app's services are stopped meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// Moves a whole, durable database into the place of another, which is kept as `aside`.
///
/// Can be done again when it was interrupted: `new` is gone only when it is in its place.
pub(crate) fn put_in_place(new: &Path, file: &Path, aside: &Path) -> Result<(), WorkError> {
    if make_way(file, aside)? {
        keep(file, aside).map_err(WorkError::file(aside))?;
    }
    replace(new, file).map_err(WorkError::file(file))
}

fn replace(new: &Path, file: &Path) -> io::Result<()> {
    match files::rename(new, file) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let near = files::with_suffix(file, NEAR);
            let copied = fs::copy(new, &near).and_then(|_| files::sync(&near));
            // On a full disk, half a copy would only be in the way.
            copied.inspect_err(|_| drop(files::remove(&near)))?;
            files::rename(&near, file)?;
            files::sync_folder(&files::folder_of(file))?;
            files::remove(new)
        }
        result => result.and_then(|()| files::sync_folder(&files::folder_of(file))),
    }
}

/// Moves a database aside, if there is one.
pub(crate) fn move_aside(file: &Path, aside: &Path) -> Result<(), WorkError> {
    make_way(file, aside)?;
    files::move_to(file, aside).map_err(WorkError::file(aside))?;
    let folder = files::folder_of(file);
    files::sync_folder(&folder).map_err(WorkError::file(&folder))
}

/// Makes a database stand alone, so that nothing of it lies beside it any more; returns whether
/// there is one.
fn make_way(file: &Path, aside: &Path) -> Result<bool, WorkError> {
    let is_there = file.exists();
    if is_there {
        settle(file)?;
        remove_with_sides(aside)?;
    }
    // What SQLite could not take in, it cannot read; the new file must not find it.
    for side in SIDES {
        let (from, to) = (files::with_suffix(file, side), files::with_suffix(aside, side));
        files::move_to(&from, &to).map_err(WorkError::file(&from))?;
    }
    Ok(is_there)
}

/// Takes in the write-ahead log and the journal; refuses when another program uses the database.
///
/// A database that cannot be read is left as it is: it is replaced for that very reason.
pub(crate) fn settle(file: &Path) -> Result<(), WorkError> {
    match settled(file) {
        Err(WorkError::Damaged { .. } | WorkError::Sqlite { .. } | WorkError::Full(_)) => Ok(()),
        result => result,
    }
}

/// The journal mode stays as it is, which the database remembers: if it comes back, it comes back
/// as it was.
fn settled(file: &Path) -> Result<(), WorkError> {
    let connection = connect(file)?;
    let error = WorkError::sqlite(file);
    connection.busy_timeout(PATIENCE).map_err(&error)?;
    // Before anything is read: from its first use on, a write-ahead log is then one connection's
    // alone, which another one that is open, if only idle, does not allow.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(&error)?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT").map_err(&error)?;
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        .map_err(&error)?;
    connection.close().map_err(|(_, problem)| error(problem))
}

/// Adds a second name to the file, so that its place is never empty.
fn keep(file: &Path, aside: &Path) -> io::Result<()> {
    // Not every file system has links; there the place is empty for a moment.
    fs::hard_link(file, aside).or_else(|_| files::rename(file, aside))
}
