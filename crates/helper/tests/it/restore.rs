//! Backups that are put back.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::home::{Home, names, record, text, value, write};
use crate::world::Said;

/// Where a restore says that the present data is kept.
fn kept(said: &Said) -> PathBuf {
    PathBuf::from(said.answer()["recovered"]["kept"].as_str().unwrap())
}

#[test]
fn a_backup_comes_back_and_the_present_is_kept() {
    for mode in ["wal", "delete"] {
        let home = Home::with_database(mode);
        let file = home.path("data/notes.db");
        let backup = home.backed_up();
        write(&file, "new");
        let said = home.run(home.stage_restore(&backup));
        said.is("ok");
        assert_eq!(text(&file), "new", "nothing is replaced yet");
        assert_eq!(said.answer().get("recovered"), None);
        let said = home.run(home.restore());
        said.is("ok").says("as it was in the backup");
        let recovered = &said.answer()["recovered"];
        assert_eq!(recovered["databases"], json!(["main"]));
        assert_eq!(recovered["record"], json!(record("1.0")));
        assert_eq!(recovered["settings"], Value::Null);
        assert_eq!(text(&file), "old", "{mode}");
        let kept = kept(&said);
        assert!(kept.to_string_lossy().contains("notes.db.before-restore-"), "{kept:?}");
        assert_eq!(text(&kept), "new", "{mode}");
        assert!(backup.exists());
        home.run(home.forget()).is("ok");
        home.assert_at_rest();
        assert_eq!(home.names("data").len(), 3, "{:?}", home.names("data"));
    }
}

#[test]
fn what_the_app_could_not_take_over_is_taken_back() {
    for mode in ["wal", "delete"] {
        let home = Home::with_database(mode);
        let file = home.path("data/notes.db");
        let backup = home.backed_up();
        write(&file, "new");
        home.note_update("migrate", "main");
        home.restored(&backup).is("ok");
        assert!(!home.void().exists(), "the note is of other data now");
        // As a look at the new data leaves it.
        Connection::open(&file).unwrap().execute_batch("PRAGMA journal_mode = wal").unwrap();
        fs::write(home.path("data/notes.db-wal"), "of the new database").unwrap();
        home.run(home.undo()).is("ok").says("as it was before");
        assert_eq!(text(&file), "new");
        assert_eq!(value(&file, "PRAGMA journal_mode"), mode, "also in how it works");
        assert!(home.void().exists());
        home.assert_at_rest();
        assert_eq!(names(&home.path("data")), [".ensconce", "notes.db"]);
        home.run(home.undo()).is("ok");
        assert_eq!(text(&file), "new", "once is enough");
    }
}

#[test]
fn the_note_of_an_update_is_void_in_the_end() {
    let home = Home::with_database("wal");
    let backup = home.backed_up();
    home.note_update("migrate", "main");
    home.restored(&backup).is("ok");
    home.run(home.forget()).is("ok");
    home.assert_at_rest();
    assert!(!home.void().exists());
}

#[test]
fn a_swap_that_is_settled_is_reported_until_it_is_forgotten() {
    let home = Home::with_database("wal");
    let backup = home.backed_up();
    let recovered = home.restored(&backup).answer()["recovered"].clone();
    for _ in 0..2 {
        assert_eq!(home.run(home.recover()).answer()["recovered"], recovered);
    }
    home.run(home.forget()).is("ok");
    assert_eq!(home.run(home.recover()).answer().get("recovered"), None);
    home.run(home.forget()).is("ok");
}

#[test]
fn a_log_of_the_old_file_does_not_tear_the_new_one() {
    let mut home = Home::with_database("wal");
    let backup = home.backed_up();
    // As a crash leaves it: a log with changes that are not in the file.
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE notes SET text = 'new'")
        .unwrap();
    fs::create_dir(home.path("data/crashed")).unwrap();
    for side in ["", "-wal"] {
        let from = home.path(&format!("data/notes.db{side}"));
        fs::copy(from, home.path(&format!("data/crashed/notes.db{side}"))).unwrap();
    }
    home.databases.clear();
    home.add("main", "data/crashed/notes.db");
    let said = home.restored(&backup);
    said.is("ok");
    assert_eq!(text(&kept(&said)), "new");
    assert_eq!(text(&home.path("data/crashed/notes.db")), "old");
}

#[test]
fn a_damaged_file_is_replaced_and_kept_with_all_that_belongs_to_it() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    home.write("data/notes.db", &"rubbish ".repeat(1000));
    home.write("data/notes.db-wal", "rubbish");
    home.write("data/notes.db-journal", "rubbish");
    let said = home.restored(&backup);
    said.is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "old");
    let kept = kept(&said);
    assert!(fs::read_to_string(&kept).unwrap().starts_with("rubbish"));
    for side in ["-wal", "-journal"] {
        assert!(!home.path(&format!("data/notes.db{side}")).exists());
    }
}

#[test]
fn a_damaged_backup_replaces_nothing() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 1000].fill(0xA5);
    fs::write(&backup, bytes).unwrap();
    write(&home.path("data/notes.db"), "new");
    let said = home.run(home.stage_restore(&backup));
    said.is("damaged");
    assert_eq!(said.code, 3);
    home.run(home.stage_restore(Path::new("/no/such/backup.sqlite"))).is("missing");
    home.run(home.restore()).is("incomplete");
    home.assert_at_rest();
    assert_eq!(text(&home.path("data/notes.db")), "new");
}

#[test]
fn only_what_was_staged_for_a_database_is_restored() {
    let mut home = Home::with_database("delete");
    let backup = home.backed_up();
    home.run(home.stage_restore(&backup)).is("ok");
    // Another one, with a file that only looks as if it were staged.
    home.databases.clear();
    home.add("other", "data/other.db");
    fs::copy(&backup, home.path("data/other.db.restoring")).unwrap();
    home.run(home.restore()).is("incomplete").says("try again");
    assert!(!home.path("data/other.db").exists());
    home.run(home.import()).is("incomplete");
    home.run(home.recover()).is("ok");
    assert_eq!(
        home.names("data"),
        [".ensconce", "notes.db", "other.db.restoring"],
        "only what was staged is removed"
    );
}

#[test]
fn another_backup_is_staged_instead() {
    let home = Home::with_database("delete");
    let file = home.path("data/notes.db");
    let first = home.backed_up();
    write(&file, "second");
    let second = home.backed_up();
    write(&file, "new");
    home.run(home.stage_restore(&first)).is("ok");
    home.run(home.stage_restore(&second)).is("ok");
    home.run(home.restore()).is("ok");
    assert_eq!(text(&file), "second");
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let home = Home::with_database("wal");
    let backup = home.backed_up();
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
    connection.execute_batch("BEGIN; SELECT * FROM notes LIMIT 1;").unwrap();
    let said = home.restored(&backup);
    said.is("busy").says("in use by another program");
    connection.execute_batch("COMMIT; UPDATE notes SET text = 'new'").unwrap();
    home.assert_at_rest();
    assert_eq!(text(&home.path("data/notes.db")), "new");
}

/// One that does nothing right now goes on to write to a file that was moved away.
#[test]
fn a_database_that_is_only_open_is_not_replaced() {
    let home = Home::with_database("wal");
    let backup = home.backed_up();
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
    connection.query_row("SELECT count(*) FROM notes", [], |_| Ok(())).unwrap();
    home.restored(&backup).is("busy");
    assert_eq!(value(&home.path("data/notes.db"), "PRAGMA journal_mode"), "wal");
}

#[test]
fn a_backup_comes_where_nothing_was() {
    let mut home = Home::with_database("delete");
    let backup = home.backed_up();
    home.databases.clear();
    home.add("main", "data/deep/er/new.db");
    let said = home.restored(&backup);
    said.is("ok");
    assert_eq!(said.answer()["recovered"]["kept"], Value::Null);
    assert_eq!(text(&home.path("data/deep/er/new.db")), "old");
    home.run(home.undo()).is("ok");
    assert!(!home.path("data/deep/er/new.db").exists());
    home.assert_at_rest();
}

/// Clocks tell only seconds apart, and some are set back.
#[test]
fn what_was_kept_before_is_never_replaced() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    for number in 0..4 {
        write(&home.path("data/notes.db"), &format!("state {number}"));
        home.restored(&backup).is("ok");
        home.run(home.forget()).is("ok");
    }
    let kept = home.names("data").into_iter().filter(|name| name.contains(".before-restore-"));
    let mut kept: Vec<String> = kept.map(|name| text(&home.path("data").join(name))).collect();
    kept.sort();
    assert_eq!(kept, ["state 0", "state 1", "state 2", "state 3"]);
}

#[test]
fn nothing_is_begun_while_something_is_unfinished() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    home.restored(&backup).is("ok");
    home.run(home.stage_restore(&backup)).is("unfinished").says("Nothing is lost");
    home.run(home.restore()).is("unfinished");
    home.run(home.undo()).is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "new");
    home.run(home.stage_restore(&backup)).is("ok");
    home.run(home.forget()).is("unfinished");
    home.run(home.restore()).is("ok");
}

#[test]
fn a_staged_copy_that_has_vanished_replaces_nothing() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    home.note_update("migrate", "main");
    home.run(home.stage_restore(&backup)).is("ok");
    fs::remove_file(home.path("data/notes.db.restoring")).unwrap();
    home.run(home.restore()).is("gone").says("notes.db.restoring` is gone");
    assert_eq!(text(&home.path("data/notes.db")), "new");
    assert!(home.void().exists());
    home.assert_at_rest();
}

/// Otherwise the app could never start again.
#[test]
fn a_swap_that_cannot_be_finished_is_taken_back() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    home.restored(&backup).is("ok");
    // As if all had been killed before the last step, and the staged copy removed.
    let journal = fs::read_to_string(home.journal()).unwrap();
    fs::write(home.journal(), journal.replacen("\"settled\"", "\"new\"    ", 1)).unwrap();
    fs::remove_file(home.path("data/notes.db")).unwrap();
    let said = home.run(home.recover());
    said.is("ok").says("could not be replaced, and is as it was before");
    assert_eq!(said.answer().get("recovered"), None);
    assert_eq!(text(&home.path("data/notes.db")), "new");
    home.assert_at_rest();
}

#[test]
fn new_data_is_not_given_up_for_old_that_is_gone() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    let said = home.restored(&backup);
    let kept = kept(&said);
    let hidden = home.path("hidden.db");
    fs::rename(&kept, &hidden).unwrap();
    home.run(home.undo()).is("unfinished").says("before-restore-").says("is gone");
    assert_eq!(text(&home.path("data/notes.db")), "old");
    assert_eq!(home.run(home.recover()).answer()["recovered"], said.answer()["recovered"]);
    fs::rename(&hidden, &kept).unwrap();
    home.run(home.undo()).is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "new");
}

#[test]
fn a_journal_that_cannot_be_understood_is_not_guessed_at() {
    let home = Home::with_database("delete");
    let backup = home.backed_up();
    home.restored(&backup).is("ok");
    let mut text = fs::read_to_string(home.journal()).unwrap();
    text = text.replacen("\"settled\"", "\"sunk\"   ", 1);
    fs::write(home.journal(), &text).unwrap();
    for work in
        [home.recover(), home.undo(), home.forget(), home.restore(), home.stage_restore(&backup)]
    {
        home.run(work).is("journal").says("cannot be understood");
    }
    assert_eq!(fs::read_to_string(home.journal()).unwrap(), text);
}
