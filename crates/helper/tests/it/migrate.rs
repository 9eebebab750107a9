//! Updates that go well, fail, are ended, or cannot begin.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_protocol::{
    BackupNote, BackupReason, DataLock, DataRecord, DatabaseFile, MigrationRequest,
};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::home::names;
use crate::task;
use crate::world::{Said, helper};

/// A database of version 1, and a folder for its backups.
pub(crate) struct World {
    folder: TempDir,
    /// Another folder for the backups, on another disk for instance.
    elsewhere: Option<TempDir>,
    mode: &'static str,
    /// The version in which the task last succeeded, which the app remembers.
    pub(crate) done: RefCell<Option<String>>,
}

impl World {
    pub(crate) fn empty() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    pub(crate) fn within(folder: TempDir) -> Self {
        fs::write(folder.path().join("running.json"), r#"{ "launch": "one" }"#).unwrap();
        Self { folder, elsewhere: None, mode: "wal", done: RefCell::new(None) }
    }

    pub(crate) fn new(mode: &'static str) -> Self {
        let world = Self { mode, ..Self::empty() };
        world.create();
        world
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn create(&self) {
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

    pub(crate) fn lock(&self) -> DataLock {
        DataLock {
            file: self.folder.path().join("data.lock"),
            announcement: self.folder.path().join("running.json"),
            launch: "one".to_owned(),
            data: self.folder.path().to_owned(),
            updates: self.backups(),
        }
    }

    fn database(&self, name: &str, file: PathBuf) -> DatabaseFile {
        DatabaseFile { name: name.to_owned(), file }
    }

    pub(crate) fn request(&self, version: &str) -> MigrationRequest {
        MigrationRequest {
            task: "migrate".to_owned(),
            databases: vec![self.database("notes", self.file())],
            folder: self.backups(),
            version: version.to_owned(),
            done: self.done.borrow().clone(),
            record: DataRecord { version: Some("0.9".to_owned()), ..DataRecord::default() },
            keep: 3,
            unclean: self.folder.path().join("unclean"),
            lock: self.lock(),
        }
    }

    /// The helper with a request, without the task.
    pub(crate) fn asked(&self, request: &MigrationRequest) -> Command {
        let mut helper = helper();
        helper.env(MigrationRequest::VARIABLE, serde_json::to_string(request).unwrap());
        helper.args(["migrate", "--"]);
        helper
    }

    /// The helper around the task.
    pub(crate) fn command(&self, version: &str, mode: &str) -> Command {
        let mut helper = self.asked(&self.request(version));
        helper.args(task::command());
        task::told(&mut helper, &self.file(), mode);
        helper
    }

    /// Runs the task, and remembers what the app does.
    pub(crate) fn migrate(&self, version: &str, mode: &str) -> Said {
        let said = Said::from(self.command(version, mode).output().unwrap());
        if said.code == 0 {
            *self.done.borrow_mut() = Some(version.to_owned());
        }
        said
    }

    fn migrate_by(&self, version: &str, command: &[&str]) -> Said {
        self.asked(&self.request(version)).args(command).output().unwrap().into()
    }

    /// The version of a database that is whole: all of version 1, or all of 2.
    #[track_caller]
    pub(crate) fn whole(&self) -> i64 {
        whole(&self.file())
    }

    /// The names of the backups.
    pub(crate) fn kept(&self) -> Vec<String> {
        if !self.backups().exists() {
            return Vec::new();
        }
        names(&self.backups()).into_iter().filter(|name| name.contains(".sqlite")).collect()
    }

    /// What is noted of a backup.
    fn note(&self, backup: &str) -> BackupNote {
        let note = self.backups().join(backup).with_extension("json");
        serde_json::from_str(&fs::read_to_string(note).unwrap()).unwrap()
    }

    pub(crate) fn under_way(&self) -> bool {
        let note = fs::read_to_string(self.backups().join("migrate.update"));
        note.is_ok_and(|note| !note.starts_with("{\"phase\":\"done\""))
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
fn a_new_version_is_backed_up_once() {
    let world = World::new("wal");
    let said = world.migrate("1.2.0", "good");
    assert_eq!((said.code, world.whole()), (0, 2), "{said:?}");
    assert!(said.stdout.contains("PROGRESS:100 Copying notes.db\n"), "{said:?}");
    let kept = world.kept();
    assert_eq!(kept.len(), 1);
    assert!(
        kept[0].starts_with("notes-2") && kept[0].ends_with("Z-before-1.2.0.sqlite"),
        "{kept:?}"
    );
    assert_eq!(whole(&world.backups().join(&kept[0])), 1);
    let note = world.note(&kept[0]);
    assert_eq!((note.database.as_str(), note.reason), ("notes", BackupReason::BeforeUpdate));
    assert_eq!(note.record, world.request("1.2.0").record, "what the copy is of");
    assert_eq!(note.update_to.as_deref(), Some("1.2.0"));
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
            assert!(!world.under_way());
            assert_eq!(names(&world.backups()), [""; 0], "no heap of equal copies, and no notes");
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
    request.databases = vec![
        world.database("notes", world.file()),
        world.database("new", new.clone()),
        world.database("other", other.clone()),
    ];
    let script = "import sqlite3, sys\n\
                  for file in sys.argv[1:]: sqlite3.connect(file).execute('CREATE TABLE half (x)')\n\
                  sys.exit(5)";
    let mut helper = world.asked(&request);
    helper.args(["python3", "-c", script]);
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
    assert!(!world.beside(".putting-back").exists());
    assert_eq!(world.migrate("1.2.0", "good").code, 0);
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn only_the_newest_backups_stay() {
    let world = World::new("delete");
    fs::create_dir(world.backups()).unwrap();
    for day in 1..=5 {
        for (ending, reason) in [
            (format!("-before-0.{day}"), BackupReason::BeforeUpdate),
            (String::new(), BackupReason::Scheduled),
            ("-manual".to_owned(), BackupReason::Manual),
        ] {
            let name = format!("notes-2020010{day}T000000Z{ending}");
            fs::copy(world.file(), world.backups().join(format!("{name}.sqlite"))).unwrap();
            let note = BackupNote {
                database: "notes".to_owned(),
                at: format!("2020-01-0{day}T00:00:00Z"),
                reason,
                record: DataRecord::default(),
                update_to: None,
            };
            let note = serde_json::to_string(&note).unwrap();
            fs::write(world.backups().join(format!("{name}.json")), note).unwrap();
        }
    }
    assert_eq!(world.migrate("1.0.0", "good").code, 0);
    let kept = world.kept();
    assert_eq!(kept.iter().filter(|name| name.contains("before-")).count(), 3, "{kept:?}");
    assert_eq!(kept.len(), 13, "{kept:?}");
    assert_eq!(names(&world.backups()).len(), 27, "each has its note, and so has the update");
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
    assert!(!world.under_way());
}

#[test]
fn requests_that_are_none() {
    let world = World::new("wal");
    let with = |request: &str| -> Said {
        let mut helper = helper();
        helper.env(MigrationRequest::VARIABLE, request).args(["migrate", "--", "true"]);
        helper.output().unwrap().into()
    };
    for request in ["", "{}", "[]"] {
        assert_eq!(with(request).code, 2, "{request}");
    }
    let mut request = json!(world.request("1"));
    request["more"] = json!(1);
    assert_eq!(with(&request.to_string()).code, 2);
    let mut request = world.request("1");
    request.databases[0].name = "../notes".to_owned();
    assert_eq!(world.asked(&request).arg("true").output().unwrap().status.code(), Some(2));
    let said: Said = helper().args(["migrate", "--", "true"]).output().unwrap().into();
    assert_eq!(said.code, 2, "{said:?}");
    fs::write(world.backups(), "a file where the folder should be").unwrap();
    assert_eq!(world.migrate("1", "good").code, 4);
    assert_eq!(world.whole(), 1);
}

#[cfg(unix)]
pub(crate) mod ended {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Stdio};

    use rustix::process::{Pid, Signal, kill_process, kill_process_group};

    use super::*;
    use crate::home::wait_until;

    /// An update that hangs half-way.
    pub(crate) fn hanging(world: &World) -> Child {
        let mut command = world.command("1.2.0", "hang");
        let child =
            command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until("the task hangs", || half_done(world));
        child
    }

    pub(crate) fn half_done(world: &World) -> bool {
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
        let mut child = world
            .asked(&world.request("1.2.0"))
            .args(["python3", "-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        assert!(lines.any(|line| line.unwrap() == "ready"));
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(143));
        assert!(world.under_way());
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
