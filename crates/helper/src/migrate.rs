//! Runs a task that changes databases so that there is always a way back.
//!
//! Before the first run of a new version a *marker* is written, and each database is copied; all of
//! that is durable before the task starts. When it ends well, the marker is removed: from then on
//! the update counts as done. When it fails, the copies take the databases' places. When all of
//! this is killed, at whatever moment, the next run finds the marker, and puts the copies back, or
//! removes them if the task had not started yet, before it begins anew. What a failed update made
//! of a database stays beside it as `FILE.failed-update`, a name of Ensconce's own, until an update
//! goes well.
//!
//! The app remembers in which version the task has succeeded on this data; the request has it.
//!
//! The lock of the data, which the task and everything that it starts inherit, is held as long as
//! any of them lives: a task that outlived a killed helper is waited for.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ensconce_protocol::{BackupNote, BackupReason, DatabaseFile, MigrationRequest};

use crate::error::WorkError;
use crate::progress::Progress;
use crate::sqlite::backup::remove_with_sides;
use crate::sqlite::check::{Thoroughness, check};
use crate::sqlite::replace::{move_aside, put_in_place};
use crate::{DAMAGED, NOT_SAFE, USAGE, backups, clock, files, lock, warn};

mod child;
mod record;

use child::{Task, TaskEnd};
use record::{
    DatabaseCopy, Marker, NoMarker, Phase, UpdateNote, marker_in, read_marker, set_aside,
};

/// Behind the name of a database that an update left unfinished.
const FAILED_UPDATE: &str = ".failed-update";

/// Why the task was not run, or its databases not put back.
enum MigrationFailure {
    Usage(String),
    Damaged(String),
    NotSafe(String),
}

impl From<WorkError> for MigrationFailure {
    fn from(error: WorkError) -> Self {
        if error.is_damage() {
            Self::Damaged(error.to_string())
        } else {
            Self::NotSafe(error.to_string())
        }
    }
}

/// Does `migrate -- COMMAND`.
pub(crate) fn run(command: &[OsString]) -> ExitCode {
    let outcome = read_request().and_then(|request| {
        let task = Task::new(command, MigrationRequest::VARIABLE);
        Migration::begin(request)?.run(&task)
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(MigrationFailure::Usage(message)) => ended_with(USAGE, &message),
        Err(MigrationFailure::Damaged(message)) => ended_with(DAMAGED, &message),
        Err(MigrationFailure::NotSafe(message)) => ended_with(NOT_SAFE, &message),
    }
}

fn ended_with(code: u8, message: &str) -> ExitCode {
    warn(message);
    ExitCode::from(code)
}

fn read_request() -> Result<MigrationRequest, MigrationFailure> {
    let variable = MigrationRequest::VARIABLE;
    let text = std::env::var(variable).map_err(|_| {
        MigrationFailure::Usage(format!("`{variable}` does not say what to migrate."))
    })?;
    let mut request: MigrationRequest = serde_json::from_str(&text).map_err(|error| {
        MigrationFailure::Usage(format!("`{variable}` cannot be read: {error}."))
    })?;
    for database in &mut request.databases {
        if !is_name(&database.name) {
            return Err(MigrationFailure::Usage(format!(
                "`{}` cannot name a database.",
                database.name
            )));
        }
        database.file = files::real(&database.file);
    }
    Ok(request)
}

/// Returns whether a text can be part of a file's name everywhere.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// One run of the task.
struct Migration {
    request: MigrationRequest,
    /// Held until the process ends; the task inherits it.
    _lock: File,
}

impl Migration {
    fn begin(request: MigrationRequest) -> Result<Self, MigrationFailure> {
        // A helper that comes too late must not even leave a folder.
        let lock = lock::acquire(&request.lock)?;
        child::inherited(&lock).map_err(unusable(&request.lock.file))?;
        let folder = &request.folder;
        files::make_durable_folder(folder).map_err(unusable(folder))?;
        backups::remove_unfinished(folder);
        Ok(Self { request, _lock: lock })
    }

    fn run(&self, task: &Task) -> Result<u8, MigrationFailure> {
        self.undo_interrupted()?;
        self.look_after_crash()?;
        if self.request.done.as_ref() == Some(&self.request.version) {
            return Ok(task.run().map_or_else(|code| code, |ended| ended.code()));
        }
        let marker = self.prepare()?;
        let ended = match task.run() {
            Ok(ended) => ended,
            Err(code) => TaskEnd { code, asked_by: None },
        };
        if ended.asked_by.is_some() {
            // Nobody knows whether it was done; the next start begins anew.
            return Ok(ended.code());
        }
        match ended.code() {
            0 => self.finish(&marker)?,
            _ => self.undo_failed(marker)?,
        }
        Ok(ended.code())
    }

    /// Puts back what an earlier run, which was killed, may have left half-done.
    fn undo_interrupted(&self) -> Result<(), MigrationFailure> {
        let marker = match read_marker(&self.request.folder) {
            Ok(None) => return Ok(()),
            Ok(Some(marker)) => marker,
            Err(NoMarker::Unreadable(error)) => {
                return Err(unusable(&marker_in(&self.request.folder))(error));
            }
            Err(NoMarker::SetAside(aside)) => {
                warn(&format!(
                    "The note of an unfinished update cannot be read; it is kept as `{}`.",
                    aside.display()
                ));
                return Ok(());
            }
        };
        if marker.phase() == Phase::Copying {
            return self.abandon(&marker);
        }
        let names = self.put_back(marker)?;
        if !names.is_empty() {
            warn(&format!("The last update was interrupted; {}.", as_before(&names)));
        }
        Ok(())
    }

    /// Removes copies of an update that never began: its next try makes its own, and one that is
    /// killed again and again must not fill the disk.
    fn abandon(&self, marker: &Marker) -> Result<(), MigrationFailure> {
        for backup in marker.content.databases.iter().filter_map(|copy| copy.backup.as_ref()) {
            let backup = self.request.folder.join(backup);
            backups::remove(&backup).map_err(unusable(&backup))?;
        }
        remove(marker)
    }

    fn look_after_crash(&self) -> Result<(), MigrationFailure> {
        if !self.request.unclean.exists() {
            return Ok(());
        }
        for database in self.existing() {
            check(&database.file, Thoroughness::Quick).map_err(|error| self.damaged(error))?;
        }
        Ok(())
    }

    fn existing(&self) -> impl Iterator<Item = &DatabaseFile> {
        self.request.databases.iter().filter(|database| database.file.exists())
    }

    fn damaged(&self, error: WorkError) -> MigrationFailure {
        match MigrationFailure::from(error) {
            MigrationFailure::Damaged(message) => MigrationFailure::Damaged(format!(
                "{message} Nothing was changed. Backups are in `{}`.",
                self.request.folder.display()
            )),
            failure => failure,
        }
    }

    /// Makes the copies that are the way back.
    fn prepare(&self) -> Result<Marker, MigrationFailure> {
        let copies = self.request.databases.iter().map(|database| self.planned(database));
        let update = UpdateNote::new(&self.request.version, copies.collect());
        let mut marker = self.write(Phase::Copying, update)?;
        let made = marker.content.databases.iter_mut().try_for_each(|copy| self.make(copy));
        if let Err(failure) = made {
            // If that fails as well, the next run does it.
            let _ = self.abandon(&marker);
            return Err(failure);
        }
        // Whole again: the sizes of the copies are known now.
        self.write(Phase::Running, marker.content)
    }

    fn planned(&self, database: &DatabaseFile) -> DatabaseCopy {
        let (name, file) = (database.name.clone(), database.file.clone());
        let backup = file
            .exists()
            .then(|| files::name_of(&backups::file_for(&self.request.folder, &self.note(&name))));
        DatabaseCopy { name, file, backup, bytes: 0 }
    }

    fn note(&self, database: &str) -> BackupNote {
        BackupNote {
            database: database.to_owned(),
            at: clock::rfc3339(&clock::now()),
            reason: BackupReason::BeforeUpdate,
            record: self.request.record.clone(),
            update_to: Some(self.request.version.clone()),
        }
    }

    fn make(&self, copy: &mut DatabaseCopy) -> Result<(), MigrationFailure> {
        let Some(backup) = &copy.backup else { return Ok(()) };
        let backup = self.request.folder.join(backup);
        let mut progress = Progress::of(&copy.file);
        let made = backups::make(&backup, &self.note(&copy.name), &copy.file, &mut progress);
        copy.bytes = made.map_err(|error| self.damaged(error))?.bytes;
        Ok(())
    }

    fn write(&self, phase: Phase, update: UpdateNote) -> Result<Marker, MigrationFailure> {
        let file = marker_in(&self.request.folder);
        Marker::write(&file, phase, update).map_err(unusable(&file))
    }

    /// Ends an update that went well.
    fn finish(&self, marker: &Marker) -> Result<(), MigrationFailure> {
        let folder = &self.request.folder;
        remove(marker)?;
        for database in &self.request.databases {
            // What cannot be removed now can be the next time.
            let reason = BackupReason::BeforeUpdate;
            let _ = backups::prune(folder, &database.name, reason, self.request.keep);
            let _ = remove_with_sides(&files::with_suffix(&database.file, FAILED_UPDATE));
        }
        Ok(())
    }

    fn undo_failed(&self, marker: Marker) -> Result<(), MigrationFailure> {
        let none = marker.content.databases.is_empty();
        let names = self.put_back(marker)?;
        if !names.is_empty() {
            warn(&format!("The update of {} failed; {}.", names.join(", "), as_before(&names)));
        } else if !none {
            warn("The update failed before there was a database; what it began is put aside.");
        }
        Ok(())
    }

    /// Moves the copies into the databases' places and removes the marker; returns which these are.
    fn put_back(&self, mut marker: Marker) -> Result<Vec<String>, MigrationFailure> {
        let again = marker.phase() == Phase::PuttingBack;
        let entered = marker.enter(Phase::PuttingBack);
        entered.map_err(unusable(marker.path()))?;
        let mut names = Vec::new();
        for copy in &marker.content.databases {
            let file = self.place(copy);
            let aside = files::with_suffix(&file, FAILED_UPDATE);
            let Some(backup) = &copy.backup else {
                move_aside(&file, &aside)?;
                continue;
            };
            let backup = self.request.folder.join(backup);
            if self.is_whole(&backup, copy, again, marker.path())? {
                put_in_place(&backup, &file, &aside)?;
            }
            // The backup is the database again.
            let _ = backups::remove_note(&backup);
            names.push(format!("`{}`", copy.name));
        }
        files::sync_folder(&self.request.folder).map_err(unusable(&self.request.folder))?;
        remove(&marker)?;
        Ok(names)
    }

    /// Returns where a database is; the data folder may have moved since the copy was made.
    fn place(&self, copy: &DatabaseCopy) -> PathBuf {
        let same = self.request.databases.iter().find(|database| database.name == copy.name);
        same.map_or_else(|| files::real(&copy.file), |database| database.file.clone())
    }

    /// Returns whether the copy is to be put back; if not, it is in its place already.
    fn is_whole(
        &self,
        backup: &Path,
        copy: &DatabaseCopy,
        again: bool,
        marker: &Path,
    ) -> Result<bool, MigrationFailure> {
        match fs::metadata(backup) {
            Ok(metadata) if metadata.len() == copy.bytes => Ok(true),
            Err(_) if again => Ok(false),
            _ => {
                // Reported once; the next start goes on with the database as it is.
                let aside = set_aside(marker);
                Err(MigrationFailure::Damaged(format!(
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

fn remove(marker: &Marker) -> Result<(), MigrationFailure> {
    marker.remove().map_err(unusable(marker.path()))
}

fn unusable(path: &Path) -> impl Fn(io::Error) -> MigrationFailure + '_ {
    |error| WorkError::file(path)(error).into()
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
