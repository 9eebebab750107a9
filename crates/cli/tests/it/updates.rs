//! Updates of databases that are killed: nothing uses what they have left half-done.

use std::fs;
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::running::Running;
use crate::world::{PAGES, World, eventually};

/// Updates databases to version 2 in a way that cannot be done twice, and waits in between for as
/// long as it is told to.
const MIGRATE: &str = r#"
import os, sqlite3, sys, time
for file in sys.argv[1:]:
    database = sqlite3.connect(file)
    if not database.execute("PRAGMA table_info(notes)").fetchall():
        database.execute("CREATE TABLE notes (text)")
        database.execute("INSERT INTO notes VALUES ('first')")
        database.commit()
    if os.environ["VERSION"] >= "2":
        database.execute("ALTER TABLE notes ADD COLUMN colour")
        database.commit()
        while os.path.exists("hold"): time.sleep(0.005)
        database.execute("UPDATE notes SET colour = 'red'")
        database.commit()
"#;

const APP: &str = r#"
[task.migrate]
command = ["{python}", "migrate.py", "{data}/notes.db", "{data}/other.db"]
env = { VERSION = "{app.version}" }
when = "update"

[service.other]
command = ["sleep", "1000"]
needs = ["migrate"]

[database.main]
file = "{data}/notes.db"
migrate = "migrate"

[database.other]
file = "{data}/other.db"
migrate = "migrate"
"#;

/// Version 1 has run once, and there is a backup of each database.
fn world() -> World {
    let world = World::new(&format!("{PAGES}{APP}"));
    world.write("migrate.py", MIGRATE);
    run_once(&world);
    says(&world, "backup", 0);
    world
}

fn version(world: &World, version: &str) {
    let file = world.app().join("ensconce.toml");
    let text = fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(|line| match line.starts_with("version = ") {
        true => format!("version = \"{version}\"\n"),
        false => format!("{line}\n"),
    });
    let edited: String = lines.collect();
    assert!(edited.contains(version), "{text}");
    fs::write(file, edited).unwrap();
}

fn run_once(world: &World) {
    let app = world.start("run --headless");
    app.line();
    assert_eq!(app.stop().code, Some(0));
}

fn says(world: &World, line: &str, code: i32) -> String {
    let output = world.command(line).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{line}: {text}");
    text
}

/// What a database answers, each row on its line.
fn ask(world: &World, file: &str, question: &str) -> String {
    let script = "import sqlite3, sys\n\
                  database = sqlite3.connect(sys.argv[1], timeout=60)\n\
                  for row in database.execute(sys.argv[2]): print(*row, sep='|')\n\
                  database.commit()";
    let mut python = Command::new("python3");
    let output = python.args(["-c", script]).arg(world.data(file)).arg(question).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn columns(world: &World, file: &str) -> String {
    let names = ask(world, file, "SELECT name FROM pragma_table_info('notes')");
    names.split_whitespace().collect::<Vec<_>>().join(",")
}

/// Starts version 2, whose task stands still when it has changed the first database.
fn begin_update(world: &World) -> Running {
    version(world, "2.0.0");
    world.write("hold", "");
    let app = world.start("run --headless");
    eventually("the update is half done", || columns(world, "notes.db") == "text,colour");
    app
}

fn release(world: &World) {
    fs::remove_file(world.app().join("hold")).unwrap();
}

fn kill(world: &World, app: Running) {
    app.signal(Signal::KILL);
    app.end();
    eventually("all of it is gone", || world.processes().is_empty());
}

/// Version 2 was killed in the midst of its update; now there is version 1 again.
fn back_to_1() -> World {
    let world = world();
    let app = begin_update(&world);
    kill(&world, app);
    release(&world);
    version(&world, "1.0.0");
    world
}

/// Names in the folder of backups.
fn backups(world: &World, name: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(world.data(".ensconce/backups")).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|one| one.starts_with(name) && one.ends_with(ending)).collect();
    names.sort();
    names
}

#[test]
fn a_start_of_the_former_version_has_the_data_as_it_was() {
    let world = back_to_1();
    let app = world.start("run --headless");
    app.line();
    assert_eq!(columns(&world, "notes.db"), "text");
    ask(&world, "notes.db", "INSERT INTO notes VALUES ('written by version 1')");
    assert_eq!(app.stop().code, Some(0));
    // Nor does the next update take that away.
    version(&world, "2.0.0");
    run_once(&world);
    let all = ask(&world, "notes.db", "SELECT text, colour FROM notes ORDER BY rowid");
    assert_eq!(all, "first|red\nwritten by version 1|red\n");
    world.assert_clean();
}

#[test]
fn restoring_one_database_leaves_no_other_half_updated() {
    let world = back_to_1();
    says(&world, "restore other", 0);
    for file in ["notes.db", "other.db"] {
        assert_eq!(columns(&world, file), "text", "{file}");
    }
    run_once(&world);
    version(&world, "2.0.0");
    run_once(&world);
    for file in ["notes.db", "other.db"] {
        assert_eq!(ask(&world, file, "SELECT * FROM notes"), "first|red\n", "{file}");
    }
    world.assert_clean();
}

#[test]
fn nothing_half_updated_is_backed_up_or_exported() {
    for line in ["backup main", "export all.ensconce"] {
        let world = back_to_1();
        says(&world, line, 0);
        assert_eq!(columns(&world, "notes.db"), "text", "{line}");
        match line {
            "backup main" => says(&world, "restore main", 0),
            _ => says(&world, "import all.ensconce", 0),
        };
        run_once(&world);
        assert_eq!(columns(&world, "notes.db"), "text", "{line}");
        world.assert_clean();
    }
}

/// The task has succeeded, and the app is killed before it can write that down.
#[test]
fn an_update_that_was_done_is_not_begun_again() {
    let world = world();
    let app = begin_update(&world);
    app.signal(Signal::STOP);
    release(&world);
    let is_helper = |line: &String| line.contains("ensconce-helper");
    eventually("the update has ended", || !world.processes().iter().any(is_helper));
    kill(&world, app);
    for _ in 0..2 {
        run_once(&world);
        assert_eq!(ask(&world, "notes.db", "SELECT * FROM notes"), "first|red\n");
    }
    // From now on, only the record says so.
    assert_eq!(backups(&world, "", ".update"), [""; 0]);
    world.assert_clean();
}

#[test]
fn a_backup_that_waits_for_an_update_says_what_it_is_of() {
    let world = world();
    let before = backups(&world, "main", ".json");
    let app = begin_update(&world);
    let mut backup = world.command("backup main");
    let backup = backup.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let waits = |line: &String| line.contains("ensconce-helper run");
    eventually("the backup waits", || world.processes().iter().any(waits));
    release(&world);
    let said = backup.wait_with_output().unwrap();
    assert!(said.status.success(), "{said:?}");
    app.line();
    assert_eq!(app.stop().code, Some(0));
    let is_new = |name: &String| name.contains("-manual") && !before.contains(name);
    let made = backups(&world, "main", ".json").into_iter().find(is_new).unwrap();
    let note = fs::read(world.data(".ensconce/backups").join(made)).unwrap();
    let note: Value = serde_json::from_slice(&note).unwrap();
    assert_eq!(note["record"]["tasks"]["migrate"], "2.0.0", "{note}");
    assert_eq!(note["record"]["version"], "2.0.0", "{note}");
    world.assert_clean();
}

/// The manifest is edited back while an update runs: what the task has left is put back before
/// anything else runs, although the task itself is left out.
#[test]
fn an_update_that_an_edit_ends_is_undone() {
    let world = world();
    version(&world, "1.0.1");
    let app = world.start("dev --headless");
    app.line();
    world.write("hold", "");
    version(&world, "2.0.0");
    eventually("the update is half done", || columns(&world, "notes.db") == "text,colour");
    version(&world, "1.0.1");
    eventually("it is undone", || columns(&world, "notes.db") == "text");
    assert_eq!(app.stop().code, Some(0));
    release(&world);
    version(&world, "2.0.0");
    run_once(&world);
    assert_eq!(ask(&world, "notes.db", "SELECT * FROM notes"), "first|red\n");
    world.assert_clean();
}
