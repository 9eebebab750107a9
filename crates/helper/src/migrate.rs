//! Runs a task that changes databases so that there is always a way back.
//!
//! Before the first run of a new version each database is copied and a *marker* is written; both
//! are durable before the task starts. When it ends well, the version is recorded (from then on the
//! update counts as done) and the marker removed. When it fails, the copies take the databases'
//! places. When all of this is killed, at whatever moment, the next run finds the marker and puts
//! the copies back before it begins anew. What a failed update made of a database stays beside it
//! as `FILE.failed-update` until an update goes well.
//!
//! A lock in the folder of the backups, which the task and everything that it starts inherit, is
//! held as long as any of them lives: a task that outlived a killed helper is waited for.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::sqlite::Trouble;
use crate::sqlite::backup::{self, remove_parts, remove_with_sides};
use crate::sqlite::check::{Thoroughness, check};
use crate::sqlite::progress::Progress;
use crate::sqlite::prune::{Kind, before_update, prune};
use crate::sqlite::restore::{move_aside, put_in_place, real};
use crate::{DAMAGED, NOT_SAFE, USAGE, complain, files};

mod child;
mod record;

use child::{Ended, Task};
use record::{Copy, Marker, Records};

/// The variable that holds the request; the task does not get it.
const REQUEST: &str = "ENSCONCE_MIGRATE";
/// What is behind the name of a database that an update left unfinished.
const FAILED_UPDATE: &str = ".failed-update";
/// How long a task of an earlier run may go on.
const LOCK_PATIENCE: Duration = Duration::from_secs(30);

/// Which databases the task changes. Holds no secrets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    databases: Vec<Database>,
    /// Where backups and records lie.
    folder: PathBuf,
    /// The app's version.
    version: String,
    /// How many backups of each database stay.
    keep: usize,
    /// If this file is there, the app crashed, and the databases are looked at first.
    #[serde(default)]
    unclean: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Database {
    name: String,
    file: PathBuf,
}

/// Why the task was not run, or its databases not put back.
enum Failure {
    Usage(String),
    Damaged(String),
    NotSafe(String),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        if trouble.is_damage() {
            Self::Damaged(trouble.to_string())
        } else {
            Self::NotSafe(trouble.to_string())
        }
    }
}

/// Does `migrate -- COMMAND`.
pub(crate) fn run(command: &[OsString]) -> ExitCode {
    let outcome = Request::read().and_then(|request| {
        let task = Task::new(command, REQUEST);
        Migration::begin(request)?.run(&task)
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(Failure::Usage(message)) => ended_with(USAGE, &message),
        Err(Failure::Damaged(message)) => ended_with(DAMAGED, &message),
        Err(Failure::NotSafe(message)) => ended_with(NOT_SAFE, &message),
    }
}

fn ended_with(code: u8, message: &str) -> ExitCode {
    complain(message);
    ExitCode::from(code)
}

impl Request {
    fn read() -> Result<Self, Failure> {
        let text = std::env::var(REQUEST)
            .map_err(|_| Failure::Usage(format!("`{REQUEST}` does not say what to migrate.")))?;
        let mut request: Self = serde_json::from_str(&text)
            .map_err(|error| Failure::Usage(format!("`{REQUEST}` cannot be read: {error}.")))?;
        for database in &mut request.databases {
            if !is_name(&database.name) {
                return Err(Failure::Usage(format!("`{}` cannot name a database.", database.name)));
            }
            database.file = real(&database.file);
        }
        Ok(request)
    }
}

/// Whether a text can be part of a file's name everywhere.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// One run of the task.
struct Migration {
    request: Request,
    records: Records,
    /// Held until the process ends; the task inherits it.
    _lock: File,
}

impl Migration {
    fn begin(request: Request) -> Result<Self, Failure> {
        let folder = &request.folder;
        fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
        let lock = lock(folder)?;
        remove_parts(folder, Duration::ZERO);
        let records = Records::new(folder);
        Ok(Self { request, records, _lock: lock })
    }

    fn run(&self, task: &Task) -> Result<u8, Failure> {
        self.undo_interrupted()?;
        self.look_after_crash()?;
        if self.records.version().as_deref() == Some(self.request.version.as_str()) {
            return Ok(task.run().map_or_else(|code| code, |ended| ended.code()));
        }
        let marker = self.prepare()?;
        let ended = match task.run() {
            Ok(ended) => ended,
            Err(code) => Ended { code, told_by: None },
        };
        if ended.told_by.is_some() {
            // Whether it was done nobody knows; the next start begins anew.
            return Ok(ended.code());
        }
        match ended.code() {
            0 => self.finish()?,
            _ => self.undo_failed(marker)?,
        }
        Ok(ended.code())
    }

    /// Puts back what an earlier run, which was killed, may have left half-done.
    fn undo_interrupted(&self) -> Result<(), Failure> {
        let marker = match self.records.marker() {
            Ok(None) => return Ok(()),
            Ok(Some(marker)) => marker,
            Err(aside) => {
                complain(&format!(
                    "The note of an unfinished update cannot be read; it is kept as `{}`.",
                    aside.display()
                ));
                return Ok(());
            }
        };
        if self.records.version().as_deref() == Some(marker.version.as_str()) {
            // It was recorded as done, and ended before the marker was removed.
            return self.remove_marker();
        }
        let names = self.put_back(marker)?;
        if !names.is_empty() {
            complain(&format!("The last update was interrupted; {}.", as_before(&names)));
        }
        Ok(())
    }

    fn look_after_crash(&self) -> Result<(), Failure> {
        if !self.request.unclean.as_ref().is_some_and(|file| file.exists()) {
            return Ok(());
        }
        for database in self.existing() {
            check(&database.file, Thoroughness::Quick).map_err(|trouble| self.damaged(trouble))?;
        }
        Ok(())
    }

    fn existing(&self) -> impl Iterator<Item = &Database> {
        self.request.databases.iter().filter(|database| database.file.exists())
    }

    fn damaged(&self, trouble: Trouble) -> Failure {
        match Failure::from(trouble) {
            Failure::Damaged(message) => Failure::Damaged(format!(
                "{message} Nothing was changed. Backups are in `{}`.",
                self.request.folder.display()
            )),
            failure => failure,
        }
    }

    /// Makes the way back.
    fn prepare(&self) -> Result<Marker, Failure> {
        let mut copies = Vec::new();
        for database in &self.request.databases {
            copies.push(self.copy(database)?);
        }
        let marker = Marker::new(&self.request.version, copies);
        self.write(&marker)?;
        Ok(marker)
    }

    fn copy(&self, database: &Database) -> Result<Copy, Failure> {
        let (name, file) = (database.name.clone(), database.file.clone());
        if !file.exists() {
            return Ok(Copy { name, file, backup: None, bytes: 0 });
        }
        let backup = before_update(&name, &self.request.version);
        let to = self.request.folder.join(&backup);
        let mut progress = Progress::new(&files::name_of(&file));
        let copied =
            backup::backup(&file, &to, &mut progress).map_err(|trouble| self.damaged(trouble))?;
        Ok(Copy { name, file, backup: Some(backup), bytes: copied.bytes })
    }

    fn write(&self, marker: &Marker) -> Result<(), Failure> {
        self.records.write(marker).map_err(|error| unusable(&self.request.folder, &error))
    }

    fn remove_marker(&self) -> Result<(), Failure> {
        self.records.remove_marker().map_err(|error| unusable(&self.request.folder, &error))
    }

    /// The update went well.
    fn finish(&self) -> Result<(), Failure> {
        let folder = &self.request.folder;
        self.records.record(&self.request.version).map_err(|error| unusable(folder, &error))?;
        self.remove_marker()?;
        for database in &self.request.databases {
            // What cannot be removed now can be the next time.
            let _ = prune(folder, &database.name, self.request.keep, Kind::BeforeUpdate);
            let _ = remove_with_sides(&files::with_suffix(&database.file, FAILED_UPDATE));
        }
        Ok(())
    }

    fn undo_failed(&self, marker: Marker) -> Result<(), Failure> {
        let none = marker.databases.is_empty();
        let names = self.put_back(marker)?;
        if !names.is_empty() {
            complain(&format!("The update of {} failed; {}.", names.join(", "), as_before(&names)));
        } else if !none {
            complain("The update failed before there was a database; what it began is put aside.");
        }
        Ok(())
    }

    /// Moves the copies into the databases' places and removes the marker; says which these are.
    fn put_back(&self, mut marker: Marker) -> Result<Vec<String>, Failure> {
        let again = marker.restoring;
        marker.restoring = true;
        self.write(&marker)?;
        let mut names = Vec::new();
        for copy in &marker.databases {
            let file = self.place(copy);
            let aside = files::with_suffix(&file, FAILED_UPDATE);
            let Some(backup) = &copy.backup else {
                move_aside(&file, &aside)?;
                continue;
            };
            let backup = self.request.folder.join(backup);
            if self.is_whole(&backup, copy, again)? {
                put_in_place(&backup, &file, &aside)?;
            }
            names.push(format!("`{}`", copy.name));
        }
        files::sync_folder(&self.request.folder)
            .map_err(|error| unusable(&self.request.folder, &error))?;
        self.remove_marker()?;
        Ok(names)
    }

    /// Where a database is; the folder of the data may have moved since the copy was made.
    fn place(&self, copy: &Copy) -> PathBuf {
        let same = self.request.databases.iter().find(|database| database.name == copy.name);
        same.map_or_else(|| real(&copy.file), |database| database.file.clone())
    }

    /// Whether the copy is there; if not, whether it is in its place already.
    fn is_whole(&self, backup: &Path, copy: &Copy, again: bool) -> Result<bool, Failure> {
        match fs::metadata(backup) {
            Ok(metadata) if metadata.len() == copy.bytes => Ok(true),
            Err(_) if again => Ok(false),
            _ => {
                // Said once; the next start goes on with the database as it is.
                let aside = self.records.set_marker_aside();
                Err(Failure::Damaged(format!(
                    "The update of `{}` did not end well, and the backup that was made before it \
                     is missing or not whole. The database was left as it is. Backups are in `{}`; \
                     what was to be done is kept in `{}`.",
                    copy.name,
                    self.request.folder.display(),
                    aside.display()
                )))
            }
        }
    }
}

fn as_before(names: &[String]) -> &'static str {
    match names {
        [_] => "the database is as it was before",
        _ => "the databases are as they were before",
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::NotSafe(format!("`{}` cannot be written: {error}.", path.display()))
}

fn lock(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("migrate.lock");
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| unusable(&path, &error))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::NotSafe("An earlier update is still running.".to_owned()));
            }
        }
    }
    child::inherited(&file).map_err(|error| unusable(&path, &error))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_lead_out_of_the_folder() {
        assert!(is_name("notes") && is_name("my_notes-2.db"));
        for name in ["", "..", ".x", "a/b", "a\\b", "a b", "ä"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
