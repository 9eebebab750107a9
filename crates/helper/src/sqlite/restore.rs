//! Puts a backup in a database's place, and what was there aside.
//!
//! A write-ahead log or a journal that is left from the old file would be applied to the new one
//! and tear it. So the old file is made to stand alone first; then one rename replaces it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::backup::{Copied, backup as copy, remove_with_sides};
use super::check::{Thoroughness, check};
use super::progress::Progress;
use super::{SIDES, Trouble, open};
use crate::{clock, files};

/// What is behind the name of a database until it is in its place.
const RESTORING: &str = ".restoring";

/// What a restore did.
pub(crate) struct Restored {
    pub(crate) copied: Copied,
    /// Where the file lies that was there before.
    pub(crate) kept: Option<PathBuf>,
}

/// Copies a backup, if it is whole, into a database's place.
pub(crate) fn restore(
    backup: &Path,
    file: &Path,
    progress: &mut Progress,
) -> Result<Restored, Trouble> {
    let file = real(file);
    check(backup, Thoroughness::Full)?;
    if file.exists() {
        settle(&file)?;
    }
    let new = files::with_suffix(&file, RESTORING);
    let copied = copy(backup, &new, progress)?;
    let aside = files::with_suffix(&file, &format!(".before-restore-{}", clock::now()));
    let result = put_in_place(&new, &file, &aside);
    if result.is_err() {
        let _ = remove_with_sides(&new);
    }
    Ok(Restored { copied, kept: result?.then_some(aside) })
}

/// Moves a whole, durable database into the place of another, which is kept as `aside`.
///
/// Says whether there was another. Can be done again when it was interrupted: `new` is gone only
/// when it is in its place.
pub(crate) fn put_in_place(new: &Path, file: &Path, aside: &Path) -> Result<bool, Trouble> {
    let was_there = make_way(file, aside)?;
    if was_there {
        keep(file, aside).map_err(Trouble::file(aside))?;
    }
    replace(new, file).map_err(Trouble::file(file))?;
    Ok(was_there)
}

fn replace(new: &Path, file: &Path) -> io::Result<()> {
    let folder = files::folder_of(file);
    match fs::rename(new, file) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let near = files::with_suffix(file, RESTORING);
            fs::copy(new, &near)?;
            files::sync(&near)?;
            fs::rename(&near, file)?;
            files::sync_folder(&folder)?;
            fs::remove_file(new)
        }
        result => result.and_then(|()| files::sync_folder(&folder)),
    }
}

/// Moves a database aside, if there is one.
pub(crate) fn move_aside(file: &Path, aside: &Path) -> Result<bool, Trouble> {
    let was_there = make_way(file, aside)?;
    files::move_to(file, aside).map_err(Trouble::file(aside))?;
    let folder = files::folder_of(file);
    files::sync_folder(&folder).map_err(Trouble::file(&folder))?;
    Ok(was_there)
}

/// Makes a database stand alone: nothing of it lies beside it any more.
fn make_way(file: &Path, aside: &Path) -> Result<bool, Trouble> {
    let was_there = file.exists();
    if was_there {
        settle(file)?;
        remove_with_sides(aside)?;
    }
    // What SQLite could not take in, it cannot read; the new file must not find it.
    for side in SIDES {
        let (from, to) = (files::with_suffix(file, side), files::with_suffix(aside, side));
        files::move_to(&from, &to).map_err(Trouble::file(&from))?;
    }
    Ok(was_there)
}

/// Takes in the log and the journal; refuses when another program uses the database.
pub(crate) fn settle(file: &Path) -> Result<(), Trouble> {
    match settled(file) {
        // Nothing can be taken in; and it is replaced for that very reason.
        Err(Trouble::Damaged { .. } | Trouble::Sqlite { .. }) => Ok(()),
        result => result,
    }
}

fn settled(file: &Path) -> Result<(), Trouble> {
    let connection = open(file)?;
    let error = Trouble::sqlite(file);
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))
        .map_err(&error)?;
    if mode == "wal" {
        return Err(Trouble::Busy(file.to_owned()));
    }
    connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").map_err(&error)?;
    connection.close().map_err(|(_, problem)| error(problem))
}

/// Gives the file a second name, so that its place is never empty.
fn keep(file: &Path, aside: &Path) -> io::Result<()> {
    // Not every file system has links; there the place is empty for a moment.
    fs::hard_link(file, aside).or_else(|_| fs::rename(file, aside))
}

/// The file itself, where a link leads to it.
pub(crate) fn real(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}
