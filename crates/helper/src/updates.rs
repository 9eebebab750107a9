//! Updates of databases: what is noted of them, and the way back from one that was interrupted.
//!
//! Each task that changes databases has a *note* from before its first change on. As long as the
//! note does not say that the update is done, the databases may be half-changed, and the copies of
//! them are what counts: whoever comes to have the lock of the data next puts them back, before
//! anything uses the databases.
//!
//! That an update is done is one fact, and it is in the note: the phase *done*. The app takes it
//! over into its record of the data. Until the app's next start has done so for certain, the note
//! stays, so that it does not matter when the app is killed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ensconce_protocol::{DataLock, DataRecord, UpdateNote, UpdateOf, UpdatePhase};
use serde::{Deserialize, Serialize};

use crate::error::WorkError;
use crate::phased::{Phased, Unreadable};
use crate::sqlite::replace::{move_aside, put_in_place};
use crate::{backups, clock, files, warn};

/// Behind the name of a database that an update left unfinished.
pub(crate) const FAILED_UPDATE: &str = ".failed-update";

/// What is noted of an update.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UpdateContent {
    #[serde(flatten)]
    pub(crate) of: UpdateOf,
    started: String,
    /// The data folder, by its real path.
    data: PathBuf,
    pub(crate) databases: Vec<DatabaseCopy>,
}

/// A database as it was before the update.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DatabaseCopy {
    pub(crate) name: String,
    /// Its real path; below the data folder where it lies there, for that may be moved or copied.
    file: PathBuf,
    /// The name of the copy; none if there was no database yet.
    pub(crate) backup: Option<String>,
    /// The size of the copy, once it is made.
    pub(crate) bytes: u64,
}

impl DatabaseCopy {
    /// Notes a database, whose copy is still to be made.
    pub(crate) fn planned(name: &str, file: &Path, backup: Option<String>, data: &Path) -> Self {
        let file = file.strip_prefix(files::real(data)).unwrap_or(file).to_owned();
        Self { name: name.to_owned(), file, backup, bytes: 0 }
    }

    /// Returns where the database is.
    pub(crate) fn file(&self, data: &Path) -> PathBuf {
        // A path that is not below the folder replaces it.
        files::real(data).join(&self.file)
    }
}

impl UpdateContent {
    /// Notes an update that begins now.
    pub(crate) fn new(of: UpdateOf, data: &Path, databases: Vec<DatabaseCopy>) -> Self {
        Self { of, started: clock::now(), data: files::real(data), databases }
    }
}

/// The note of an update that is on the disk.
pub(crate) type Note = Phased<UpdatePhase, UpdateContent>;

/// Returns the file of a task's note.
pub(crate) fn note_file(folder: &Path, task: &str) -> PathBuf {
    folder.join(format!("{task}.{}", UpdateNote::EXTENSION))
}

/// Lists the files of the notes of all tasks.
pub(crate) fn note_files(folder: &Path) -> Result<Vec<PathBuf>, WorkError> {
    let unreadable = WorkError::file(folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(&unreadable)?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let is_note = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == UpdateNote::EXTENSION)
    };
    let mut notes: Vec<_> = paths.map_err(&unreadable)?.into_iter().filter(is_note).collect();
    notes.sort();
    Ok(notes)
}

/// Lists the files of the notes that are about a database.
pub(crate) fn note_files_about(folder: &Path, database: &str) -> Result<Vec<PathBuf>, WorkError> {
    let mut about = Vec::new();
    for file in note_files(folder)? {
        let Some(note) = read(&file)? else { continue };
        if note.content.databases.iter().any(|copy| copy.name == database) {
            about.push(file);
        }
    }
    Ok(about)
}

/// Reads a note, if there is one; one that cannot be understood is set aside, and reported.
pub(crate) fn read(file: &Path) -> Result<Option<Note>, WorkError> {
    match Note::read(file) {
        Ok(note) => Ok(note),
        Err(Unreadable::Io(error)) => Err(WorkError::file(file)(error)),
        Err(Unreadable::Newer) => Err(WorkError::NewerWork(file.to_owned())),
        Err(Unreadable::Odd(_)) => {
            let aside = set_aside(file);
            warn(&format!(
                "The note of an unfinished update cannot be read; it is kept as `{}`.",
                aside.display()
            ));
            Ok(None)
        }
    }
}

/// Adds the updates that are done to a record that was made before they were, perhaps.
pub(crate) fn add_done(folder: &Path, record: &mut DataRecord) -> Result<(), WorkError> {
    for file in note_files(folder)? {
        if let Some(note) = read(&file)?
            && note.phase() == UpdatePhase::Done
        {
            record.add_update(&note.content.of);
        }
    }
    Ok(())
}

/// Puts back what updates that were interrupted have left, before anything uses the data; returns
/// what to say about it.
pub(crate) fn recover(lock: &DataLock) -> Result<Vec<String>, WorkError> {
    let mut said = Vec::new();
    for file in note_files(&lock.updates)? {
        let Some(note) = read(&file)? else { continue };
        match note.phase() {
            UpdatePhase::Done => {}
            UpdatePhase::Copying => abandon(&note)?,
            UpdatePhase::Running | UpdatePhase::PuttingBack => {
                let names = put_back(note, &lock.data)?;
                if !names.is_empty() {
                    let message =
                        format!("The last update was interrupted; {}.", as_before(&names));
                    warn(&message);
                    said.push(message);
                }
            }
        }
    }
    Ok(said)
}

/// Removes copies of an update that never began: its next try makes its own, and one that is killed
/// again and again must not fill the disk.
pub(crate) fn abandon(note: &Note) -> Result<(), WorkError> {
    let folder = files::folder_of(note.path());
    for backup in note.content.databases.iter().filter_map(|copy| copy.backup.as_ref()) {
        let backup = folder.join(backup);
        backups::remove(&backup).map_err(WorkError::file(&backup))?;
    }
    remove(note)
}

/// Moves the copies into the databases' places and removes the note; returns which these are.
pub(crate) fn put_back(mut note: Note, data: &Path) -> Result<Vec<String>, WorkError> {
    check_place(&note, data)?;
    let folder = files::folder_of(note.path());
    let again = note.phase() == UpdatePhase::PuttingBack;
    note.enter(UpdatePhase::PuttingBack).map_err(WorkError::file(note.path()))?;
    let mut names = Vec::new();
    for copy in &note.content.databases {
        let file = copy.file(data);
        let aside = files::with_suffix(&file, FAILED_UPDATE);
        let Some(backup) = &copy.backup else {
            move_aside(&file, &aside)?;
            continue;
        };
        let backup = folder.join(backup);
        if is_whole(&backup, copy, again, note.path())? {
            put_in_place(&backup, &file, &aside)?;
        }
        // The backup is the database again.
        let _ = backups::remove_note(&backup);
        names.push(format!("`{}`", copy.name));
    }
    files::sync_folder(&folder).map_err(WorkError::file(&folder))?;
    remove(&note)?;
    Ok(names)
}

/// Checks that a database outside the data folder is not that of another data folder, of which this
/// one is a copy.
fn check_place(note: &Note, data: &Path) -> Result<(), WorkError> {
    let content = &note.content;
    let is_outside = content.databases.iter().any(|copy| copy.file.is_absolute());
    if is_outside && content.data != files::real(data) {
        let (file, former) = (note.path().to_owned(), content.data.clone());
        return Err(WorkError::Elsewhere { file, former });
    }
    Ok(())
}

/// Returns whether a copy is to be put back; if not, it is in its place already.
fn is_whole(
    backup: &Path,
    copy: &DatabaseCopy,
    again: bool,
    note: &Path,
) -> Result<bool, WorkError> {
    match fs::metadata(backup) {
        Ok(metadata) if metadata.len() == copy.bytes => Ok(true),
        Err(_) if again => Ok(false),
        // Reported once; the next start goes on with the database as it is.
        _ => Err(WorkError::NoWayBack {
            database: copy.name.clone(),
            backups: files::folder_of(note),
            note: set_aside(note),
        }),
    }
}

/// Says how databases are that were put back.
pub(crate) fn as_before(names: &[String]) -> &'static str {
    match names {
        [_] => "the database is as it was before",
        _ => "the databases are as they were before",
    }
}

fn remove(note: &Note) -> Result<(), WorkError> {
    note.remove().map_err(WorkError::file(note.path()))
}

/// Keeps a note under another name; returns its path.
fn set_aside(note: &Path) -> PathBuf {
    let suffix = format!(".unresolved-{}", clock::now());
    let aside = files::free(files::with_suffix(note, &suffix));
    let _ = files::rename(note, &aside);
    aside
}
