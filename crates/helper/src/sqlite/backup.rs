//! Copies a database while others write to it, by SQLite's online backup.
//!
//! With a write-ahead log, one read transaction over the whole copy sees one moment of the
//! database and holds up nobody. Without one, a reader keeps writers out; so the copy goes in
//! small steps, with pauses in which others write. SQLite begins anew whenever somebody did. When
//! that has happened a few times, [`restless`] makes the copy another way.

use std::fs::{self, File, Permissions};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{PATIENCE, SIDES, open, read_schema};
use crate::error::WorkError;
use crate::progress::Progress;
use crate::{files, room};

mod restless;

/// How much is copied at once; a writer waits for that long.
const STEP_BYTES: u64 = 4 << 20;
/// How much of the copy may be on its way to the disk at once: whoever else waits for the disk
/// waits for all of that.
const UNSETTLED_BYTES: u64 = 16 << 20;
/// The pause in which others can begin to write.
const PAUSE: Duration = Duration::from_millis(3);
/// The pause while another program writes. Short, for one that writes without end leaves only
/// fractions of a millisecond in which others can begin to read.
const BUSY_PAUSE: Duration = Duration::from_micros(250);
/// How often a copy may begin anew before it is made another way.
const MOST_RESTARTS: u32 = 3;
/// What a copy is called until it is whole.
const PART: &str = ".part";

/// How a copy went.
#[derive(Debug)]
pub(crate) struct Copied {
    pub(crate) bytes: u64,
    /// How often others wrote in between, so that it began anew.
    pub(crate) restarts: u32,
    /// Whether writers had to wait for the copy.
    pub(crate) held: bool,
}

/// Copies a database; what is at `to` is replaced when the copy is whole and durable.
pub(crate) fn backup(from: &Path, to: &Path, progress: &mut Progress) -> Result<Copied, WorkError> {
    let folder = files::folder_of(to);
    let part = part_of(to);
    remove_with_sides(&part)?;
    let result = copy(from, &part, progress).and_then(|copied| {
        files::sync(&part).map_err(WorkError::file(&part))?;
        files::rename(&part, to).map_err(WorkError::file(to))?;
        files::sync_folder(&folder).map_err(WorkError::file(&folder))?;
        Ok(copied)
    });
    if result.is_err() {
        let _ = remove_with_sides(&part);
    }
    result
}

/// Returns what the copy that becomes `to` is called until it is whole.
pub(crate) fn part_of(to: &Path) -> PathBuf {
    files::with_suffix(to, PART)
}

/// Returns whether a name is one that a kill during a copy to `….sqlite` leaves.
pub(crate) fn is_unfinished(name: &str) -> bool {
    let is_part = |side: &str| name.ends_with(&format!(".sqlite{PART}{side}"));
    is_part("") || SIDES.into_iter().any(is_part)
}

/// Removes a database and what lies beside it.
pub(crate) fn remove_with_sides(file: &Path) -> Result<(), WorkError> {
    for side in SIDES.iter().chain(&[""]) {
        let file = files::with_suffix(file, side);
        files::remove(&file).map_err(WorkError::file(&file))?;
    }
    Ok(())
}

/// Copies a database into a new file, which is neither durable nor in its place yet.
fn copy(from: &Path, part: &Path, progress: &mut Progress) -> Result<Copied, WorkError> {
    // Closed last, see `restless`.
    let mut raw = File::open(from).map_err(missing(from))?;
    let mut source = open(from)?;
    source.busy_handler(Some(wait_a_little)).map_err(WorkError::sqlite(from))?;
    let bytes = size(&source).map_err(WorkError::sqlite(from))?;
    room::check(&files::folder_of(part), bytes)?;
    let mut target = create(from, part)?;
    // Closed after the target, see `restless`.
    let unsettled = File::options().write(true).open(part).map_err(WorkError::file(part))?;
    let mut copying = OnlineCopy::new(&source, from, part, &unsettled)?;
    let made = Backup::new(&source, &mut target).map_err(WorkError::sqlite(part))?;
    let finished = copying.run(&made, progress)?;
    drop(made);
    target.close().map_err(|(_, error)| WorkError::sqlite(part)(error))?;
    if !finished {
        restless::copy(&source, &mut raw, from, part, progress)?;
    }
    progress.report(100);
    let restarts = copying.restarts;
    drop(unsettled);
    drop(source);
    drop(raw);
    let bytes = fs::metadata(part).map_err(WorkError::file(part))?.len();
    Ok(Copied { bytes, restarts, held: !finished })
}

fn missing(file: &Path) -> impl Fn(std::io::Error) -> WorkError + '_ {
    |error| match error.kind() {
        std::io::ErrorKind::NotFound => WorkError::Missing(file.to_owned()),
        _ => WorkError::file(file)(error),
    }
}

/// Waits for another program that writes, up to the patience in all.
fn wait_a_little(times: i32) -> bool {
    thread::sleep(BUSY_PAUSE);
    BUSY_PAUSE.saturating_mul(times.unsigned_abs()) < PATIENCE
}

fn size(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let (pages, page): (i64, i64) = (number("page_count")?, number("page_size")?);
    Ok(u64::try_from(pages * page).unwrap_or_default())
}

/// Creates the new file, with the permissions of the old one before anything is in it.
fn create(from: &Path, part: &Path) -> Result<Connection, WorkError> {
    files::create_private(part).map_err(WorkError::file(part))?;
    let permissions = fs::metadata(from).map_err(WorkError::file(from))?.permissions();
    fs::set_permissions(part, writable(permissions)).map_err(WorkError::file(part))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let target = Connection::open_with_flags(part, flags).map_err(WorkError::sqlite(part))?;
    // A half copy is thrown away; and it is made durable once, at its end.
    target
        .execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;",
        )
        .map_err(WorkError::sqlite(part))?;
    Ok(target)
}

/// Adds to permissions that the owner may write: a copy is written, and what is restored from it is
/// used.
fn writable(mut permissions: Permissions) -> Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() | 0o600);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    permissions
}

/// The loop of steps.
struct OnlineCopy<'a> {
    source: &'a Connection,
    from: &'a Path,
    part: &'a Path,
    /// The copy, of which not all is on the disk yet.
    unsettled: &'a File,
    /// Whether one read transaction is held over all steps, as a write-ahead log allows.
    held: bool,
    restarts: u32,
    pages: i32,
}

impl<'a> OnlineCopy<'a> {
    fn new(
        source: &'a Connection,
        from: &'a Path,
        part: &'a Path,
        unsettled: &'a File,
    ) -> Result<Self, WorkError> {
        let text = |pragma: &str| {
            source
                .pragma_query_value(None, pragma, |row| row.get(0))
                .map_err(WorkError::sqlite(from))
        };
        let mode: String = text("journal_mode")?;
        let page: i64 = source
            .pragma_query_value(None, "page_size", |row| row.get(0))
            .map_err(WorkError::sqlite(from))?;
        let pages = STEP_BYTES / u64::try_from(page).unwrap_or(4096).max(512);
        let copying = Self {
            source,
            from,
            part,
            unsettled,
            held: mode == "wal",
            restarts: 0,
            pages: i32::try_from(pages).unwrap_or(1024).max(1),
        };
        if copying.held {
            copying.hold()?;
        }
        Ok(copying)
    }

    /// Begins the read transaction that sees one moment of the database.
    fn hold(&self) -> Result<(), WorkError> {
        let begun = self.source.execute_batch("BEGIN").and_then(|()| read_schema(self.source));
        begun.map(drop).map_err(WorkError::sqlite(self.from))
    }

    /// Copies step by step; returns whether that came to its end.
    fn run(&mut self, backup: &Backup<'_, '_>, progress: &mut Progress) -> Result<bool, WorkError> {
        let mut left = i32::MAX;
        let mut busy_since = None;
        let mut bytes = 0;
        loop {
            match backup.step(self.pages).map_err(|error| self.failed(error))? {
                StepResult::Done => break,
                StepResult::More => {
                    busy_since = None;
                    bytes += STEP_BYTES;
                    if bytes % UNSETTLED_BYTES == 0 {
                        self.unsettled.sync_data().map_err(WorkError::file(self.part))?;
                    }
                    let now = backup.progress();
                    if !self.goes_on(left, now.remaining) {
                        return Ok(false);
                    }
                    left = now.remaining;
                    progress.report(percent(now.remaining, now.pagecount));
                    if !self.held {
                        thread::sleep(PAUSE);
                    }
                }
                // Busy, Locked, and what SQLite may add: another program is using the database.
                _ => {
                    let since = *busy_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > PATIENCE {
                        return Err(WorkError::Busy(self.from.to_owned()));
                    }
                    thread::sleep(BUSY_PAUSE);
                }
            }
        }
        if self.held {
            let _ = self.source.execute_batch("COMMIT");
        }
        Ok(true)
    }

    /// Sorts an error of a step, which reads the one database and writes the other.
    fn failed(&self, error: rusqlite::Error) -> WorkError {
        match WorkError::sqlite(self.from)(error) {
            WorkError::Full(_) => WorkError::Full(self.part.to_owned()),
            error => error,
        }
    }

    /// Notices that another program wrote since the last step, so that there is more left than before;
    /// returns whether it makes sense to go on.
    fn goes_on(&mut self, before: i32, now: i32) -> bool {
        if now >= before && !self.held {
            self.restarts += 1;
        }
        self.restarts < MOST_RESTARTS
    }
}

fn percent(remaining: i32, all: i32) -> u32 {
    let (remaining, all) = (i64::from(remaining), i64::from(all.max(1)));
    u32::try_from((all - remaining).max(0) * 100 / all).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_of_what_is_done() {
        assert_eq!(percent(100, 100), 0);
        assert_eq!(percent(25, 100), 75);
        assert_eq!(percent(0, 0), 100);
    }
}
