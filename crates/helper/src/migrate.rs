//! Runs a task that changes databases so that there is always a way back.
//!
//! Before the first run of a new version the update is [noted](crate::updates), and each database
//! is copied; all of that is durable before the task starts. When it ends well, the note says so:
//! from then on the update counts as done. When it fails, the copies take the databases' places.
//! When all of this is killed, at whatever moment, whoever has the lock of the data next puts the
//! copies back, or removes them if the task had not started yet. What a failed update made of a
//! database stays beside it as `FILE.failed-update`, a name of Ensconce's own, until an update goes
//! well.
//!
//! The app remembers in which version the task has succeeded on this data; the request has it, or
//! the note does.
//!
//! The lock of the data, which the task and everything that it starts inherit, is held as long as
//! any of them lives: a task that outlived a killed helper is waited for.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use ensconce_protocol::{
    BackupNote, BackupReason, DatabaseFile, MigrationRequest, UpdateOf, UpdatePhase,
};

use crate::error::WorkError;
use crate::progress::Progress;
use crate::sqlite::backup::remove_with_sides;
use crate::sqlite::check::{Thoroughness, check};
use crate::updates::{self, DatabaseCopy, FAILED_UPDATE, Note, UpdateContent};
use crate::{DAMAGED, NOT_SAFE, USAGE, backups, clock, files, lock, warn};

mod child;

use child::{Task, TaskEnd};
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
    let names = request.databases.iter().map(|database| &database.name);
    if let Some(name) = names.chain([&request.task]).find(|name| !is_name(name)) {
        let message = format!("`{name}` cannot name a task or a database.");
        return Err(MigrationFailure::Usage(message));
    }
    for database in &mut request.databases {
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
        updates::recover(&self.request.lock)?;
        self.look_after_crash()?;
        if self.is_done()? {
            return Ok(task.run().map_or_else(|code| code, |ended| ended.code()));
        }
        let mut note = self.prepare()?;
        let ended = match task.run() {
            Ok(ended) => ended,
            Err(code) => TaskEnd { code, asked_by: None },
        };
        if ended.asked_by.is_some() {
            // Nobody knows whether it was done; the next start begins anew.
            return Ok(ended.code());
        }
        match ended.code() {
            0 => self.finish(&mut note)?,
            _ => self.undo_failed(note)?,
        }
        Ok(ended.code())
    }

    /// Returns whether the task has succeeded in this version before.
    fn is_done(&self) -> Result<bool, MigrationFailure> {
        let request = &self.request;
        let mut record = request.record.clone();
        record.tasks.extend(request.done.iter().map(|done| (request.task.clone(), done.clone())));
        updates::add_done(&request.lock.updates, &mut record)?;
        Ok(record.tasks.get(&request.task) == Some(&request.version))
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
    fn prepare(&self) -> Result<Note, MigrationFailure> {
        let copies = self.request.databases.iter().map(|database| self.planned(database));
        let of =
            UpdateOf { task: self.request.task.clone(), version: self.request.version.clone() };
        let update = UpdateContent::new(of, &self.request.lock.data, copies.collect());
        let mut note = self.write(UpdatePhase::Copying, update)?;
        let made = note.content.databases.iter_mut().try_for_each(|copy| self.make(copy));
        if let Err(failure) = made {
            // If that fails as well, the next run does it.
            let _ = updates::abandon(&note);
            return Err(failure);
        }
        // Whole again: the sizes of the copies are known now.
        self.write(UpdatePhase::Running, note.content)
    }

    fn planned(&self, database: &DatabaseFile) -> DatabaseCopy {
        let (name, file) = (&database.name, &database.file);
        let backup = || files::name_of(&backups::file_for(&self.request.folder, &self.note(name)));
        DatabaseCopy::planned(name, file, file.exists().then(backup), &self.request.lock.data)
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
        let file = copy.file(&self.request.lock.data);
        let mut progress = Progress::of(&file);
        let made = backups::make(&backup, &self.note(&copy.name), &file, &mut progress);
        copy.bytes = made.map_err(|error| self.damaged(error))?.bytes;
        Ok(())
    }

    fn write(&self, phase: UpdatePhase, update: UpdateContent) -> Result<Note, MigrationFailure> {
        let file = updates::note_file(&self.request.lock.updates, &self.request.task);
        Note::write(&file, phase, update).map_err(unusable(&file))
    }

    /// Ends an update that went well.
    fn finish(&self, note: &mut Note) -> Result<(), MigrationFailure> {
        note.enter(UpdatePhase::Done).map_err(unusable(note.path()))?;
        for database in &self.request.databases {
            // What cannot be removed now can be the next time.
            let (folder, reason) = (&self.request.folder, BackupReason::BeforeUpdate);
            let _ = backups::prune(folder, &database.name, reason, self.request.keep);
            let _ = remove_with_sides(&files::with_suffix(&database.file, FAILED_UPDATE));
        }
        Ok(())
    }

    fn undo_failed(&self, note: Note) -> Result<(), MigrationFailure> {
        let none = note.content.databases.is_empty();
        let names = updates::put_back(note, &self.request.lock.data)?;
        if !names.is_empty() {
            let before = updates::as_before(&names);
            warn(&format!("The update of {} failed; {before}.", names.join(", ")));
        } else if !none {
            warn("The update failed before there was a database; what it began is put aside.");
        }
        Ok(())
    }
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
