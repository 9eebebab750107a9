//! Files of the app, or of somebody, that look like Ensconce's own.

use std::fs;

use crate::archive::{exported, full};
use crate::home::{Home, write};
use crate::world::work;

/// What somebody has put beside a database, the data and an export; all of it stays.
const LOOK_ALIKES: [&str; 10] = [
    "data/copy.sqlite.part",
    "data/other.db.restoring",
    "data/other.db.importing",
    "data/other.db.before-restore-20260101T000000Z",
    "data/notes.db.void",
    "data/note.json.new",
    "data/.new-abc",
    "data.before-import-20260101T000000Z/mine.txt",
    "out.ensconce.part",
    "out.ensconce.part-databases/mine.txt",
];

fn put(home: &Home) {
    for name in LOOK_ALIKES {
        home.write(name, "mine");
    }
}

#[track_caller]
fn are_there(home: &Home, within: &str) {
    for name in LOOK_ALIKES.iter().filter(|name| name.starts_with(within)) {
        assert_eq!(home.read(name), "mine", "{name}");
    }
}

#[test]
fn files_that_look_like_ours_stay() {
    let home = full();
    put(&home);
    let backup = home.backed_up();
    home.run(home.export()).is("ok");
    work(ensconce_protocol::HelperWork::CheckExport {
        to: home.path("out.ensconce"),
        data: home.path("data"),
        databases: Vec::new(),
    })
    .is("ok");
    are_there(&home, "");
    home.run(home.recover()).is("ok");
    are_there(&home, "");
    for end in [home.undo(), home.forget()] {
        home.restored(&backup).is("ok");
        home.run(end).is("ok");
        are_there(&home, "");
    }
    home.run(home.stage_restore(&backup)).is("ok");
    home.run(home.recover()).is("ok");
    are_there(&home, "");
    for end in [home.undo(), home.forget()] {
        home.imported().is("ok");
        home.run(end).is("ok");
        are_there(&home, "");
    }
    home.run(home.unpack()).is("ok");
    home.run(home.recover()).is("ok");
    are_there(&home, "");
}

/// What has a name that is needed is not taken for a leftover: the work is refused.
#[test]
fn a_file_with_a_name_that_is_needed_is_in_the_way() {
    let mut home = exported();
    home.add("far", "far/far.db");
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    let before = home.content("data");
    for name in ["data/notes.db.restoring", "data/notes.db.restoring.part"] {
        home.write(name, "mine");
        home.run(home.stage_restore(&backup)).is("taken").says("is in the way").says("Rename it");
        home.run(home.recover()).is("ok");
        assert_eq!(home.read(name), "mine");
        fs::remove_file(home.path(name)).unwrap();
    }
    for name in ["data.importing/mine.txt", "far/far.db.importing"] {
        home.write(name, "mine");
        home.run(home.unpack()).is("taken").says("is in the way");
        home.run(home.import()).is("incomplete");
        home.run(home.recover()).is("ok");
        assert_eq!(home.read(name), "mine");
        fs::remove_dir_all(home.path(name).parent().unwrap()).unwrap();
    }
    assert!(home.content("data") == before);
    home.restored(&backup).is("ok");
    home.run(home.forget()).is("ok");
    home.imported().is("ok");
}

/// As a kill leaves it: the next try takes its own leftovers away.
#[test]
fn what_was_staged_before_is_no_obstacle() {
    let home = exported();
    let backup = home.backed_up();
    for _ in 0..2 {
        home.run(home.stage_restore(&backup)).is("ok");
        home.run(home.unpack()).is("ok");
    }
    assert!(!home.path("data/notes.db.restoring").exists());
    home.run(home.import()).is("ok");
}

/// Only the folder of backups is Ensconce's own in all that is in it.
#[test]
fn half_made_files_in_the_folder_of_backups_are_removed() {
    let home = full();
    for name in ["main-1.sqlite.part", "main-1.sqlite.part-wal", "main-1.json.new"] {
        fs::write(home.own("backups").join(name), "half").unwrap();
    }
    fs::write(home.own("backups").join("readme.txt"), "mine").unwrap();
    home.backed_up();
    let names = crate::home::names(&home.own("backups"));
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"readme.txt".to_owned()));
}
