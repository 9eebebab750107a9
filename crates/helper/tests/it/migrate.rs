//! Updates that go well, fail, are ended, or cannot begin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::task;
use crate::world::{Said, helper};

/// A database of version 1, and a folder for its backups.
pub(crate) struct World {
    folder: TempDir,
    /// Another folder for the backups, on another disk for instance.
    elsewhere: Option<TempDir>,
    mode: &'static str,
}

impl World {
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), elsewhere: None, mode: "wal" }
    }

    pub(crate) fn new(mode: &'static str) -> Self {
        let world = Self { mode, ..Self::empty() };
        world.create();
        world
    }

    fn create(&self) {
        let connection = Connection::open(self.file()).unwrap();
        connection.pragma_update(None, "journal_mode", self.mode).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE version (n INTEGER); INSERT INTO version VALUES (1);
                 CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
                 WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 500)
                 INSERT INTO notes SELECT x, 'note ' || x || hex(zeroblob(100)) FROM c;",
            )
            .unwrap();
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("notes.db")
    }

    pub(crate) fn backups(&self) -> PathBuf {
        let folder = self.elsewhere.as_ref().unwrap_or(&self.folder);
        folder.path().join("backups")
    }

    pub(crate) fn request(&self, version: &str) -> Value {
        json!({
            "databases": [{ "name": "notes", "file": self.file() }],
            "folder": self.backups(), "version": version, "keep": 3,
            "unclean": self.folder.path().join("unclean"),
        })
    }

    /// The helper around the task.
    pub(crate) fn command(&self, version: &str, mode: &str) -> Command {
        let mut helper = helper();
        helper.env("ENSCONCE_MIGRATE", self.request(version).to_string());
        helper.args(["migrate", "--"]).args(task::command());
        task::told(&mut helper, &self.file(), mode);
        helper
    }

    pub(crate) fn migrate(&self, version: &str, mode: &str) -> Said {
        self.command(version, mode).output().unwrap().into()
    }

    fn migrate_by(&self, version: &str, command: &[&str]) -> Said {
        let mut helper = helper();
        helper.env("ENSCONCE_MIGRATE", self.request(version).to_string());
        helper.args(["migrate", "--"]).args(command).output().unwrap().into()
    }

    /// The version of a database that is whole: all of version 1, or all of 2.
    #[track_caller]
    pub(crate) fn whole(&self) -> i64 {
        whole(&self.file())
    }

    pub(crate) fn recorded(&self) -> Option<String> {
        let text = fs::read_to_string(self.backups().join("migrated.json")).ok()?;
        let record: Value = serde_json::from_str(&text).unwrap();
        Some(record["version"].as_str().unwrap().to_owned())
    }

    pub(crate) fn kept(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.backups())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains(".sqlite"))
            .collect();
        names.sort();
        names
    }

    fn under_way(&self) -> bool {
        self.backups().join("update-in-progress.json").exists()
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("notes.db{suffix}"))
    }
}

#[track_caller]
pub(crate) fn whole(file: &Path) -> i64 {
    let connection = Connection::open(file).unwrap();
    let text =
        |question: &str| connection.query_row(question, [], |row| row.get::<_, String>(0)).unwrap();
    let number =
        |question: &str| connection.query_row(question, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    let version = number("SELECT n FROM version");
    let columns = text("SELECT group_concat(name) FROM pragma_table_info('notes')");
    let tables =
        text("SELECT group_concat(name) FROM (SELECT name FROM sqlite_master ORDER BY name)");
    assert_eq!(tables, "notes,version");
    assert_eq!(columns, if version == 1 { "id,text" } else { "id,length" });
    assert_eq!(number("SELECT count(*) FROM notes"), 500);
    if version == 1 {
        assert_eq!(
            number("SELECT count(*) FROM notes WHERE text LIKE 'note ' || id || '00%'"),
            500
        );
    }
    version
}

#[test]
fn a_new_version_is_backed_up_once_and_recorded() {
    let world = World::new("wal");
    let said = world.migrate("1.2.0", "good");
    assert_eq!((said.code, world.whole()), (0, 2), "{said:?}");
    assert!(said.stdout.contains("PROGRESS:100 Copying notes.db\n"), "{said:?}");
    assert_eq!(world.recorded().as_deref(), Some("1.2.0"));
    let kept = world.kept();
    assert_eq!(kept.len(), 1);
    assert!(
        kept[0].starts_with("notes-2") && kept[0].ends_with("Z-v1.2.0-before-update.sqlite"),
        "{kept:?}"
    );
    assert_eq!(whole(&world.backups().join(&kept[0])), 1);
    let said = world.migrate("1.2.0", "good");
    assert_eq!((said.code, world.kept()), (0, kept), "{said:?}");
    assert!(!said.stdout.contains("PROGRESS"), "{said:?}");
    assert!(!world.under_way());
}

#[test]
fn a_failed_update_leaves_the_database_as_it_was() {
    for mode in ["wal", "delete"] {
        let world = World::new(mode);
        for _ in 0..3 {
            let said = world.migrate("1.2.0", "fail");
            assert_eq!(said.code, 7, "{said:?}");
            let message = "The update of `notes` failed; the database is as it was before.";
            assert!(said.stderr.contains(message), "{said:?}");
            assert_eq!(world.whole(), 1);
            assert_eq!((world.recorded(), world.under_way()), (None, false));
            assert!(world.kept().is_empty(), "no heap of equal copies: {:?}", world.kept());
            assert!(world.beside(".failed-update").exists());
        }
        let said = world.migrate("1.2.1", "good");
        assert_eq!((said.code, world.whole()), (0, 2), "{said:?}");
        assert!(!world.beside(".failed-update").exists());
    }
}

#[test]
fn all_databases_come_back_and_new_ones_do_not_stay() {
    let world = World::new("wal");
    let (other, new) = (world.folder.path().join("other.db"), world.folder.path().join("new.db"));
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let mut request = world.request("2");
    request["databases"] = json!([
        { "name": "notes", "file": world.file() },
        { "name": "new", "file": new },
        { "name": "other", "file": other },
    ]);
    let script = "import sqlite3, sys\n\
                  for file in sys.argv[1:]: sqlite3.connect(file).execute('CREATE TABLE half (x)')\n\
                  sys.exit(5)";
    let mut helper = helper();
    helper.env("ENSCONCE_MIGRATE", request.to_string());
    helper.args(["migrate", "--", "python3", "-c", script]);
    let said: Said = helper.args([&world.file(), &new, &other]).output().unwrap().into();
    assert_eq!((said.code, world.whole()), (5, 1), "{said:?}");
    let message = "The update of `notes`, `other` failed; the databases are as they were before.";
    assert!(said.stderr.contains(message), "{said:?}");
    assert!(!new.exists() && world.folder.path().join("new.db.failed-update").exists());
    let half = "SELECT count(*) FROM sqlite_master WHERE name = 'half'";
    let half: i64 =
        Connection::open(&other).unwrap().query_row(half, [], |row| row.get(0)).unwrap();
    assert_eq!(half, 0);
}

#[test]
fn a_first_start_has_nothing_to_back_up() {
    let world = World::empty();
    let said = world.migrate("1.0.0", "good");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(world.file().exists() && world.kept().is_empty());
    assert_eq!(world.recorded().as_deref(), Some("1.0.0"));
}

#[test]
fn a_failed_first_start_leaves_no_half_made_database() {
    let world = World::empty();
    let said = world.migrate("1.0.0", "fail");
    assert_eq!(said.code, 7, "{said:?}");
    assert!(said.stderr.contains("failed before there was a database"), "{said:?}");
    assert!(!world.file().exists() && world.beside(".failed-update").exists());
    assert_eq!(world.migrate("1.0.0", "good").code, 0);
    assert!(world.file().exists() && !world.beside(".failed-update").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn backups_may_lie_on_another_disk() {
    use std::os::unix::fs::MetadataExt;
    let mut world = World::new("wal");
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    assert_ne!(device(elsewhere.path()), device(world.folder.path()), "one disk is no test");
    world.elsewhere = Some(elsewhere);
    let said = world.migrate("1.2.0", "fail");
    assert_eq!((said.code, world.whole()), (7, 1), "{said:?}");
    assert!(world.kept().is_empty() && !world.under_way());
    assert!(!world.beside(".restoring").exists());
    assert_eq!(world.migrate("1.2.0", "good").code, 0);
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn only_the_newest_backups_stay() {
    let world = World::new("delete");
    fs::create_dir(world.backups()).unwrap();
    for day in 1..=5 {
        let name = format!("notes-2020010{day}T000000Z-v0.{day}-before-update.sqlite");
        fs::copy(world.file(), world.backups().join(name)).unwrap();
        let name = format!("notes-2020010{day}T000000Z.sqlite");
        fs::copy(world.file(), world.backups().join(name)).unwrap();
    }
    assert_eq!(world.migrate("1.0.0", "good").code, 0);
    let kept = world.kept();
    assert_eq!(kept.iter().filter(|name| name.contains("before-update")).count(), 3, "{kept:?}");
    assert_eq!(kept.len(), 8, "{kept:?}");
}

#[test]
fn the_tasks_own_output_and_code_are_passed_on() {
    let world = World::new("wal");
    let said = world.migrate_by("1", &["python3", "-c", "print('PROGRESS:50 Half'); exit(9)"]);
    assert_eq!(said.code, 9, "{said:?}");
    assert!(said.stdout.contains("PROGRESS:50 Half\n"), "{said:?}");
    let said = world.migrate_by("1", &["/no/such/program"]);
    assert_eq!(said.code, 127, "{said:?}");
    assert!(said.stderr.contains("cannot be started"), "{said:?}");
    assert_eq!((world.whole(), world.under_way()), (1, false));
}

#[test]
fn damage_is_said_before_anything_is_done() {
    let world = World::new("delete");
    let mut bytes = fs::read(world.file()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 9000].fill(0xA5);
    fs::write(world.file(), &bytes).unwrap();
    fs::write(world.folder.path().join("unclean"), "").unwrap();
    let said = world.migrate("1.0.0", "good");
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.stderr.contains("is damaged") && said.stderr.contains("Backups are in"),
        "{said:?}"
    );
    assert_eq!(fs::read(world.file()).unwrap(), bytes);
    fs::write(world.file(), "no database ".repeat(500)).unwrap();
    fs::remove_file(world.folder.path().join("unclean")).unwrap();
    let said = world.migrate("1.0.0", "good");
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!((world.recorded(), world.under_way()), (None, false));
}

#[test]
fn requests_that_are_none() {
    let world = World::new("wal");
    let with = |request: String| -> Said {
        helper()
            .env("ENSCONCE_MIGRATE", request)
            .args(["migrate", "--", "true"])
            .output()
            .unwrap()
            .into()
    };
    for request in ["", "{}", "[]"] {
        assert_eq!(with(request.to_owned()).code, 2, "{request}");
    }
    let mut request = world.request("1");
    request["databases"][0]["name"] = json!("../notes");
    let said = with(request.to_string());
    assert_eq!(said.code, 2, "{said:?}");
    let said: Said = helper().args(["migrate", "--", "true"]).output().unwrap().into();
    assert_eq!(said.code, 2, "{said:?}");
    fs::write(world.backups(), "a file where the folder should be").unwrap();
    assert_eq!(world.migrate("1", "good").code, 4);
    assert_eq!(world.whole(), 1);
}

#[test]
fn notes_that_cannot_be_read_are_set_aside() {
    let world = World::new("wal");
    fs::create_dir(world.backups()).unwrap();
    fs::write(world.backups().join("update-in-progress.json"), "{\"format\": 9").unwrap();
    fs::write(world.backups().join("migrated.json"), "{").unwrap();
    let said = world.migrate("1.0.0", "good");
    assert_eq!((said.code, world.whole()), (0, 2), "{said:?}");
    assert!(said.stderr.contains("cannot be read; it is kept as"), "{said:?}");
    let aside = fs::read_dir(world.backups()).unwrap().flatten();
    let aside = aside.filter(|entry| entry.file_name().to_string_lossy().contains("unresolved"));
    assert_eq!(aside.count(), 1);
}

#[cfg(unix)]
mod ended {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process, kill_process_group};

    use super::*;

    /// An update that hangs half-way.
    fn hanging(world: &World) -> Child {
        let mut command = world.command("1.2.0", "hang");
        let child =
            command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while !half_done(world) {
            assert!(begun.elapsed() < Duration::from_secs(30));
            thread::sleep(Duration::from_millis(10));
        }
        child
    }

    fn half_done(world: &World) -> bool {
        let connection = Connection::open(world.file()).unwrap();
        connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'notes'", [], |row| {
            row.get(0)
        }) == Ok(0)
    }

    fn interrupted(world: &World) {
        assert!(world.under_way());
        let said = world.migrate("1.2.0", "fail");
        assert!(
            said.stderr.contains("The last update was interrupted; the database is as it was"),
            "{said:?}"
        );
        assert_eq!((said.code, world.whole()), (7, 1));
    }

    #[test]
    fn told_to_end_it_ends_the_task_and_begins_anew_the_next_time() {
        let world = World::new("wal");
        for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
            let mut child = hanging(&world);
            kill_process(Pid::from_child(&child), signal).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(code));
            interrupted(&world);
        }
    }

    #[test]
    fn a_task_that_says_all_is_well_when_told_to_end_is_not_believed() {
        let world = World::new("wal");
        let script = "import signal, sys, time\n\
                      signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n\
                      print('ready', flush=True)\n\
                      time.sleep(60)";
        let mut command = helper();
        command.env("ENSCONCE_MIGRATE", world.request("1.2.0").to_string());
        let mut child = command
            .args(["migrate", "--", "python3", "-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        assert!(lines.any(|line| line.unwrap() == "ready"));
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(143));
        assert!(world.under_way() && world.recorded().is_none());
    }

    #[test]
    fn killed_with_its_task_it_begins_anew() {
        let world = World::new("delete");
        let mut child = hanging(&world);
        kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
        interrupted(&world);
    }

    #[test]
    fn a_task_that_outlives_the_helper_is_waited_for() {
        let world = World::new("wal");
        let mut child = hanging(&world);
        let group = Pid::from_child(&child);
        child.kill().unwrap();
        child.wait().unwrap();
        let next = {
            let mut command = world.command("1.2.0", "fail");
            thread::spawn(move || Said::from(command.output().unwrap()))
        };
        thread::sleep(Duration::from_millis(500));
        assert!(!next.is_finished() && half_done(&world));
        kill_process_group(group, Signal::KILL).unwrap();
        let said = next.join().unwrap();
        assert_eq!((said.code, world.whole()), (7, 1), "{said:?}");
    }

    #[test]
    fn a_backup_that_vanished_is_said_once_and_nothing_is_touched() {
        let world = World::new("delete");
        let mut child = hanging(&world);
        kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
        fs::remove_file(world.backups().join(&world.kept()[0])).unwrap();
        let said = world.migrate("1.2.0", "good");
        assert_eq!(said.code, 3, "{said:?}");
        assert!(said.stderr.contains("is missing or not whole"), "{said:?}");
        assert!(half_done(&world) && !world.under_way());
    }

    #[test]
    fn a_folder_that_moved_is_found_again() {
        let mut world = World::new("delete");
        let mut child = hanging(&world);
        kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
        let moved = tempfile::tempdir().unwrap();
        fs::remove_dir(moved.path()).unwrap();
        fs::rename(world.folder.path(), moved.path()).unwrap();
        world.folder = moved;
        interrupted(&world);
    }
}
