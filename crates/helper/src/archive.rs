//! All data of an app in one file, to keep or to take to another machine.
//!
//! The file is a tar archive within zstd. Its first entry, [`head::NAME`], says what it is and
//! lists everything else with its SHA-256. Databases are in it as copies of one moment.
//!
//! An import looks at everything before it touches anything: it unpacks beside the data folder,
//! and only then swaps. [`swap`] tells how that survives a kill at any moment.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Deserialize;
use thiserror::Error;

use crate::answer::Answer;
use crate::sqlite;
use crate::{FAILED, USAGE};

mod export;
mod hash;
mod head;
mod import;
mod name;
mod swap;

/// The largest request that is read; it holds the app's settings and sealed secrets.
const LARGEST_REQUEST: u64 = 64 << 20;

/// Why there is no export, or no import.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("`{}` cannot be read or written: {source}.", .file.display())]
    File { file: PathBuf, source: io::Error },
    #[error(transparent)]
    Database(#[from] sqlite::Trouble),
    #[error(
        "There is not enough room in `{}`: {} are needed, and {} are free.",
        .folder.display(), sqlite::megabytes(*.needed), sqlite::megabytes(*.free)
    )]
    NoRoom { folder: PathBuf, needed: u64, free: u64 },
    #[error("The file cannot lie in the folder of the data itself.")]
    IntoItself,
    #[error("`{}` is a folder.", .0.display())]
    IsFolder(PathBuf),
    #[error("`{}` has a name that cannot be written to the file.", .0.display())]
    OddName(PathBuf),
    #[error("`{}` was changed by another program meanwhile.", .0.display())]
    Changed(PathBuf),
    #[error("`{}` is no file with exported data.", .0.display())]
    NoExport(PathBuf),
    #[error("This file was made by a newer version. Update the app first.")]
    Newer,
    #[error("This file holds the data of another app, {found}.")]
    OtherApp { found: String },
    #[error("This file is damaged: {0}.")]
    Damaged(String),
    #[error("There are no secrets in this file, so it needs no passphrase.")]
    NoSecrets,
    #[error("The data is in a place where it cannot be replaced as a whole: `{}`.", .0.display())]
    Mounted(PathBuf),
}

impl Trouble {
    /// Names the file to an error of the system.
    fn file(file: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::File { file: file.to_owned(), source }
    }

    /// The word for programs.
    fn reason(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Database(trouble) => trouble.reason(),
            Self::NoRoom { .. } => "no_room",
            Self::IntoItself => "into_itself",
            Self::IsFolder(_) => "is_folder",
            Self::OddName(_) => "odd_name",
            Self::Changed(_) => "changed",
            Self::NoExport(_) => "no_export",
            Self::Newer => "newer",
            Self::OtherApp { .. } => "other_app",
            Self::Damaged(_) => "damaged",
            Self::NoSecrets => "no_secrets",
            Self::Mounted(_) => "mounted",
        }
    }
}

/// A database of the app.
#[derive(Debug, Clone, Deserialize)]
struct Database {
    name: String,
    file: PathBuf,
}

/// Does `archive export|import|recover|forget`.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(|one| one.to_str().unwrap_or_default()).collect();
    let result = match words.as_slice() {
        ["export"] => request().map(|request| export::export(&request)),
        ["import"] => request().map(|request| import::import(&request)),
        ["recover", _] => Some(swap::recover(Path::new(&arguments[1])).map(recovered)),
        ["forget", _] => Some(swap::forget(Path::new(&arguments[1])).map(|()| forgotten())),
        _ => return crate::usage(),
    };
    match result {
        Some(Ok(answer)) => {
            answer.tell();
            ExitCode::SUCCESS
        }
        Some(Err(trouble)) => {
            Answer::bad(trouble.reason(), trouble.to_string()).tell();
            ExitCode::from(FAILED)
        }
        None => {
            // What is wrong with it is not said: it may hold secrets anywhere.
            Answer::bad("bad_request", "This could not be started: its request is not readable.")
                .tell();
            ExitCode::from(USAGE)
        }
    }
}

fn recovered(settings: Option<serde_json::Value>) -> Answer {
    let message = match settings {
        Some(_) => "An import that was interrupted is finished now.",
        None => "There was nothing to finish.",
    };
    Answer::good(message).with("settings", settings)
}

fn forgotten() -> Answer {
    Answer::good("The import is finished.")
}

fn request<R: for<'de> Deserialize<'de>>() -> Option<R> {
    let mut text = String::new();
    io::stdin().lock().take(LARGEST_REQUEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn has_room(folder: &Path, bytes: u64) -> Result<(), Trouble> {
    /// What a disk should have left.
    const SPARE: u64 = 16 << 20;
    let free = fs4::available_space(folder).map_err(Trouble::file(folder))?;
    let needed = bytes.saturating_add(SPARE);
    if free >= needed {
        return Ok(());
    }
    Err(Trouble::NoRoom { folder: folder.to_owned(), needed, free })
}
