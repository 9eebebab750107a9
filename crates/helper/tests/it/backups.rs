//! Databases that are whole, damaged, in use; and copies of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ensconce_protocol::{BackupNote, BackupReason, HelperWork};
use rusqlite::Connection;
use serde_json::json;

use crate::home::{Home, names, record, text, value, wait_until};

/// A database of some megabytes.
fn large(mode: &str, rows: u32) -> Home {
    let mut home = Home::new();
    home.add("main", "data/notes.db");
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
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
    home
}

/// Writes without pause: both tables change in one transaction, or none.
struct Writer {
    end: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: JoinHandle<Duration>,
}

impl Writer {
    fn begin(file: &Path) -> Self {
        let connection = Connection::open(file).unwrap();
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
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
        wait_until("it writes", || count.load(Ordering::Relaxed) >= 3);
        Self { end, count, thread }
    }

    fn end(self) -> (u64, Duration) {
        self.end.store(true, Ordering::Relaxed);
        let longest = self.thread.join().unwrap();
        (self.count.load(Ordering::Relaxed), longest)
    }
}

fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xA5);
    fs::write(file, bytes).unwrap();
}

#[test]
fn whole_and_damaged_databases_are_told_apart() {
    let mut home = large("wal", 2000);
    home.add("new", "data/new.db");
    home.add("empty", "data/empty.db");
    home.write("data/empty.db", "");
    home.run(home.check()).is("ok").says("The databases are whole.");
    assert!(!home.path("data/new.db").exists());
    damage(&home.path("data/notes.db"));
    let before = fs::read(home.path("data/notes.db")).unwrap();
    let said = home.run(home.check());
    said.is("damaged").says("notes.db` is damaged").says("Nothing was changed. Backups are in `");
    assert_eq!(said.code, 3);
    assert_eq!(fs::read(home.path("data/notes.db")).unwrap(), before);
}

#[test]
fn what_is_no_database_is_damaged() {
    let mut home = Home::with_database("wal");
    home.add("text", "data/text.db");
    home.write("data/text.db", &"not a database, but rather long text ".repeat(99));
    home.run(home.check()).is("damaged").says("text.db` is damaged: it is not a SQLite database.");
}

#[test]
fn copies_are_of_one_moment_while_others_write() {
    for mode in ["wal", "delete", "truncate"] {
        let home = large(mode, 8000);
        let writer = Writer::begin(&home.path("data/notes.db"));
        let said = home.run(home.backup(BackupReason::Manual));
        let (writes, longest) = writer.end();
        said.is("ok");
        assert!(writes > 3 && longest < Duration::from_secs(10), "{mode}: {writes} {longest:?}");
        let details = &said.answer()["details"];
        let copy = home.own("backups").join(details["backup"].as_str().unwrap());
        assert_eq!(value(&copy, "PRAGMA integrity_check"), "ok", "{mode}");
        assert_eq!(value(&copy, "SELECT one.n - two.n FROM one, two"), 0, "{mode}");
        assert_eq!(value(&copy, "SELECT count(*) FROM notes"), 8000, "{mode}");
        assert_eq!(details["held"], json!(mode != "wal"), "{mode}: {said:?}");
        assert!(said.stdout.starts_with("PROGRESS:"), "{said:?}");
        assert!(said.stdout.contains(" Copying notes.db\n"), "{said:?}");
        home.assert_at_rest();
    }
}

#[test]
fn a_quiet_database_is_copied_in_steps_that_hold_up_nobody() {
    let home = large("delete", 8000);
    let said = home.run(home.backup(BackupReason::Manual));
    said.is("ok");
    let details = &said.answer()["details"];
    assert_eq!((&details["restarts"], &details["held"]), (&json!(0), &json!(false)));
    let length = |file: PathBuf| fs::metadata(file).unwrap().len();
    assert_eq!(details["bytes"], length(home.path("data/notes.db")));
    assert_eq!(
        details["bytes"],
        length(home.own("backups").join(details["backup"].as_str().unwrap()))
    );
}

#[test]
fn what_is_only_in_the_log_is_copied() {
    let home = Home::with_database("wal");
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE notes SET text = 'new';")
        .unwrap();
    assert_eq!(text(&home.backed_up()), "new");
}

#[test]
fn a_copy_that_is_killed_leaves_nothing_that_looks_like_one() {
    let home = large("wal", 30_000);
    for number in 0..5 {
        let mut child = home.start(home.backup(BackupReason::Manual));
        let part = || names(&home.own("backups")).iter().any(|name| name.ends_with(".part"));
        wait_until("it copies", || part() || child.try_wait().unwrap().is_some());
        thread::sleep(Duration::from_millis(5 * number));
        child.kill().unwrap();
        child.wait().unwrap();
        for name in names(&home.own("backups")).iter().filter(|name| name.ends_with(".sqlite")) {
            assert_eq!(value(&home.own("backups").join(name), "PRAGMA integrity_check"), "ok");
        }
    }
    home.backed_up();
    home.run(home.backup(BackupReason::Scheduled)).is("ok");
    home.assert_at_rest();
}

#[test]
fn a_copy_that_fails_keeps_the_others_and_leaves_nothing() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    let before = fs::read(&backup).unwrap();
    let left = names(&home.own("backups"));
    fs::remove_file(home.path("data/notes.db")).unwrap();
    home.run(home.backup(BackupReason::Manual)).is("missing");
    home.write("data/notes.db", &"x".repeat(5000));
    home.run(home.backup(BackupReason::Manual)).is("damaged");
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!(names(&home.own("backups")), left);
    fs::remove_dir_all(home.own("backups")).unwrap();
    fs::write(home.own("backups"), "a file where the folder should be").unwrap();
    home.run(home.backup(BackupReason::Manual)).is("file");
}

/// Clocks tell only seconds apart.
#[test]
fn backups_of_one_second_do_not_replace_each_other() {
    let home = Home::with_database("delete");
    let mut backups: Vec<PathBuf> = (0..4).map(|_| home.backed_up()).collect();
    backups.dedup();
    assert_eq!(backups.len(), 4);
    assert_eq!(names(&home.own("backups")).len(), 8);
}

#[cfg(unix)]
#[test]
fn a_copy_can_be_read_by_nobody_who_could_not_before() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_database("delete");
    let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
    let file = home.path("data/notes.db");
    for (of_file, of_copy) in [(0o600, 0o600), (0o640, 0o640), (0o440, 0o640)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(of_file)).unwrap();
        let copy = home.backed_up();
        assert_eq!(mode(&copy), of_copy);
        assert_eq!(mode(&copy.with_extension("json")), 0o600);
    }
}

/// Root may write every file; other people's helpers may not.
#[cfg(target_os = "linux")]
#[test]
fn a_database_that_may_only_be_read_is_copied() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    const NOBODY: u32 = 65_534;
    let mut home = Home::new();
    home.add("main", "data/notes.db");
    crate::home::create(&home.path("data/notes.db"), "delete", "old");
    fs::set_permissions(home.path("data/notes.db"), fs::Permissions::from_mode(0o444)).unwrap();
    // Not every folder above the program can be passed by everybody.
    let program = home.path("helper");
    fs::copy(env!("CARGO_BIN_EXE_ensconce-helper"), &program).unwrap();
    let mut helper = Command::new(program);
    if rustix::process::geteuid().is_root() {
        for path in ["", "data", "data/.ensconce", "data/.ensconce/backups", "data/notes.db"] {
            chown(home.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        helper.uid(NOBODY).gid(NOBODY);
    }
    let request = home.request(home.backup(BackupReason::Manual));
    let said = crate::world::run_text(&mut crate::world::clean(helper), &request);
    said.is("ok");
    let copy = said.answer()["details"]["backup"].as_str().unwrap().to_owned();
    assert_eq!(text(&home.own("backups").join(copy)), "old");
}

#[test]
fn each_backup_has_a_note() {
    let home = Home::with_database("wal");
    for (reason, ending) in
        [(BackupReason::Manual, "Z-manual.sqlite"), (BackupReason::Scheduled, "Z.sqlite")]
    {
        let said = home.run(home.backup(reason));
        let id = said.answer()["details"]["backup"].as_str().unwrap().to_owned();
        assert!(id.starts_with("main-2") && id.ends_with(ending), "{id}");
        let note = fs::read(home.own("backups").join(&id).with_extension("json")).unwrap();
        let note: BackupNote = serde_json::from_slice(&note).unwrap();
        assert_eq!((note.database.as_str(), note.reason), ("main", reason));
        assert_eq!((note.record, note.update_to), (record("1.0"), None));
    }
}

/// A kill between the two leaves it, whatever the backup was to be made for.
#[test]
fn a_note_whose_backup_was_not_made_goes_with_the_next_one() {
    let home = Home::with_database("wal");
    let made = home.backed_up().with_extension("json");
    let note = fs::read_to_string(&made).unwrap();
    for reason in ["manual", "scheduled", "before-update"] {
        let killed = home.own("backups").join(format!("main-20200101T000000Z-{reason}.json"));
        fs::write(&killed, note.replace("\"manual\"", &format!("\"{reason}\""))).unwrap();
    }
    home.run(home.backup(BackupReason::Manual)).is("ok");
    let left = names(&home.own("backups"));
    assert!(!left.iter().any(|name| name.contains("20200101")), "{left:?}");
    assert_eq!(left.len(), 4, "{left:?}");
}

/// A backup of a database with a write-ahead log has one beside it as long as it is read.
#[test]
fn what_a_killed_reader_left_beside_a_backup_goes_with_the_next_one() {
    let home = Home::with_database("wal");
    let (read, changed) = (home.backed_up(), home.backed_up());
    for (backup, log) in [(&read, ""), (&changed, "somebody has written to this")] {
        fs::write(with_end(backup, "-wal"), log).unwrap();
        fs::write(with_end(backup, "-shm"), "shared").unwrap();
    }
    home.run(home.backup(BackupReason::Manual)).is("ok");
    assert!(!with_end(&read, "-wal").exists() && !with_end(&read, "-shm").exists());
    assert!(with_end(&changed, "-wal").exists() && with_end(&changed, "-shm").exists());
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    path.with_file_name(format!("{}{end}", path.file_name().unwrap().to_str().unwrap()))
}

#[test]
fn old_backups_are_removed_and_those_that_somebody_asked_for_stay() {
    let home = Home::with_database("delete");
    let keeping = |reason, keep| {
        let HelperWork::Backup { database, folder, record, .. } = home.backup(reason) else {
            unreachable!()
        };
        let said = home.run(HelperWork::Backup { database, folder, reason, record, keep });
        said.is("ok");
        said.answer()["details"]["removed"].as_array().unwrap().len()
    };
    for _ in 0..3 {
        assert_eq!(keeping(BackupReason::Manual, 1), 0);
        assert_eq!(keeping(BackupReason::Scheduled, 9), 0);
    }
    // Of another database with a name that begins alike.
    for ending in ["sqlite", "json"] {
        let from = names(&home.own("backups")).into_iter().find(|name| name.ends_with(ending));
        let to = format!("main-old-20200101T000000Z.{ending}");
        fs::copy(home.own("backups").join(from.unwrap()), home.own("backups").join(&to)).unwrap();
        if ending == "json" {
            let note = fs::read_to_string(home.own("backups").join(&to)).unwrap();
            let note = note.replace("\"main\"", "\"main-old\"").replace("manual", "scheduled");
            fs::write(home.own("backups").join(&to), note).unwrap();
        }
    }
    assert_eq!(keeping(BackupReason::Scheduled, 2), 2);
    let left = names(&home.own("backups"));
    let backups = left.iter().filter(|name| name.ends_with(".sqlite"));
    assert_eq!((left.len(), backups.count()), (12, 6), "{left:?}");
    assert!(left.iter().any(|name| name.starts_with("main-old-")), "{left:?}");
}
