//! Databases that are whole, damaged, in use; copied and put back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{helper, sqlite};

/// A folder with a database of some megabytes.
struct World {
    folder: TempDir,
}

impl World {
    fn new(mode: &str, rows: u32) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        let connection = world.open();
        connection.pragma_update(None, "journal_mode", mode).unwrap();
        connection
            .execute_batch(&format!(
                "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
                 CREATE INDEX by_text ON notes (text);
                 CREATE TABLE one (n INTEGER); CREATE TABLE two (n INTEGER);
                 INSERT INTO one VALUES (0); INSERT INTO two VALUES (0);
                 WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < {rows})
                 INSERT INTO notes SELECT x, hex(randomblob(500)) FROM c;"
            ))
            .unwrap();
        world
    }

    fn file(&self) -> PathBuf {
        self.path("notes.db")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> Connection {
        let connection = Connection::open(self.file()).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        connection
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Writes without pause: both tables change in one transaction, or none.
    fn writer(&self) -> Writer {
        let connection = self.open();
        let (end, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (ending, counting) = (Arc::clone(&end), Arc::clone(&count));
        let thread = thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !ending.load(Ordering::Relaxed) {
                let begun = Instant::now();
                connection
                    .execute_batch(
                        "BEGIN IMMEDIATE; UPDATE one SET n = n + 1;
                         UPDATE notes SET text = hex(randomblob(500)) WHERE id = 1 + abs(random() % 100);
                         UPDATE two SET n = n + 1; COMMIT;",
                    )
                    .unwrap();
                counting.fetch_add(1, Ordering::Relaxed);
                longest = longest.max(begun.elapsed());
            }
            longest
        });
        while count.load(Ordering::Relaxed) < 3 {
            thread::sleep(Duration::from_millis(1));
        }
        Writer { end, count, thread }
    }
}

struct Writer {
    end: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: JoinHandle<Duration>,
}

impl Writer {
    fn end(self) -> (u64, Duration) {
        self.end.store(true, Ordering::Relaxed);
        let longest = self.thread.join().unwrap();
        (self.count.load(Ordering::Relaxed), longest)
    }
}

fn value(file: &Path, question: &str) -> Value {
    let connection = Connection::open(file).unwrap();
    connection
        .query_row(question, [], |row| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(n) => json!(n),
                other => json!(other.as_str().unwrap()),
            })
        })
        .unwrap()
}

fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xA5);
    fs::write(file, bytes).unwrap();
}

#[test]
fn whole_and_damaged_databases_are_told_apart() {
    let world = World::new("wal", 2000);
    sqlite("check", &[&world.file()]).is("ok").says("`notes.db` is whole");
    sqlite("check", &[Path::new("--quick"), &world.file()]).is("ok");
    damage(&world.file());
    for arguments in [&[&*world.file()][..], &[Path::new("--quick"), &world.file()]] {
        let said = sqlite("check", arguments);
        said.is("damaged");
        assert_eq!(said.code, 3);
    }
    fs::write(world.path("text.db"), "not a database, but rather long text ".repeat(99)).unwrap();
    sqlite("check", &[&world.path("text.db")]).is("damaged").says("no SQLite database");
    sqlite("check", &[&world.path("none.db")]).is("missing");
    fs::write(world.path("empty.db"), "").unwrap();
    sqlite("check", &[&world.path("empty.db")]).is("ok");
    assert!(!world.path("none.db").exists());
}

#[test]
fn copies_are_of_one_moment_while_others_write() {
    for mode in ["wal", "delete", "truncate"] {
        let world = World::new(mode, 8000);
        let writer = world.writer();
        let to = world.path("copy.sqlite");
        let said = sqlite("backup", &[&world.file(), &to]);
        let (writes, longest) = writer.end();
        said.is("ok");
        assert!(writes > 3 && longest < Duration::from_secs(10), "{mode}: {writes} {longest:?}");
        assert_eq!(value(&to, "PRAGMA integrity_check"), "ok", "{mode}");
        assert_eq!(value(&to, "SELECT one.n - two.n FROM one, two"), 0, "{mode}");
        assert_eq!(value(&to, "SELECT count(*) FROM notes"), 8000, "{mode}");
        assert_eq!(said.answer()["details"]["held"], json!(mode != "wal"), "{mode}: {said:?}");
        assert!(said.stdout.starts_with("PROGRESS:"), "{said:?}");
        assert!(said.stdout.contains(" Copying notes.db\n"), "{said:?}");
        assert!(!world.names().iter().any(|name| name.contains(".part")), "{:?}", world.names());
    }
}

#[test]
fn a_quiet_database_is_copied_in_steps_that_hold_up_nobody() {
    let world = World::new("delete", 8000);
    let said = sqlite("backup", &[&world.file(), &world.path("copy.sqlite")]);
    said.is("ok");
    assert_eq!(said.answer()["details"]["restarts"], 0);
    assert_eq!(said.answer()["details"]["held"], false);
    assert_eq!(said.answer()["details"]["bytes"], fs::metadata(world.file()).unwrap().len());
    assert_eq!(
        fs::read(world.file()).unwrap().len(),
        fs::read(world.path("copy.sqlite")).unwrap().len()
    );
}

#[test]
fn what_is_only_in_the_log_is_copied() {
    let world = World::new("wal", 10);
    let connection = world.open();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; INSERT INTO notes VALUES (77, 'new');")
        .unwrap();
    let to = world.path("copy.sqlite");
    sqlite("backup", &[&world.file(), &to]).is("ok");
    assert_eq!(value(&to, "SELECT text FROM notes WHERE id = 77"), "new");
}

#[test]
fn a_copy_that_is_killed_leaves_nothing_that_looks_like_one() {
    let world = World::new("wal", 30_000);
    let to = world.path("copy.sqlite");
    for pause in [1, 5, 10, 20, 40] {
        let mut child = helper()
            .args(["sqlite", "backup"])
            .args([&world.file(), &to])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
        if to.exists() {
            assert_eq!(value(&to, "PRAGMA integrity_check"), "ok");
            fs::remove_file(&to).unwrap();
        }
    }
    sqlite("backup", &[&world.file(), &to]).is("ok");
    assert!(!world.path("copy.sqlite.part").exists());
}

#[test]
fn a_copy_that_fails_keeps_the_old_one() {
    let world = World::new("delete", 100);
    let to = world.path("copy.sqlite");
    sqlite("backup", &[&world.file(), &to]).is("ok");
    let before = fs::read(&to).unwrap();
    sqlite("backup", &[&world.path("none.db"), &to]).is("missing");
    fs::write(world.path("text.db"), "x".repeat(5000)).unwrap();
    sqlite("backup", &[&world.path("text.db"), &to]).is("damaged");
    assert_eq!(fs::read(&to).unwrap(), before);
    sqlite("backup", &[&world.file(), &world.path("no/such/folder.sqlite")]).is("file");
}

#[cfg(unix)]
#[test]
fn a_copy_can_be_read_by_nobody_who_could_not_before() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new("delete", 10);
    fs::set_permissions(world.file(), fs::Permissions::from_mode(0o600)).unwrap();
    let to = world.path("copy.sqlite");
    sqlite("backup", &[&world.file(), &to]).is("ok");
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_backup_comes_back_and_the_present_is_kept() {
    for mode in ["wal", "delete"] {
        let world = World::new(mode, 500);
        let backup = world.path("backup.sqlite");
        sqlite("backup", &[&world.file(), &backup]).is("ok");
        world.open().execute_batch("DELETE FROM notes WHERE id > 10").unwrap();
        let said = sqlite("restore", &[&backup, &world.file()]);
        said.is("ok").says("as it was in the backup");
        assert_eq!(value(&world.file(), "SELECT count(*) FROM notes"), 500, "{mode}");
        let kept = PathBuf::from(said.answer()["details"]["kept"].as_str().unwrap());
        assert!(kept.to_string_lossy().contains("notes.db.before-restore-"), "{kept:?}");
        assert_eq!(value(&kept, "SELECT count(*) FROM notes"), 10, "{mode}");
        assert!(backup.exists());
        assert_eq!(world.names().len(), 3, "{:?}", world.names());
    }
}

#[test]
fn a_log_of_the_old_file_does_not_tear_the_new_one() {
    let world = World::new("wal", 500);
    let backup = world.path("backup.sqlite");
    sqlite("backup", &[&world.file(), &backup]).is("ok");
    // As a crash leaves it: a log with changes that are not in the file.
    let connection = world.open();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; DELETE FROM notes WHERE id > 10")
        .unwrap();
    let crashed = world.path("crashed");
    fs::create_dir(&crashed).unwrap();
    for side in ["", "-wal"] {
        fs::copy(world.path(&format!("notes.db{side}")), crashed.join(format!("notes.db{side}")))
            .unwrap();
    }
    let file = crashed.join("notes.db");
    let said = sqlite("restore", &[&backup, &file]);
    said.is("ok");
    let kept = PathBuf::from(said.answer()["details"]["kept"].as_str().unwrap());
    assert_eq!(value(&kept, "SELECT count(*) FROM notes"), 10);
    assert_eq!(value(&file, "SELECT count(*) FROM notes"), 500);
    assert_eq!(value(&file, "PRAGMA integrity_check"), "ok");
}

#[test]
fn a_damaged_file_is_replaced_and_kept_with_all_that_belongs_to_it() {
    let world = World::new("delete", 2000);
    let backup = world.path("backup.sqlite");
    sqlite("backup", &[&world.file(), &backup]).is("ok");
    fs::write(world.file(), "rubbish ".repeat(1000)).unwrap();
    fs::write(world.path("notes.db-wal"), "rubbish").unwrap();
    fs::write(world.path("notes.db-journal"), "rubbish").unwrap();
    let said = sqlite("restore", &[&backup, &world.file()]);
    said.is("ok");
    assert_eq!(value(&world.file(), "PRAGMA integrity_check"), "ok");
    let kept = said.answer()["details"]["kept"].as_str().unwrap().to_owned();
    assert!(fs::read_to_string(&kept).unwrap().starts_with("rubbish"));
    assert!(!world.path("notes.db-wal").exists() && !world.path("notes.db-journal").exists());
}

#[test]
fn a_damaged_backup_replaces_nothing() {
    let world = World::new("delete", 2000);
    let backup = world.path("backup.sqlite");
    sqlite("backup", &[&world.file(), &backup]).is("ok");
    damage(&backup);
    let before = fs::read(world.file()).unwrap();
    let said = sqlite("restore", &[&backup, &world.file()]);
    said.is("damaged");
    assert_eq!(said.code, 3);
    assert_eq!(fs::read(world.file()).unwrap(), before);
    sqlite("restore", &[&world.path("none.sqlite"), &world.file()]).is("missing");
    assert_eq!(world.names(), ["backup.sqlite", "notes.db"]);
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let world = World::new("wal", 100);
    let backup = world.path("backup.sqlite");
    sqlite("backup", &[&world.file(), &backup]).is("ok");
    let connection = world.open();
    connection.execute_batch("BEGIN; SELECT * FROM notes LIMIT 1;").unwrap();
    sqlite("restore", &[&backup, &world.file()]).is("busy").says("in use by another program");
    connection.execute_batch("COMMIT; INSERT INTO one VALUES (1)").unwrap();
    assert!(!world.names().iter().any(|name| name.contains("restor")), "{:?}", world.names());
}

#[test]
fn a_restore_that_is_killed_leaves_the_one_or_the_other() {
    let world = World::new("wal", 500);
    let backup = world.path("backup.sqlite");
    sqlite("backup", &[&world.file(), &backup]).is("ok");
    world.open().execute_batch("DELETE FROM notes WHERE id > 10").unwrap();
    let mut seen = [0, 0];
    for number in 0..60 {
        let mut child = helper()
            .args(["sqlite", "restore"])
            .args([&backup, &world.file()])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(500 * number));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(value(&world.file(), "PRAGMA integrity_check"), "ok");
        let restored = value(&world.file(), "SELECT count(*) FROM notes") == 500;
        assert!(restored || value(&world.file(), "SELECT count(*) FROM notes") == 10);
        seen[usize::from(restored)] += 1;
        world.open().execute_batch("DELETE FROM notes WHERE id > 10").unwrap();
    }
    assert!(seen[0] > 0, "{seen:?}");
    sqlite("restore", &[&backup, &world.file()]).is("ok");
    assert!(!world.path("notes.db.restoring").exists());
}

#[test]
fn a_backup_comes_where_nothing_was() {
    let world = World::new("delete", 10);
    let backup = world.path("backup.sqlite");
    sqlite("backup", &[&world.file(), &backup]).is("ok");
    let said = sqlite("restore", &[&backup, &world.path("new.db")]);
    said.is("ok");
    assert_eq!(said.answer()["details"]["kept"], Value::Null);
    assert_eq!(value(&world.path("new.db"), "SELECT count(*) FROM notes"), 10);
}

#[test]
fn old_backups_are_removed() {
    let world = World::new("delete", 1);
    for day in 1..=5 {
        fs::copy(world.file(), world.path(&format!("notes-2026010{day}T000000Z.sqlite"))).unwrap();
    }
    let said = sqlite("prune", &[world.folder.path(), Path::new("notes"), Path::new("2")]);
    said.is("ok");
    assert_eq!(said.answer()["details"]["removed"].as_array().unwrap().len(), 3);
    assert_eq!(
        world.names(),
        ["notes-20260104T000000Z.sqlite", "notes-20260105T000000Z.sqlite", "notes.db"]
    );
}
