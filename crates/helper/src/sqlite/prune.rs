//! Names of backups, and which of them are kept: the newest, and never none that is whole.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::clock;

/// What all names of backups end in.
const SUFFIX: &str = ".sqlite";
/// What the names of those end in that were made before an update.
const BEFORE_UPDATE: &str = "-before-update.sqlite";

/// Which backups are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Made before an update: `NAME-20260131T120000Z-v1.2.0-before-update.sqlite`.
    BeforeUpdate,
    /// Made on a schedule: `NAME-20260131T120000Z.sqlite`. What somebody made by hand has more in
    /// its name, and is theirs to remove.
    Ordinary,
}

/// The name of a backup that is made before an update.
pub(crate) fn before_update(name: &str, version: &str) -> String {
    let version: String = version
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-') { c } else { '_' })
        .collect();
    format!("{name}-{}-v{version}{BEFORE_UPDATE}", clock::now())
}

/// Removes all backups of a database but the newest `keep`, and says which.
///
/// If none of these is whole, the newest one that is stays as well.
pub(crate) fn prune(
    folder: &Path,
    name: &str,
    keep: usize,
    kind: Kind,
) -> io::Result<Vec<PathBuf>> {
    let mut backups = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        if let Some(time) = time_of(file, name, kind) {
            backups.push((time.to_owned(), path));
        }
    }
    backups.sort_by(|one, other| other.cmp(one));
    let kept = keep.max(1).min(backups.len());
    let mut old = backups.split_off(kept);
    if !backups.iter().any(|(_, path)| looks_whole(path))
        && let Some(whole) = old.iter().position(|(_, path)| looks_whole(path))
    {
        old.remove(whole);
    }
    let mut removed = Vec::new();
    for (_, path) in old {
        fs::remove_file(&path)?;
        removed.push(path);
    }
    Ok(removed)
}

/// The time in a backup's name, if it is one of that database and kind.
fn time_of<'a>(file: &'a str, name: &str, kind: Kind) -> Option<&'a str> {
    let rest = file.strip_prefix(name)?.strip_prefix('-')?;
    let time = rest.get(..16).filter(|time| clock::is_stamp(time))?;
    let ending = rest.get(16..)?;
    let is_meant = match kind {
        Kind::BeforeUpdate => ending.ends_with(BEFORE_UPDATE),
        Kind::Ordinary => ending == SUFFIX,
    };
    is_meant.then_some(time)
}

/// Whether a file begins as a database and is as long as that says: cheap, and enough to tell a
/// backup from what a broken disk or a curious hand left.
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
    use super::*;

    fn database(folder: &Path, name: &str) {
        let connection = rusqlite::Connection::open(folder.join(name)).unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_newest_of_each_database_and_kind_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for day in 1..=4 {
            database(folder.path(), &format!("notes-2026010{day}T000000Z.sqlite"));
            database(folder.path(), &format!("notes-old-2026010{day}T000000Z.sqlite"));
            let before = format!("notes-2026010{day}T000000Z-v1.{day}-before-update.sqlite");
            database(folder.path(), &before);
            database(folder.path(), &format!("notes-2026010{day}T000000Z-by-hand.sqlite"));
        }
        fs::write(folder.path().join("notes-20260101.txt"), "mine").unwrap();
        fs::write(folder.path().join("notes-20260101T000000Z.sqlite.part"), "x").unwrap();
        assert_eq!(prune(folder.path(), "notes", 2, Kind::Ordinary).unwrap().len(), 2);
        assert_eq!(prune(folder.path(), "notes", 3, Kind::BeforeUpdate).unwrap().len(), 1);
        let left = names(folder.path());
        assert_eq!(left.len(), 2 + 3 + 4 + 4 + 2, "{left:?}");
        assert!(left.contains(&"notes-20260104T000000Z.sqlite".to_owned()));
        assert!(!left.contains(&"notes-20260102T000000Z.sqlite".to_owned()));
    }

    #[test]
    fn the_only_good_one_is_never_removed() {
        let folder = tempfile::tempdir().unwrap();
        database(folder.path(), "notes-20260101T000000Z.sqlite");
        database(folder.path(), "notes-20260102T000000Z.sqlite");
        fs::write(folder.path().join("notes-20260103T000000Z.sqlite"), "").unwrap();
        fs::write(folder.path().join("notes-20260104T000000Z.sqlite"), "SQLite format 3\0")
            .unwrap();
        prune(folder.path(), "notes", 2, Kind::Ordinary).unwrap();
        assert_eq!(
            names(folder.path()),
            [
                "notes-20260102T000000Z.sqlite",
                "notes-20260103T000000Z.sqlite",
                "notes-20260104T000000Z.sqlite"
            ]
        );
        prune(folder.path(), "notes", 0, Kind::Ordinary).unwrap();
        assert!(names(folder.path()).contains(&"notes-20260102T000000Z.sqlite".to_owned()));
    }

    #[test]
    fn names_hold_the_version_and_nothing_else_of_it() {
        let name = before_update("notes", "1.2.0-rc.1/../x");
        assert!(name.ends_with("-v1.2.0-rc.1_.._x-before-update.sqlite"), "{name}");
        assert!(time_of(&name, "notes", Kind::BeforeUpdate).is_some());
    }
}
