//! Bounds the cache: the least recently used entries are removed first.
//!
//! An entry's time is that of its last use. Folders are moved aside before they are removed, so
//! that no half of one is ever found under its name.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use filetime::FileTime;
use ignore::WalkBuilder;

use super::Scratch;

/// What is in these folders are entries; what else lies beside them is one itself.
const FOLDERS: [&str; 4] = ["frames", "notes", "work", "locks"];

/// What stays, whatever its time.
const KEPT: [&str; 2] = [super::MAKING, super::IN_USE];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How much is kept.
pub(super) struct Limits {
    /// What was used within this time stays, however large it is.
    pub(super) recent: Duration,
    /// What was not used for longer goes.
    pub(super) age: Duration,
    /// What is beyond this many bytes goes.
    pub(super) bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { recent: DAY, age: 30 * DAY, bytes: 8 << 30 }
    }
}

struct Entry {
    path: PathBuf,
    used: SystemTime,
}

/// Notes that an entry is used now. Where that cannot be, it is made again some day.
pub(super) fn touch(path: &Path) {
    let _ = filetime::set_file_mtime(path, FileTime::now());
}

/// Reports whether a file's time is longer ago than it takes to be worth a look again.
pub(super) fn is_due(path: &Path) -> bool {
    let time = fs::metadata(path).and_then(|found| found.modified());
    time.is_ok_and(|time| time.elapsed().unwrap_or_default() > DAY)
}

/// Removes what is beyond the limits. What cannot be removed now is tried again the next time.
pub(super) fn prune(root: &Path, limits: &Limits) {
    let now = SystemTime::now();
    let Ok(aside) = Scratch::begin(&root.join(super::MAKING)) else { return };
    let mut all = entries(root);
    all.sort_by_key(|entry| Reverse(entry.used));
    let mut bytes = 0_u64;
    for (index, entry) in all.iter().enumerate() {
        bytes = bytes.saturating_add(size(&entry.path));
        let age = now.duration_since(entry.used).unwrap_or_default();
        if age > limits.recent && (age > limits.age || bytes > limits.bytes) {
            tracing::debug!(path = %entry.path.display(), "prune");
            let _ = fs::rename(&entry.path, aside.path().join(index.to_string()));
        }
    }
}

fn entries(root: &Path) -> Vec<Entry> {
    let mut entries = Vec::new();
    for folder in FOLDERS.iter().map(|name| root.join(name)).chain([root.to_owned()]) {
        for found in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = found.file_name();
            let is_entry = folder != root || !FOLDERS.iter().chain(&KEPT).any(|it| name == *it);
            if is_entry && let Ok(used) = found.metadata().and_then(|it| it.modified()) {
                entries.push(Entry { path: found.path(), used });
            }
        }
    }
    entries
}

fn size(path: &Path) -> u64 {
    let files = WalkBuilder::new(path).standard_filters(false).build().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|found| found.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::super::{Cache, Key};
    use super::{DAY, FileTime, Limits, fs, prune};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    fn age(path: &Path, days: u32) {
        let time = SystemTime::now() - days * DAY;
        filetime::set_file_mtime(path, FileTime::from_system_time(time)).unwrap();
    }

    /// Uses an entry of a thousand bytes; returns whether it had to be made.
    fn use_entry(cache: &Cache, name: &str) -> bool {
        let mut made = false;
        let make = |folder: &Path| {
            made = true;
            fs::write(folder.join("data"), [0; 1000]).unwrap();
            Ok(())
        };
        cache.folder(&Key::new(name), make).unwrap();
        made
    }

    fn path(cache: &Cache, name: &str) -> std::path::PathBuf {
        cache.root().join(Key::new(name).name())
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let world = tempfile::tempdir().unwrap();
        let cache = Cache::open(world.path()).unwrap();
        for (name, days) in [("today", 0), ("last week", 7), ("week before", 14), ("old", 31)] {
            assert!(use_entry(&cache, name));
            age(&path(&cache, name), days);
        }
        let left = || {
            let names = ["today", "last week", "week before", "old"];
            names.map(|name| path(&cache, name).join("data").exists())
        };
        prune(world.path(), &Limits::default());
        assert_eq!(left(), [true, true, true, false]);
        // Folders have a size too, which is the file system's.
        let folder = fs::metadata(path(&cache, "today")).unwrap().len();
        let bytes = 2 * (1000 + folder) + 500;
        prune(world.path(), &Limits { bytes, ..Limits::default() });
        assert_eq!(left(), [true, true, false, false]);
        prune(world.path(), &Limits { bytes: 0, ..Limits::default() });
        assert_eq!(left(), [true, false, false, false]);
        assert_eq!(fs::read_dir(world.path().join("making")).unwrap().count(), 0);
    }

    #[test]
    fn all_kinds_of_entries_go_and_nothing_else() {
        let world = tempfile::tempdir().unwrap();
        let cache = Cache::open(world.path()).unwrap();
        let key = Key::new("any");
        use_entry(&cache, "any");
        cache.remember(&key, "text").unwrap();
        let work = cache.work(&key).unwrap();
        fs::write(work.join("file"), "x").unwrap();
        drop(cache.lock("a folder").unwrap());
        fs::create_dir(world.path().join("frames")).unwrap();
        fs::write(world.path().join("frames/x.frame"), "x").unwrap();
        let making = cache.scratch().unwrap();
        prune(world.path(), &Limits { recent: Duration::ZERO, age: Duration::ZERO, bytes: 0 });
        let count = |folder: &str| fs::read_dir(world.path().join(folder)).unwrap().count();
        assert_eq!(["frames", "notes", "work", "locks"].map(count), [0; 4]);
        assert!(!path(&cache, "any").exists());
        assert!(making.path().is_dir());
        assert!(use_entry(&cache, "any"));
    }

    #[test]
    fn a_use_makes_an_entry_young_again() {
        let world = tempfile::tempdir().unwrap();
        let cache = Cache::open(world.path()).unwrap();
        let key = Key::new("any");
        use_entry(&cache, "any");
        cache.remember(&key, "text").unwrap();
        let work = cache.work(&key).unwrap();
        let note = world.path().join("notes").join(key.name());
        for path in [&path(&cache, "any"), &work, &note] {
            age(path, 90);
        }
        assert!(!use_entry(&cache, "any"));
        assert_eq!(cache.recall(&key).as_deref(), Some("text"));
        cache.work(&key).unwrap();
        prune(world.path(), &Limits::default());
        assert!(path(&cache, "any").exists() && work.exists() && note.exists());
    }

    #[test]
    fn only_the_only_build_removes_and_only_once_a_day() {
        let world = tempfile::tempdir().unwrap();
        let old = || {
            let cache = Cache::open(world.path()).unwrap();
            use_entry(&cache, "old");
            age(&path(&cache, "old"), 90);
            cache
        };
        let is_there = || world.path().join(Key::new("old").name()).exists();
        let due = || age(&world.path().join("in-use"), 2);
        old().close();
        assert!(is_there(), "it is not due");
        due();
        let other = Cache::open(world.path()).unwrap();
        old().close();
        assert!(is_there(), "another build may use it");
        drop(other);
        old().close();
        assert!(!is_there());
        old().close();
        assert!(is_there(), "it was done today");
    }
}
