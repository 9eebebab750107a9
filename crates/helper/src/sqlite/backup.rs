//! Copies a database while others write to it, by SQLite's online backup.
//!
//! With a write-ahead log, one read transaction over the whole copy sees one moment of the
//! database and holds up nobody. Without one, a reader keeps writers out; so the copy goes in
//! small steps, with pauses in which others write. SQLite begins anew whenever somebody did. When
//! that has happened a few times, [`restless`] makes the copy another way.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::progress::Progress;
use super::{PATIENCE, SIDES, open, read_schema};
use crate::error::WorkError;
use crate::files;

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
/// What a disk should have left after the copy.
const SPARE: u64 = 16 << 20;
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
    let part = files::with_suffix(to, PART);
    remove_with_sides(&part)?;
    let result = copy(from, &part, progress).and_then(|copied| {
        files::sync(&part).map_err(WorkError::file(&part))?;
        fs::rename(&part, to).map_err(WorkError::file(to))?;
        files::sync_folder(&folder).map_err(WorkError::file(&folder))?;
        Ok(copied)
    });
    if result.is_err() {
        let _ = remove_with_sides(&part);
    }
    result
}

/// Removes copies that never became whole from a folder that is Ensconce's own.
pub(crate) fn remove_parts(folder: &Path, older_than: Duration) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_part = name.ends_with(&format!(".sqlite{PART}"))
            || SIDES.iter().any(|side| name.ends_with(&format!(".sqlite{PART}{side}")));
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let old = age.and_then(|time| SystemTime::now().duration_since(time).ok());
        if is_part && old.is_some_and(|old| old >= older_than) {
            let _ = fs::remove_file(entry.path());
        }
    }
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
    has_room(part, bytes)?;
    let mut target = create(from, part)?;
    // Closed after the target, see `restless`.
    let unsettled = File::options().write(true).open(part).map_err(WorkError::file(part))?;
    let mut copying = Copying::new(&source, from, part, &unsettled)?;
    let made = Backup::new(&source, &mut target).map_err(WorkError::sqlite(part))?;
    let finished = copying.run(&made, progress).map_err(|trouble| full(trouble, part, bytes))?;
    drop(made);
    target.close().map_err(|(_, error)| WorkError::sqlite(part)(error))?;
    if !finished {
        restless::copy(&source, &mut raw, from, part, progress)
            .map_err(|trouble| full(trouble, part, bytes))?;
    }
    progress.tell(100);
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

fn has_room(part: &Path, bytes: u64) -> Result<(), WorkError> {
    let folder = files::folder_of(part);
    let free = fs4::available_space(&folder).map_err(WorkError::file(&folder))?;
    enough(free, bytes).map_err(|needed| WorkError::NoRoom { folder, needed, free })
}

fn enough(free: u64, bytes: u64) -> Result<(), u64> {
    let needed = bytes.saturating_add(SPARE);
    if free >= needed { Ok(()) } else { Err(needed) }
}

/// A disk that became full in the middle is told as one that was full before.
fn full(trouble: WorkError, part: &Path, needed: u64) -> WorkError {
    match &trouble {
        _ if is_full(&trouble) => {
            let folder = files::folder_of(part);
            let free = fs4::available_space(&folder).unwrap_or_default();
            WorkError::NoRoom { folder, needed: needed.saturating_add(SPARE), free }
        }
        _ => trouble,
    }
}

fn is_full(trouble: &WorkError) -> bool {
    match trouble {
        WorkError::Sqlite { source, .. } => {
            source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
        }
        WorkError::File { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
        _ => false,
    }
}

/// Makes the new file, with the rights of the old one before anything is in it.
fn create(from: &Path, part: &Path) -> Result<Connection, WorkError> {
    fs::File::create(part).map_err(WorkError::file(part))?;
    let rights = fs::metadata(from).map_err(WorkError::file(from))?.permissions();
    fs::set_permissions(part, rights).map_err(WorkError::file(part))?;
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

/// The loop of steps.
struct Copying<'a> {
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

impl<'a> Copying<'a> {
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

    /// Sees one moment of the database from now on.
    fn hold(&self) -> Result<(), WorkError> {
        let begun = self.source.execute_batch("BEGIN").and_then(|()| read_schema(self.source));
        begun.map(drop).map_err(WorkError::sqlite(self.from))
    }

    /// Copies step by step; says whether that came to its end.
    fn run(&mut self, backup: &Backup<'_, '_>, progress: &mut Progress) -> Result<bool, WorkError> {
        let mut left = i32::MAX;
        let mut busy_since = None;
        let mut bytes = 0;
        loop {
            match backup.step(self.pages).map_err(WorkError::sqlite(self.from))? {
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
                    progress.tell(percent(now.remaining, now.pagecount));
                    if !self.held {
                        thread::sleep(PAUSE);
                    }
                }
                // Busy, Locked, and what SQLite may add: somebody else is at it.
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

    /// Notices that somebody wrote since the last step, so that there is more left than before;
    /// says whether it makes sense to go on.
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
    fn a_full_disk_is_noticed_before() {
        assert_eq!(enough(100 << 20, 50 << 20), Ok(()));
        assert_eq!(enough(60 << 20, 50 << 20), Err(66 << 20));
        assert_eq!(enough(u64::MAX, u64::MAX), Ok(()));
    }

    #[test]
    fn percentages_are_of_what_is_done() {
        assert_eq!(percent(100, 100), 0);
        assert_eq!(percent(25, 100), 75);
        assert_eq!(percent(0, 0), 100);
    }
}
