//! Takes care of SQLite files: are they whole, copies while they are in use, and back again.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;

use crate::answer::Answer;
use crate::{DAMAGED, FAILED, complain, files};

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod progress;
pub(crate) mod prune;
pub(crate) mod restore;

use backup::Copied;
use check::Thoroughness;
use progress::Progress;

/// How long another program may hold a database before that is said.
const PATIENCE: Duration = Duration::from_secs(10);
/// What lies beside a database and belongs to it.
pub(crate) const SIDES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why something could not be done to a database.
#[derive(Debug, Error)]
pub(crate) enum Trouble {
    #[error("There is no file `{}`.", .0.display())]
    Missing(PathBuf),
    #[error("`{}` is damaged: {findings}.", .file.display())]
    Damaged { file: PathBuf, findings: String },
    #[error("`{}` is in use by another program.", .0.display())]
    Busy(PathBuf),
    #[error(
        "There is not enough room in `{}`: {} are needed, and {} are free.",
        .folder.display(), megabytes(*.needed), megabytes(*.free)
    )]
    NoRoom { folder: PathBuf, needed: u64, free: u64 },
    #[error("`{}` cannot be read or written: {source}.", .file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("SQLite cannot work on `{}`: {source}.", .file.display())]
    Sqlite { file: PathBuf, source: rusqlite::Error },
}

impl Trouble {
    /// Names the file to an error of the system.
    fn file(file: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::File { file: file.to_owned(), source }
    }

    /// Sorts an error of SQLite.
    fn sqlite(file: &Path) -> impl Fn(rusqlite::Error) -> Self + '_ {
        |source| match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy(file.to_owned())
            }
            Some(ErrorCode::NotADatabase) => Self::Damaged {
                file: file.to_owned(),
                findings: "it is no SQLite database".to_owned(),
            },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                file: file.to_owned(),
                findings: "its content contradicts itself".to_owned(),
            },
            _ => Self::Sqlite { file: file.to_owned(), source },
        }
    }

    /// The word for programs.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Damaged { .. } => "damaged",
            Self::Busy(_) => "busy",
            Self::NoRoom { .. } => "no_room",
            Self::File { .. } => "file",
            Self::Sqlite { .. } => "sqlite",
        }
    }

    /// Whether a database was found damaged.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Opens a database that is there, and looks whether it is one.
///
/// What a crashed program left half-done in it is undone by that, as SQLite always does.
fn open(file: &Path) -> Result<Connection, Trouble> {
    if !file.is_file() {
        return Err(Trouble::Missing(file.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let writable = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = match writable {
        Ok(connection) => connection,
        Err(_) => Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(Trouble::sqlite(file))?,
    };
    connection.busy_timeout(PATIENCE).map_err(Trouble::sqlite(file))?;
    look(&connection).map_err(Trouble::sqlite(file))?;
    Ok(connection)
}

/// Reads something, which begins a read transaction if one was asked for.
fn look(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
}

/// Does `sqlite check|look|backup|restore|prune`.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    let (Some((verb, paths)), Some(last)) = (paths.split_first(), arguments.last()) else {
        return crate::usage();
    };
    if let ("look", [backups, files @ ..]) = (verb.to_str().unwrap_or_default(), paths) {
        return look_at_all(backups, files);
    }
    let result = match (verb.to_str().unwrap_or_default(), paths) {
        ("check", [quick, file]) if *quick == Path::new("--quick") => {
            check(file, Thoroughness::Quick)
        }
        ("check", [file]) => check(file, Thoroughness::Full),
        ("backup", [from, to]) => backup(from, to),
        ("restore", [backup, file]) => restore(backup, file),
        ("prune", [folder, name, _]) => match last.to_str().and_then(|keep| keep.parse().ok()) {
            Some(keep) => prune(folder, &name.to_string_lossy(), keep),
            None => return crate::usage(),
        },
        _ => return crate::usage(),
    };
    match result {
        Ok(answer) => {
            answer.tell();
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            Answer::bad(trouble.reason(), trouble.to_string()).tell();
            ExitCode::from(if trouble.is_damage() { DAMAGED } else { FAILED })
        }
    }
}

/// Looks at databases before they are used; says in words for people what is wrong.
fn look_at_all(backups: &Path, files: &[&Path]) -> ExitCode {
    for file in files.iter().filter(|file| file.exists()) {
        let Err(trouble) = check::check(file, Thoroughness::Quick) else { continue };
        complain(&format!(
            "{trouble} Nothing was changed. Backups are in `{}`.",
            backups.display()
        ));
        return ExitCode::from(if trouble.is_damage() { DAMAGED } else { FAILED });
    }
    ExitCode::SUCCESS
}

fn check(file: &Path, thoroughness: Thoroughness) -> Result<Answer, Trouble> {
    check::check(file, thoroughness)?;
    Ok(Answer::good(format!("`{}` is whole.", files::name_of(file))))
}

fn backup(from: &Path, to: &Path) -> Result<Answer, Trouble> {
    let mut progress = Progress::new(&files::name_of(from));
    let copied = backup::backup(from, to, &mut progress)?;
    Ok(with_numbers(Answer::good(format!("`{}` was copied.", files::name_of(from))), &copied))
}

fn restore(backup: &Path, file: &Path) -> Result<Answer, Trouble> {
    let mut progress = Progress::new(&files::name_of(file));
    let restored = restore::restore(backup, file, &mut progress)?;
    let message = format!("`{}` is as it was in the backup.", files::name_of(file));
    let answer = with_numbers(Answer::good(message), &restored.copied);
    Ok(match restored.kept {
        Some(kept) => answer.with("kept", kept.to_string_lossy().into_owned()),
        None => answer.with("kept", ()),
    })
}

fn prune(folder: &Path, name: &str, keep: usize) -> Result<Answer, Trouble> {
    let removed =
        prune::prune(folder, name, keep, prune::Kind::Ordinary).map_err(Trouble::file(folder))?;
    let names: Vec<String> = removed.iter().map(|file| files::name_of(file)).collect();
    Ok(Answer::good(format!("{} old backups were removed.", names.len())).with("removed", names))
}

fn with_numbers(answer: Answer, copied: &Copied) -> Answer {
    answer.with("bytes", copied.bytes).with("restarts", copied.restarts).with("held", copied.held)
}
