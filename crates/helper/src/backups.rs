//! The folder of backups: how they are named, what is noted of them, which of them are kept.
//!
//! A backup is a file `NAME-20260131T120000Z….sqlite` with a note of the same name that ends in
//! `.json`. The note is written first, so that every backup has one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ensconce_protocol::{BackupNote, BackupReason};

use crate::error::WorkError;
use crate::progress::Progress;
use crate::sqlite::backup::{self as copy, Copied, backup};
use crate::{clock, files};

/// What all names of backups end in.
const SUFFIX: &str = ".sqlite";

/// Returns the file of a backup that is about to be made. Two of the same second do not replace
/// each other.
pub(crate) fn file_for(folder: &Path, note: &BackupNote) -> PathBuf {
    let stem = folder.join(stem(note));
    let numbers = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
    let mut files = numbers.map(|number| files::with_suffix(&stem, &format!("{number}{SUFFIX}")));
    let is_free = |file: &PathBuf| !files::is_taken(file) && !files::is_taken(&note_file(file));
    files.find(is_free).unwrap_or_else(|| files::with_suffix(&stem, SUFFIX))
}

/// Copies a database into the folder of backups, durably.
pub(crate) fn make(
    file: &Path,
    note: &BackupNote,
    database: &Path,
    progress: &mut Progress,
) -> Result<Copied, WorkError> {
    let written = note_file(file);
    let text = serde_json::to_vec_pretty(note).map_err(io::Error::from);
    text.and_then(|text| files::write_whole(&written, &text)).map_err(WorkError::file(&written))?;
    // Without its copy, the note would be removed by the next work here at the latest.
    backup(database, file, progress).inspect_err(|_| drop(files::remove(&written)))
}

/// Returns the name of a backup's file, without its ending.
fn stem(note: &BackupNote) -> String {
    let stamp = clock::now();
    let ending = match (note.reason, &note.update_to) {
        (BackupReason::BeforeUpdate, Some(version)) => format!("-before-{}", plain(version)),
        (BackupReason::BeforeUpdate, None) => "-before-update".to_owned(),
        (BackupReason::Manual, _) => "-manual".to_owned(),
        (BackupReason::Scheduled, _) => String::new(),
    };
    format!("{}-{stamp}{ending}", note.database)
}

/// Returns a version as a part of a file's name.
fn plain(version: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
    version.chars().map(|c| if plain(c) { c } else { '_' }).collect()
}

/// Removes what a kill has left half-made in the folder, which is Ensconce's own.
///
/// Only for whoever has the lock of the data: nobody else makes anything there meanwhile.
pub(crate) fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let is_half_made = copy::is_unfinished(&name) || files::is_unfinished(&name);
        if is_half_made || is_lone_note(&path) || is_left_by_reader(&path) {
            // What cannot be removed now can be the next time.
            let _ = files::remove(&path);
        }
    }
}

/// Returns whether a file is the note of a backup that is not there: it was not made any more, or
/// it has been moved to its database's place.
fn is_lone_note(path: &Path) -> bool {
    // A disk that does not say whether the backup is there is no reason to forget what it is.
    read_note(path).is_some() && matches!(backup_of(path).try_exists(), Ok(false))
}

/// Removes a backup with its note.
pub(crate) fn remove(file: &Path) -> io::Result<()> {
    files::remove(file)?;
    files::remove(&note_file(file))
}

/// Removes the note of a backup that was moved away.
pub(crate) fn remove_note(file: &Path) -> io::Result<()> {
    files::remove(&note_file(file))
}

/// Returns whether a file lies beside a backup only because a helper that read it was killed: the
/// memory that readers share, and a write-ahead log in which nobody has written anything.
fn is_left_by_reader(path: &Path) -> bool {
    let beside = ["-shm", "-wal"].iter().find_map(|side| path.to_str()?.strip_suffix(side));
    beside.is_some_and(|backup| {
        let log = files::with_suffix(Path::new(backup), "-wal");
        let is_empty = fs::metadata(log).map_or_else(
            |error| error.kind() == io::ErrorKind::NotFound,
            |metadata| metadata.len() == 0,
        );
        backup.ends_with(SUFFIX) && is_empty
    })
}

fn note_file(backup: &Path) -> PathBuf {
    backup.with_extension("json")
}

fn backup_of(note: &Path) -> PathBuf {
    note.with_extension("sqlite")
}

/// Removes all backups of a database that were made for one reason, but the newest `keep`; returns
/// their names.
///
/// If none of these is whole, the newest one that is stays as well.
pub(crate) fn prune(
    folder: &Path,
    database: &str,
    reason: BackupReason,
    keep: usize,
) -> io::Result<Vec<String>> {
    let mut backups = found(folder, database, reason)?;
    let kept = keep.max(1).min(backups.len());
    let mut old = backups.split_off(kept);
    if !backups.iter().any(|path| looks_whole(path))
        && let Some(whole) = old.iter().position(|path| looks_whole(path))
    {
        old.remove(whole);
    }
    let mut removed = Vec::new();
    for path in old {
        remove(&path)?;
        removed.push(files::name_of(&path));
    }
    Ok(removed)
}

/// Returns the backups of a database that were made for one reason, the newest first.
///
/// One that seems to come from the future, because the clock was put back since, counts as older
/// than all others: else it would stay, and each new one would go at once.
fn found(folder: &Path, database: &str, reason: BackupReason) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let now = clock::rfc3339(&clock::now());
    for entry in fs::read_dir(folder)? {
        let note = entry?.path();
        let Some(read) = read_note(&note) else { continue };
        if read.database != database || read.reason != reason {
            continue;
        }
        let backup = backup_of(&note);
        if backup.exists() {
            // Of several within a second, later ones have a number behind their name.
            found.push((read.at <= now, read.at, backup.as_os_str().len(), backup));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    Ok(found.into_iter().map(|(.., path)| path).collect())
}

fn read_note(path: &Path) -> Option<BackupNote> {
    if path.extension().is_none_or(|extension| extension != "json") {
        return None;
    }
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Returns whether a file has the header of a database and the length that is in it: cheap, and
/// enough to distinguish a backup from what a broken disk or a curious hand has left.
fn looks_whole(file: &Path) -> bool {
    let mut header = [0; 32];
    let read = File::open(file).and_then(|mut file| {
        file.read_exact(&mut header)?;
        file.metadata()
    });
    let Ok(metadata) = read else { return false };
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    header.starts_with(b"SQLite format 3\0") && metadata.len() == page * u64::from(pages)
}

#[cfg(test)]
mod tests {
    use ensconce_protocol::DataRecord;

    use super::*;

    fn note(database: &str, day: u32, reason: BackupReason) -> BackupNote {
        BackupNote {
            database: database.to_owned(),
            at: format!("2026-01-0{day}T00:00:00Z"),
            reason,
            record: DataRecord::default(),
            update_to: (reason == BackupReason::BeforeUpdate).then(|| "1.2.0".to_owned()),
        }
    }

    fn put(folder: &Path, name: &str, note: &BackupNote, whole: bool) {
        let file = folder.join(name);
        match whole {
            true => {
                let connection = rusqlite::Connection::open(&file).unwrap();
                connection.execute_batch("CREATE TABLE t (x)").unwrap();
            }
            false => fs::write(&file, "SQLite format 3\0").unwrap(),
        }
        fs::write(note_file(&file), serde_json::to_vec(note).unwrap()).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_newest_of_each_database_and_reason_are_kept() {
        use BackupReason::{BeforeUpdate, Manual, Scheduled};
        let folder = tempfile::tempdir().unwrap();
        for day in 1..=4 {
            for (database, reason) in [
                ("notes", Scheduled),
                ("notes-old", Scheduled),
                ("notes", BeforeUpdate),
                ("notes", Manual),
            ] {
                let name = format!("{database}-{day}-{reason:?}.sqlite");
                put(folder.path(), &name, &note(database, day, reason), true);
            }
        }
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        fs::write(folder.path().join("notes-5.sqlite.part"), "x").unwrap();
        assert_eq!(prune(folder.path(), "notes", Scheduled, 2).unwrap().len(), 2);
        assert_eq!(prune(folder.path(), "notes", BeforeUpdate, 3).unwrap().len(), 1);
        let left = names(folder.path());
        assert_eq!(left.len(), 2 * (2 + 3 + 4 + 4) + 2, "{left:?}");
        assert!(left.contains(&"notes-4-Scheduled.sqlite".to_owned()));
        assert!(!left.contains(&"notes-2-Scheduled.sqlite".to_owned()));
        assert!(!left.contains(&"notes-2-Scheduled.json".to_owned()));
    }

    #[test]
    fn a_backup_from_the_future_does_not_outlive_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        for (day, year) in [(1, "9026"), (2, "9026"), (3, "2026"), (4, "2026")] {
            let mut note = note("notes", day, BackupReason::Scheduled);
            note.at.replace_range(..4, year);
            put(folder.path(), &format!("notes-{day}.sqlite"), &note, true);
        }
        let removed = prune(folder.path(), "notes", BackupReason::Scheduled, 2).unwrap();
        assert_eq!(removed, ["notes-2.sqlite", "notes-1.sqlite"]);
    }

    #[test]
    fn of_several_within_a_second_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["notes", "notes-2", "notes-10"] {
            let note = note("notes", 1, BackupReason::Manual);
            put(folder.path(), &format!("{name}.sqlite"), &note, true);
        }
        let removed = prune(folder.path(), "notes", BackupReason::Manual, 1).unwrap();
        assert_eq!(removed, ["notes-2.sqlite", "notes.sqlite"]);
    }

    #[test]
    fn the_only_good_one_is_never_removed() {
        let folder = tempfile::tempdir().unwrap();
        for (day, whole) in [(1, true), (2, true), (3, false), (4, false)] {
            let note = note("notes", day, BackupReason::Scheduled);
            put(folder.path(), &format!("notes-{day}.sqlite"), &note, whole);
        }
        prune(folder.path(), "notes", BackupReason::Scheduled, 2).unwrap();
        let left: Vec<String> =
            names(folder.path()).into_iter().filter(|name| name.ends_with("sqlite")).collect();
        assert_eq!(left, ["notes-2.sqlite", "notes-3.sqlite", "notes-4.sqlite"]);
        prune(folder.path(), "notes", BackupReason::Scheduled, 0).unwrap();
        assert!(names(folder.path()).contains(&"notes-2.sqlite".to_owned()));
    }

    #[test]
    fn a_note_without_a_backup_is_none() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "notes-1.sqlite", &note("notes", 1, BackupReason::Scheduled), true);
        let lone = serde_json::to_vec(&note("notes", 2, BackupReason::Scheduled)).unwrap();
        fs::write(folder.path().join("notes-2.json"), lone).unwrap();
        fs::write(folder.path().join("other.json"), "{}").unwrap();
        assert!(prune(folder.path(), "notes", BackupReason::Scheduled, 1).unwrap().is_empty());
        remove_unfinished(folder.path());
        assert_eq!(names(folder.path()), ["notes-1.json", "notes-1.sqlite", "other.json"]);
    }

    #[test]
    fn names_hold_the_version_and_nothing_else_of_it() {
        let mut note = note("notes", 1, BackupReason::BeforeUpdate);
        note.update_to = Some("1.2.0-rc.1/../x".to_owned());
        let name = stem(&note);
        assert!(name.ends_with("-before-1.2.0-rc.1_.._x"), "{name}");
    }
}
