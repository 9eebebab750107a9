//! Why work on databases or data was not done.

use std::io;
use std::path::{Path, PathBuf};

use ensconce_protocol::HelperAnswer;
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::room;

/// Why something was not done. Nothing was changed then, unless a variant says otherwise.
#[derive(Debug, Error)]
pub(crate) enum WorkError {
    #[error("There is no file `{}`.", .0.display())]
    Missing(PathBuf),
    #[error("`{}` leads to `{}`, which is not there. Is a disk missing?", .link.display(), .target.display())]
    LeadsNowhere { link: PathBuf, target: PathBuf },
    #[error("`{}` is damaged: {findings}.", .file.display())]
    Damaged { file: PathBuf, findings: String },
    #[error("`{}` is in use by another program. Close that program and try again.", .0.display())]
    Busy(PathBuf),
    #[error(
        "There is not enough room in `{}`: {} are needed, and {} are free.",
        .folder.display(), megabytes(*.needed), megabytes(*.free)
    )]
    NoRoom { folder: PathBuf, needed: u64, free: u64 },
    #[error("There is no room left for `{}`. Make room on that disk and try again.", .0.display())]
    Full(PathBuf),
    #[error("`{}` cannot be read or written: {source}.", .file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("SQLite cannot work on `{}`: {source}.", .file.display())]
    Sqlite { file: PathBuf, source: rusqlite::Error },
    #[error("The file cannot lie in the folder of the data itself. Choose another folder.")]
    IntoItself,
    #[error("`{}` is a folder. Choose a file.", .0.display())]
    IsFolder(PathBuf),
    #[error("`{}` is a folder, a device or a pipe, where a file is needed.", .0.display())]
    IsNoFile(PathBuf),
    #[error("`{}` is a database of the app itself. Choose another file.", .0.display())]
    IsDatabase(PathBuf),
    #[error("`{}` has a name that cannot be written to the file. Rename it and try again.", .0.display())]
    OddName(PathBuf),
    #[error("`{}` was changed by another program meanwhile. Try again.", .0.display())]
    Changed(PathBuf),
    #[error("`{}` is not a file with exported data.", .0.display())]
    NotAnExport(PathBuf),
    #[error("This file was made by a newer version. Update the app first.")]
    Newer,
    #[error(
        "A newer version of the app has begun work on the data and noted it in `{}`, and only that \
         version can end it. Open that version once.", .0.display()
    )]
    NewerWork(PathBuf),
    #[error("This file holds the data of another app, {found}.")]
    OtherApp { found: String },
    #[error("This file is damaged: {0}.")]
    DamagedExport(String),
    #[error("The data is in a place where it cannot be replaced as a whole: `{}`.", .0.display())]
    Mounted(PathBuf),
    #[error("`{}` is in the way: new data needs this name for a moment. Rename it and try again.", .0.display())]
    Taken(PathBuf),
    #[error("What was prepared is not complete any more: {0}. Nothing was replaced; try again.")]
    Incomplete(String),
    #[error("`{}` is gone, which is needed to replace the data, or to put it back.", .0.display())]
    Gone(PathBuf),
    #[error("`{}`, which says how the data was being replaced, cannot be understood: {why}.", .file.display())]
    Journal { file: PathBuf, why: String },
    /// Some of the data may be the old, and some the new, or none be in its place.
    #[error(
        "Replacing the data has not come to its end: {0} Nothing is lost. Quit the app and open it \
         again, which goes on where this stopped."
    )]
    Unfinished(String),
    #[error(
        "The update of `{database}` did not end well, and the backup that was made before it is \
         missing or not whole. The database was left as it is. Backups are in `{}`; what was to be \
         done is kept in `{}`.", .backups.display(), .note.display()
    )]
    NoWayBack { database: String, backups: PathBuf, note: PathBuf },
    #[error(
        "This data was copied or moved from `{}` while work on it had not come to its end, as `{}` \
         says. To go on here could change what is there. Open the app once with the data where it \
         was, and copy or move it after that.", .former.display(), .file.display()
    )]
    Elsewhere { file: PathBuf, former: PathBuf },
    #[error("Other work on the data has not ended yet. Try again in a moment.")]
    Locked,
    #[error("The app that asked for this is not the one that runs now.")]
    Superseded,
}

impl WorkError {
    /// Adds the file to an error of the system.
    pub(crate) fn file(file: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full(file.to_owned())
            }
            _ => Self::File { file: file.to_owned(), source },
        }
    }

    /// Sorts an error of SQLite.
    pub(crate) fn sqlite(file: &Path) -> impl Fn(rusqlite::Error) -> Self + '_ {
        |source| match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy(file.to_owned())
            }
            Some(ErrorCode::NotADatabase) => Self::Damaged {
                file: file.to_owned(),
                findings: "it is not a SQLite database".to_owned(),
            },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                file: file.to_owned(),
                findings: "its content contradicts itself".to_owned(),
            },
            Some(ErrorCode::DiskFull) => Self::Full(file.to_owned()),
            // SQLite reports nothing more if there is no room for the index of a write-ahead log.
            Some(ErrorCode::SystemIoFailure) if room::is_gone(file) => Self::Full(file.to_owned()),
            _ => Self::Sqlite { file: file.to_owned(), source },
        }
    }

    /// Returns the word for programs.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::LeadsNowhere { .. } => "missing",
            Self::Damaged { .. } => "damaged",
            Self::Busy(_) => "busy",
            Self::NoRoom { .. } | Self::Full(_) => "no_room",
            Self::File { .. } => "file",
            Self::Sqlite { .. } => "sqlite",
            Self::IntoItself => "into_itself",
            Self::IsFolder(_) => "is_folder",
            Self::IsNoFile(_) => "is_no_file",
            Self::IsDatabase(_) => "is_database",
            Self::OddName(_) => "odd_name",
            Self::Changed(_) => "changed",
            Self::NotAnExport(_) => "not_an_export",
            Self::Newer | Self::NewerWork(_) => "newer",
            Self::OtherApp { .. } => "other_app",
            Self::DamagedExport(_) => "damaged_export",
            Self::Mounted(_) => "mounted",
            Self::Taken(_) => "taken",
            Self::Incomplete(_) => "incomplete",
            Self::Gone(_) => "gone",
            Self::Journal { .. } => "journal",
            Self::Unfinished(_) => HelperAnswer::UNFINISHED,
            Self::NoWayBack { .. } => "no_way_back",
            Self::Elsewhere { .. } => "elsewhere",
            Self::Locked => "locked",
            Self::Superseded => "superseded",
        }
    }

    /// Returns whether a database was found damaged.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::NoWayBack { .. })
    }
}

/// Writes a size as people read it.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}
