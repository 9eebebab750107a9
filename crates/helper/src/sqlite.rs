//! Checks SQLite databases, copies them while they are in use, and puts copies back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ensconce_protocol::{BackupNote, BackupReason, DataRecord, DatabaseFile, HelperAnswer};
use rusqlite::{Connection, OpenFlags};

use crate::answer::Answering;
use crate::error::WorkError;
use crate::progress::Progress;
use crate::{backups, clock, files};

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod replace;
pub(crate) mod restore;

use backup::Copied;
use check::Thoroughness;

/// How long another program may hold a database before that is an error.
const PATIENCE: Duration = Duration::from_secs(10);
/// What lies beside a database and belongs to it.
pub(crate) const SIDES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Opens a database that exists, and checks that it is one.
///
/// What a crashed program left half-done in it is undone by that, as SQLite always does.
fn open(file: &Path) -> Result<Connection, WorkError> {
    let connection = connect(file)?;
    read_schema(&connection).map_err(WorkError::sqlite(file))?;
    Ok(connection)
}

/// Opens a file that exists, of which nothing is read yet.
fn connect(file: &Path) -> Result<Connection, WorkError> {
    if !file.is_file() {
        return Err(WorkError::Missing(file.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let writable = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = match writable {
        Ok(connection) => connection,
        Err(_) => Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(WorkError::sqlite(file))?,
    };
    connection.busy_timeout(PATIENCE).map_err(WorkError::sqlite(file))?;
    Ok(connection)
}

/// Reads something, which begins a read transaction if one was asked for.
fn read_schema(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
}

/// Checks databases before they are used; the first one that is not whole is reported.
pub(crate) fn check_all(databases: &[PathBuf], backups: &Path) -> Result<HelperAnswer, WorkError> {
    for file in databases.iter().filter(|file| file.exists()) {
        if let Err(error) = check::check(file, Thoroughness::Quick) {
            let backups = backups.display();
            let message = format!("{error} Nothing was changed. Backups are in `{backups}`.");
            return Ok(HelperAnswer::bad(error.reason(), message));
        }
    }
    Ok(HelperAnswer::good("The databases are whole."))
}

/// Copies a database, while others use it, and removes old copies.
pub(crate) fn back_up(
    database: &DatabaseFile,
    folder: &Path,
    reason: BackupReason,
    record: DataRecord,
    keep: usize,
) -> Result<HelperAnswer, WorkError> {
    files::make_durable_folder(folder).map_err(WorkError::file(folder))?;
    backups::remove_unfinished(folder);
    let note = BackupNote {
        database: database.name.clone(),
        at: clock::rfc3339(&clock::now()),
        reason,
        record,
        update_to: None,
    };
    let mut progress = Progress::of(&database.file);
    let file = backups::file_for(folder, &note);
    let copied = backups::make(&file, &note, &database.file, &mut progress)?;
    let removed = match reason {
        BackupReason::Scheduled => backups::prune(folder, &database.name, reason, keep),
        // What somebody asked for is theirs to remove.
        BackupReason::Manual | BackupReason::BeforeUpdate => Ok(Vec::new()),
    };
    // That an old copy could not be removed does not mean that there is no new one.
    let removed = removed.unwrap_or_default();
    let answer = HelperAnswer::good("The backup is made.").with("backup", files::name_of(&file));
    Ok(with_numbers(answer, &copied).with("removed", removed))
}

fn with_numbers(answer: HelperAnswer, copied: &Copied) -> HelperAnswer {
    answer.with("bytes", copied.bytes).with("restarts", copied.restarts).with("held", copied.held)
}
