//! Puts one database in the place of another, which is kept.
//!
//! A write-ahead log or a journal that is left from the old file would be applied to the new one
//! and corrupt it. So the old file is made to stand alone first; then one rename replaces it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::backup::remove_with_sides;
use super::{SIDES, open};
use crate::error::WorkError;
use crate::files;

/// Behind the name of a database until it is in its place.
const NEAR: &str = ".restoring";

/// Moves a whole, durable database into the place of another, which is kept as `aside`.
///
/// Returns whether there was another. Can be done again when it was interrupted: `new` is gone only
/// when it is in its place.
pub(crate) fn put_in_place(new: &Path, file: &Path, aside: &Path) -> Result<bool, WorkError> {
    let was_there = make_way(file, aside)?;
    if was_there {
        keep(file, aside).map_err(WorkError::file(aside))?;
    }
    replace(new, file).map_err(WorkError::file(file))?;
    Ok(was_there)
}

fn replace(new: &Path, file: &Path) -> io::Result<()> {
    let folder = files::folder_of(file);
    match fs::rename(new, file) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let near = files::with_suffix(file, NEAR);
            fs::copy(new, &near)?;
            files::sync(&near)?;
            fs::rename(&near, file)?;
            files::sync_folder(&folder)?;
            fs::remove_file(new)
        }
        result => result.and_then(|()| files::sync_folder(&folder)),
    }
}

/// Moves a database aside, if there is one; returns whether there was.
pub(crate) fn move_aside(file: &Path, aside: &Path) -> Result<bool, WorkError> {
    let was_there = make_way(file, aside)?;
    files::move_to(file, aside).map_err(WorkError::file(aside))?;
    let folder = files::folder_of(file);
    files::sync_folder(&folder).map_err(WorkError::file(&folder))?;
    Ok(was_there)
}

/// Makes a database stand alone: nothing of it lies beside it any more.
fn make_way(file: &Path, aside: &Path) -> Result<bool, WorkError> {
    let was_there = file.exists();
    if was_there {
        settle(file)?;
        remove_with_sides(aside)?;
    }
    // What SQLite could not take in, it cannot read; the new file must not find it.
    for side in SIDES {
        let (from, to) = (files::with_suffix(file, side), files::with_suffix(aside, side));
        files::move_to(&from, &to).map_err(WorkError::file(&from))?;
    }
    Ok(was_there)
}

/// Takes in the write-ahead log and the journal; refuses when another program uses the database.
pub(crate) fn settle(file: &Path) -> Result<(), WorkError> {
    match settled(file) {
        // Nothing can be taken in; and it is replaced for that very reason.
        Err(WorkError::Damaged { .. } | WorkError::Sqlite { .. }) => Ok(()),
        result => result,
    }
}

fn settled(file: &Path) -> Result<(), WorkError> {
    let connection = open(file)?;
    let error = WorkError::sqlite(file);
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))
        .map_err(&error)?;
    if mode == "wal" {
        return Err(WorkError::Busy(file.to_owned()));
    }
    connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").map_err(&error)?;
    connection.close().map_err(|(_, problem)| error(problem))
}

/// Gives the file a second name, so that its place is never empty.
fn keep(file: &Path, aside: &Path) -> io::Result<()> {
    // Not every file system has links; there the place is empty for a moment.
    fs::hard_link(file, aside).or_else(|_| fs::rename(file, aside))
}

/// Returns the file itself, where a link leads to it.
pub(crate) fn real(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}
