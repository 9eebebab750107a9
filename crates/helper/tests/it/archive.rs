//! All data in one file, and back.

use std::fs;
use std::path::{Path, PathBuf};

use ensconce_protocol::{DatabaseFile, HelperWork};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::home::{Home, create, record, text, write};
use crate::world::{Said, work};

/// A data folder with a database, files, and Ensconce's own folder.
pub(crate) fn full() -> Home {
    full_within(tempfile::tempdir().unwrap())
}

/// The same in another folder.
pub(crate) fn full_within(folder: TempDir) -> Home {
    let mut home = Home::within(folder);
    home.add("main", "data/notes.db");
    create(&home.path("data/notes.db"), "wal", "old");
    home.write("data/media/photo 1.jpg", "picture");
    home.write("data/media/deep/er/ü.txt", "text");
    home.write("data/.ensconce/own.txt", "own");
    fs::create_dir_all(home.path("data/empty")).unwrap();
    home
}

/// The same, and an export of it.
pub(crate) fn exported() -> Home {
    let home = full();
    home.run(home.export()).is("ok");
    home
}

fn kept(said: &Said) -> PathBuf {
    PathBuf::from(said.answer()["recovered"]["kept"].as_str().unwrap())
}

#[test]
fn everything_comes_back() {
    let home = full();
    // What is only in the log belongs to the data.
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE notes SET text = 'kept'")
        .unwrap();
    let said = home.run(home.export());
    said.is("ok");
    assert!(said.stdout.contains("PROGRESS:"), "{said:?}");
    drop(connection);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(home.path("out.ensconce")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(home.names(""), ["data", "out.ensconce"]);
    let exported = home.content("data");
    write(&home.path("data/notes.db"), "new");
    home.write("data/later.txt", "later");
    fs::remove_dir_all(home.path("data/media")).unwrap();
    let said = home.run(home.unpack());
    said.is("ok");
    assert_eq!(said.answer()["archive"], json!({ "version": "1.2.0", "secrets": "c2VhbGVk" }));
    assert!(home.path("data/later.txt").exists(), "nothing is replaced yet");
    let said = home.run(home.import());
    said.is("ok");
    let recovered = &said.answer()["recovered"];
    assert_eq!(recovered["settings"]["answers"]["name"], "Ada");
    assert_eq!(recovered["record"], json!(record("1.2.0")));
    assert_eq!(recovered["databases"], json!([]));
    assert_eq!(home.content("data"), exported);
    assert_eq!(home.read("data/.ensconce/own.txt"), "own");
    let kept = kept(&said);
    assert_eq!(fs::read_to_string(kept.join("later.txt")).unwrap(), "later");
    assert_eq!(text(&kept.join("notes.db")), "new");
    home.run(home.forget()).is("ok");
    home.assert_at_rest();
    assert_eq!(home.names("").len(), 3, "{:?}", home.names(""));
}

#[test]
fn an_import_is_taken_back() {
    let home = exported();
    home.write("data/later.txt", "later");
    home.note_update("migrate", "main");
    let before = home.content("data");
    home.imported().is("ok");
    assert!(!home.void().exists());
    assert_ne!(home.content("data"), before);
    home.run(home.undo()).is("ok");
    assert_eq!(home.content("data"), before);
    assert!(home.void().exists());
    home.assert_at_rest();
    assert_eq!(home.names(""), ["data", "out.ensconce"]);
}

#[test]
fn what_an_export_says_about_itself() {
    let home = exported();
    let inspect = |app_id: &str| {
        work(HelperWork::Inspect { from: home.path("out.ensconce"), app_id: app_id.to_owned() })
    };
    let said = inspect(crate::home::APP);
    said.is("ok");
    assert_eq!(said.answer()["archive"], json!({ "version": "1.2.0", "secrets": "c2VhbGVk" }));
    inspect("com.example.other").is("other_app").says("Notes");
}

#[test]
fn an_export_goes_to_no_wrong_place() {
    let home = full();
    let tried = |to: &str, reason: &str| {
        let (request, data) = (home.export_to(to), home.path("data"));
        let databases = request.databases.clone();
        work(HelperWork::CheckExport { to: request.to.clone(), data, databases }).is(reason);
        home.run(HelperWork::Export(request)).is(reason);
    };
    tried("data/media/out", "into_itself");
    tried("data", "is_folder");
    tried("no/such/folder", "file");
    home.assert_at_rest();
    tried("out.ensconce", "ok");
    home.assert_at_rest();
    assert_eq!(home.names(""), ["data", "out.ensconce"]);
}

#[test]
fn an_export_replaces_no_database_wherever_it_lies() {
    let home = full();
    home.write("elsewhere.db", "kept");
    let mut request = home.export_to("elsewhere.db");
    let file = home.path("elsewhere.db");
    request.databases.push(DatabaseFile { name: "elsewhere".to_owned(), file });
    let mut tried = |to: &str, reason: &str| {
        request.to = home.path(to);
        home.run(HelperWork::Export(request.clone())).is(reason);
    };
    tried("elsewhere.db", "is_database");
    tried("elsewhere.db-wal", "is_database");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("elsewhere.db", home.path("link.db")).unwrap();
        tried("link.db", "is_database");
        let (pipe, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
        rustix::fs::mknodat(rustix::fs::CWD, home.path("pipe"), pipe, mode, 0).unwrap();
        tried("pipe", "is_no_file");
        // The disk that a database is on may be missing.
        fs::remove_file(home.path("elsewhere.db")).unwrap();
        std::os::unix::fs::symlink("no/such/disk", home.path("elsewhere.db")).unwrap();
        tried("out.ensconce", "file");
        fs::remove_file(home.path("elsewhere.db")).unwrap();
        home.write("elsewhere.db", "kept");
    }
    assert_eq!(home.read("elsewhere.db"), "kept");
}

#[test]
fn a_check_of_the_place_writes_nothing() {
    let home = full();
    home.write("out.ensconce", "an older export");
    let (to, data) = (home.path("out.ensconce"), home.path("data"));
    work(HelperWork::CheckExport { to, data, databases: Vec::new() }).is("ok");
    assert_eq!(home.read("out.ensconce"), "an older export");
    assert_eq!(home.names(""), ["data", "out.ensconce"]);
}

#[test]
fn an_import_whose_files_are_not_as_they_were_unpacked_is_refused() {
    let home = exported();
    home.write("data/later.txt", "later");
    let before = home.content("data");
    let unpacked = home.path("data.importing");
    type Change<'a> = (&'a str, &'a dyn Fn(&Path));
    let changes: [Change<'_>; 9] = [
        ("was changed", &|data| fs::write(data.join("media/photo 1.jpg"), "pictura").unwrap()),
        ("cannot be read", &|data| fs::remove_file(data.join("media/photo 1.jpg")).unwrap()),
        ("was changed", &|data| write(&data.join("notes.db"), "other")),
        ("was added", &|data| fs::write(data.join("media/more.txt"), "").unwrap()),
        ("was added", &|data| fs::create_dir(data.join("more")).unwrap()),
        ("is missing", &|data| fs::remove_dir(data.join("empty")).unwrap()),
        ("cannot be read", &|data| fs::remove_dir_all(data).unwrap()),
        ("is missing", &|data| fs::remove_file(data.with_file_name("unpacked.json")).unwrap()),
        ("was added", &|data| {
            #[cfg(unix)]
            std::os::unix::fs::symlink("/etc/passwd", data.join("more")).unwrap();
            #[cfg(not(unix))]
            fs::write(data.join("more"), "").unwrap();
        }),
    ];
    for (number, (what, change)) in changes.into_iter().enumerate() {
        home.run(home.unpack()).is("ok");
        change(&unpacked.join("data"));
        let said = home.run(home.import());
        assert_eq!(said.reason(), "incomplete", "{number}: {said:?}");
        said.says(what).says("Nothing was replaced");
        assert_eq!(home.content("data"), before, "{number}");
        home.assert_at_rest();
    }
    home.imported().is("ok");
    assert_ne!(home.content("data"), before);
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let home = exported();
    write(&home.path("data/notes.db"), "new");
    let connection = Connection::open(home.path("data/notes.db")).unwrap();
    connection.execute_batch("BEGIN; SELECT * FROM notes").unwrap();
    home.imported().is("busy");
    drop(connection);
    assert_eq!(text(&home.path("data/notes.db")), "new");
    home.assert_at_rest();
    assert_eq!(home.names(""), ["data", "out.ensconce"]);
}

/// Two databases of the app that have changed their names with each other.
#[test]
fn databases_that_have_changed_places_are_found() {
    let mut home = full();
    home.add("other", "data/other.db");
    create(&home.path("data/other.db"), "delete", "other");
    home.run(home.export()).is("ok");
    home.databases.clear();
    home.add("main", "data/other.db");
    home.add("other", "data/notes.db");
    home.imported().is("ok");
    assert_eq!(text(&home.path("data/other.db")), "old");
    assert_eq!(text(&home.path("data/notes.db")), "other");
}

#[test]
fn a_database_does_not_take_the_place_of_another_file() {
    let mut home = exported();
    home.databases.clear();
    home.add("main", "data/media/photo 1.jpg");
    home.imported().is("damaged_export").says("is not a database");
    assert_eq!(home.read("data/media/photo 1.jpg"), "picture");
    home.assert_at_rest();
}

/// A file manager that leaves its own in each folder; a program that nobody knew of.
#[test]
fn what_appears_meanwhile_is_in_nobodys_way() {
    let home = exported();
    home.write("data/later.txt", "later");
    let before = home.content("data");
    home.imported().is("ok");
    let after = home.content("data");
    // As if all had been killed after the first move, and things were left in the way.
    let journal = fs::read_to_string(home.journal()).unwrap();
    let kept = home.names("").into_iter().find(|name| name.contains("before")).unwrap();
    for name in ["media", "notes.db", "later.txt"] {
        home.write(&format!("data.importing/data/{name}"), "by nobody");
    }
    fs::create_dir_all(home.path("data.importing/data/.ensconce")).unwrap();
    fs::write(home.journal(), journal.replacen("\"settled\"", "\"new\"    ", 1)).unwrap();
    home.run(home.recover()).is("ok");
    assert_eq!(home.read("data/media"), "by nobody", "what is new comes into the place");
    assert_eq!(home.read("data/.ensconce/own.txt"), "own");
    assert_eq!(home.read(&format!("{kept}/later.txt")), "later", "what is kept is not replaced");
    let put_aside = home.content(&kept);
    assert!(put_aside.len() > before.len(), "{put_aside:?}");
    for (name, content) in after.iter().filter(|(name, _)| name.components().count() == 1) {
        let names = [name.clone(), PathBuf::from(format!("{}-2", name.display()))];
        let aside = |(at, what): &(PathBuf, Vec<u8>)| names.contains(at) && what == content;
        let in_data = fs::read(home.path("data").join(name)).is_ok_and(|now| now == *content);
        assert!(put_aside.iter().any(aside) || in_data || home.path("data").join(name).is_dir());
    }
    home.run(home.undo()).is("ok");
    for (name, content) in &before {
        let now = home.content("data");
        assert!(now.contains(&(name.clone(), content.clone())), "{name:?}: {now:?}");
    }
}
