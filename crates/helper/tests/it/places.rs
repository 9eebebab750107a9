//! Databases that lie elsewhere: outside the data folder, behind links, on other disks.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use ensconce_protocol::BackupReason;
use tempfile::TempDir;

use crate::archive::full;
use crate::case::copy_folder;
use crate::home::{Home, create, text, write};

/// A folder on another disk; says so and returns none where there is but one.
fn other_disk() -> Option<TempDir> {
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    let here = tempfile::tempdir().unwrap();
    match tempfile::tempdir_in("/dev/shm") {
        Ok(folder) if device(folder.path()) != device(here.path()) => Some(folder),
        _ => {
            println!("skipped: `/dev/shm` is no other disk than the one of temporary files");
            None
        }
    }
}

/// Exports, changes all databases, and imports.
#[track_caller]
fn there_and_back(home: &Home, files: &[&Path]) {
    home.run(home.export()).is("ok");
    for file in files {
        write(file, "new");
    }
    home.imported().is("ok");
    for file in files {
        assert_eq!(text(file), "old", "{}", file.display());
    }
    home.run(home.undo()).is("ok");
    for file in files {
        assert_eq!(text(file), "new", "{}", file.display());
    }
    home.assert_at_rest();
    home.imported().is("ok");
    home.run(home.forget()).is("ok");
    for file in files {
        assert_eq!(text(file), "old", "{}", file.display());
    }
    home.assert_at_rest();
}

#[test]
fn a_database_outside_goes_along() {
    let mut home = full();
    home.add("far", "far/far.db");
    create(&home.path("far/far.db"), "wal", "old");
    there_and_back(&home, &[&home.path("data/notes.db"), &home.path("far/far.db")]);
    let names = home.names("far");
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[1].starts_with("far.db.before-import-"), "{names:?}");
    assert_eq!(text(&home.path("far").join(&names[1])), "new");
}

#[test]
fn a_database_that_moved_in_another_version_is_found() {
    let mut home = full();
    home.add("far", "far/far.db");
    create(&home.path("far/far.db"), "wal", "old far");
    home.run(home.export()).is("ok");
    home.databases.clear();
    home.add("main", "elsewhere/deep/main.db");
    home.add("far", "data/db/near.db");
    home.imported().is("ok");
    assert_eq!(text(&home.path("elsewhere/deep/main.db")), "old");
    assert_eq!(text(&home.path("data/db/near.db")), "old far");
    assert!(!home.path("data/notes.db").exists());
    assert_eq!(text(&home.path("far/far.db")), "old far", "it is not the app's any more");
}

/// “All of the data was replaced” is told to the app, which then believes it.
#[test]
fn a_database_that_the_export_does_not_have_is_moved_aside() {
    let mut home = full();
    home.run(home.export()).is("ok");
    home.add("far", "far/far.db");
    create(&home.path("far/far.db"), "wal", "new");
    home.imported().is("ok");
    assert!(!home.path("far/far.db").exists());
    home.run(home.undo()).is("ok");
    assert_eq!(text(&home.path("far/far.db")), "new");
    home.imported().is("ok");
    home.run(home.forget()).is("ok");
    let names = home.names("far");
    assert!(names.len() == 1 && names[0].starts_with("far.db.before-import-"), "{names:?}");
}

#[test]
fn a_link_to_a_database_stays_a_link() {
    let disk = other_disk();
    let mut home = full();
    let folder = match &disk {
        Some(disk) => disk.path().to_owned(),
        None => home.path("disk"),
    };
    let real = folder.join("real.db");
    create(&real, "wal", "old");
    symlink(&real, home.path("data/linked.db")).unwrap();
    home.databases.clear();
    home.add("linked", "data/linked.db");
    there_and_back(&home, &[&real]);
    assert_eq!(fs::read_link(home.path("data/linked.db")).unwrap(), real);
    let backup = home.backed_up();
    write(&real, "new");
    home.restored(&backup).is("ok");
    assert_eq!(text(&real), "old");
    home.run(home.undo()).is("ok");
    assert_eq!(text(&real), "new");
    home.restored(&backup).is("ok");
    home.run(home.forget()).is("ok");
    home.assert_at_rest();
    assert_eq!(fs::read_link(home.path("data/linked.db")).unwrap(), real);
    assert_eq!(text(&home.path("data/linked.db")), "old");
}

#[test]
fn a_linked_folder_with_a_database_stays_linked() {
    let mut home = full();
    create(&home.path("disk/db/real.db"), "delete", "old");
    symlink("../disk/db", home.path("data/db")).unwrap();
    home.databases.clear();
    home.add("linked", "data/db/real.db");
    there_and_back(&home, &[&home.path("disk/db/real.db")]);
    assert_eq!(fs::read_link(home.path("data/db")).unwrap(), Path::new("../disk/db"));
    // Where the export has a folder of that name, that comes in the place of the link.
    home.write("disk/db/more.txt", "here");
    fs::remove_file(home.path("data/db")).unwrap();
    create(&home.path("data/db/real.db"), "delete", "old");
    home.write("data/db/more.txt", "there");
    home.run(home.export()).is("ok");
    fs::remove_dir_all(home.path("data/db")).unwrap();
    symlink("../disk/db", home.path("data/db")).unwrap();
    write(&home.path("disk/db/real.db"), "new");
    home.imported().is("ok");
    assert_eq!(text(&home.path("data/db/real.db")), "old");
    assert_eq!(home.read("data/db/more.txt"), "there");
    assert_eq!(text(&home.path("disk/db/real.db")), "new", "what is linked is left alone");
    assert_eq!(home.read("disk/db/more.txt"), "here");
}

#[test]
fn a_link_within_the_data_folder_gives_way_to_the_database() {
    let mut home = Home::new();
    create(&home.path("data/db/real.db"), "delete", "old");
    symlink("db/real.db", home.path("data/notes.db")).unwrap();
    home.add("main", "data/notes.db");
    home.run(home.export()).is("ok");
    write(&home.path("data/notes.db"), "new");
    home.imported().is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "old");
    assert!(!home.path("data/db/real.db").exists(), "it is not exported twice");
}

#[test]
fn a_data_folder_behind_a_link_is_replaced_where_it_is() {
    let disk = other_disk();
    let mut home = full();
    let folder = match &disk {
        Some(disk) => disk.path().join("data"),
        None => home.path("disk/data"),
    };
    fs::create_dir_all(&folder).unwrap();
    copy_folder(&home.path("data"), &folder);
    fs::remove_dir_all(home.path("data")).unwrap();
    symlink(&folder, home.path("data")).unwrap();
    // One is named by the link, and one by where it is.
    create(&folder.join("other.db"), "wal", "old");
    let database =
        ensconce_protocol::DatabaseFile { name: "other".to_owned(), file: folder.join("other.db") };
    home.databases.push(database);
    let databases = [folder.join("notes.db"), folder.join("other.db")];
    there_and_back(&home, &[&databases[0], &databases[1]]);
    assert_eq!(fs::read_link(home.path("data")).unwrap(), folder);
    assert_eq!(home.read("data/media/deep/er/ü.txt"), "text");
}

#[test]
fn a_link_to_a_disk_that_is_missing_is_refused() {
    let mut home = full();
    let backup = home.backed_up();
    home.run(home.export()).is("ok");
    home.databases.clear();
    home.add("main", "data/linked.db");
    symlink(home.path("no/such/disk/notes.db"), home.path("data/linked.db")).unwrap();
    for work in [home.stage_restore(&backup), home.unpack()] {
        home.run(work).is("missing").says("Is a disk missing?");
    }
    home.databases.clear();
    home.add("main", "data/folder/notes.db");
    symlink(home.path("no/such/disk"), home.path("data/folder")).unwrap();
    for work in [home.stage_restore(&backup), home.unpack()] {
        home.run(work).is("missing").says("Is a disk missing?");
    }
    assert!(!home.path("no").exists());
    home.assert_at_rest();
}

#[test]
fn everything_on_a_disk_of_its_own() {
    let Some(disk) = other_disk() else { return };
    let mut home = full();
    create(&disk.path().join("far.db"), "wal", "old");
    let far = disk.path().join("far.db");
    home.databases
        .insert(0, ensconce_protocol::DatabaseFile { name: "far".to_owned(), file: far.clone() });
    there_and_back(&home, &[&far]);
    // The backups lie on one disk, the database on the other.
    let backup = home.backed_up();
    write(&far, "new");
    home.restored(&backup).is("ok");
    assert_eq!(text(&far), "old");
    home.run(home.undo()).is("ok");
    assert_eq!(text(&far), "new");
    home.run(home.backup(BackupReason::Scheduled)).is("ok");
    home.assert_at_rest();
}
