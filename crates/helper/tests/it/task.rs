//! A task that migrates a database in several transactions, well or badly: this very program,
//! started again as another.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

/// The arguments that make this program the task.
pub(crate) fn command() -> Vec<OsString> {
    let program = std::env::current_exe().unwrap();
    let mut command = vec![program.into_os_string()];
    command.extend(["--exact", "task::acts", "--ignored", "--nocapture", "-q"].map(OsString::from));
    command
}

/// Tells a command what its task is to do.
pub(crate) fn told<'a>(command: &'a mut Command, file: &Path, mode: &str) -> &'a mut Command {
    command.env("TASK_FILE", file).env("TASK_MODE", mode)
}

#[test]
#[ignore = "is what other tests start"]
fn acts() {
    let Some(file) = std::env::var_os("TASK_FILE") else { return };
    let mode = std::env::var("TASK_MODE").unwrap();
    assert!(std::env::var_os("ENSCONCE_MIGRATE").is_none(), "the request is not for the task");
    std::process::exit(migrate(Path::new(&file), &mode));
}

/// From version 1 to 2, in transactions that each leave something half-done.
fn migrate(file: &Path, mode: &str) -> i32 {
    let connection = Connection::open(file).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    let version: i64 =
        connection.query_row("SELECT n FROM version", [], |row| row.get(0)).unwrap_or(0);
    if version == 2 {
        return 0;
    }
    let steps = [
        "CREATE TABLE IF NOT EXISTS version (n INTEGER)",
        "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)",
        "ALTER TABLE notes ADD COLUMN length INTEGER",
        "UPDATE notes SET length = length(text), text = 'half' WHERE id % 2 = 0",
        "UPDATE notes SET length = length(text), text = 'half' WHERE id % 2 = 1",
        "CREATE TABLE new_notes AS SELECT id, length FROM notes",
        "DROP TABLE notes",
        "ALTER TABLE new_notes RENAME TO notes",
        "DELETE FROM version; INSERT INTO version VALUES (2)",
    ];
    for (number, step) in steps.iter().enumerate() {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {step}; COMMIT;")).unwrap();
        match mode {
            "fail" if number == 6 => return 7,
            "hang" if number == 6 => thread::sleep(Duration::from_secs(3600)),
            _ => thread::sleep(Duration::from_millis(1)),
        }
    }
    0
}
