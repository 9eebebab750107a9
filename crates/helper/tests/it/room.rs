//! A disk that is full, or becomes full in the midst of the work: nothing is lost, the message says
//! so, and the next try works when there is room.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;

use ensconce_protocol::{BackupReason, HelperWork};
use rusqlite::Connection;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use serde_json::Value;

use crate::disk::SmallDisk;
use crate::home::{Home, names, noise, text, wait_until, write};
use crate::world::Said;

impl SmallDisk {
    /// Fills it to the last byte.
    fn fill(&self) {
        let mut filler = File::create(self.path.join("filler")).unwrap();
        for piece in [1 << 20, 1 << 12, 1] {
            let piece = vec![0; piece];
            let error = loop {
                if let Err(error) = filler.write_all(&piece) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull);
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.path.join("filler")).unwrap();
    }

    /// Does work during which the disk becomes full, when it has told that it copies something.
    fn filled_while(&self, work: HelperWork, copies: &str) -> Said {
        let mut child = self.home.start(work);
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains(&format!("Copying {copies}")) {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it never copied {copies}");
        }
        self.fill_while_stopped(Pid::from_child(&child));
        let mut stdout = String::new();
        lines.read_to_string(&mut stdout).unwrap();
        let output = child.wait_with_output().unwrap();
        Said { stdout, ..Said::from(output) }
    }

    fn fill_while_stopped(&self, helper: Pid) {
        kill_process(helper, Signal::STOP).unwrap();
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(helper), options).unwrap();
        self.fill();
        kill_process(helper, Signal::CONT).unwrap();
    }
}

/// Adds some megabytes to a database.
fn enlarge(file: &Path) {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch("CREATE TABLE blobs AS SELECT randomblob(24 << 20) AS blob").unwrap();
}

fn enlarge_data(home: &Home) {
    for number in 0..12 {
        fs::write(home.path(&format!("data/file {number}")), noise(1 << 20)).unwrap();
    }
}

#[track_caller]
fn there_is_no_room(said: &Said) {
    said.is("no_room").says("room");
    assert!(
        said.message().contains("Make room") || said.message().contains("are free"),
        "{said:?}"
    );
}

#[test]
fn a_backup() {
    let Some(disk) = SmallDisk::mount("room::a_backup", 120) else { return };
    let home = &disk.home;
    enlarge(&home.path("data/notes.db"));
    let said = disk.filled_while(home.backup(BackupReason::Manual), "notes.db");
    there_is_no_room(&said);
    assert_eq!(names(&home.own("backups")), [""; 0]);
    assert_eq!(text(&home.path("data/notes.db")), "old");
    // Not even the note can be written.
    there_is_no_room(&home.run(home.backup(BackupReason::Manual)));
    assert_eq!(names(&home.own("backups")), [""; 0]);
    disk.make_room();
    assert_eq!(text(&home.backed_up()), "old");
}

#[test]
fn staging_a_restore() {
    let Some(disk) = SmallDisk::mount("room::staging_a_restore", 150) else { return };
    let home = &disk.home;
    enlarge(&home.path("data/notes.db"));
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    let said = disk.filled_while(home.stage_restore(&backup), "notes.db");
    there_is_no_room(&said);
    home.assert_at_rest();
    home.run(home.recover()).is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "new");
    there_is_no_room(&home.run(home.stage_restore(&backup)));
    disk.make_room();
    home.restored(&backup).is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "old");
}

#[test]
fn an_export() {
    let Some(disk) = SmallDisk::mount("room::an_export", 100) else { return };
    let home = &disk.home;
    enlarge_data(home);
    home.write("out.ensconce", "an older export");
    let said = disk.filled_while(home.export(), "the data");
    there_is_no_room(&said);
    home.assert_at_rest();
    assert_eq!(home.read("out.ensconce"), "an older export");
    there_is_no_room(&home.run(home.export()));
    disk.make_room();
    home.run(home.export()).is("ok");
    home.imported().is("ok");
}

#[test]
fn unpacking() {
    let Some(disk) = SmallDisk::mount("room::unpacking", 100) else { return };
    let home = &disk.home;
    enlarge_data(home);
    home.run(home.export()).is("ok");
    write(&home.path("data/notes.db"), "new");
    let before = home.content("data");
    let said = disk.filled_while(home.unpack(), "the data");
    there_is_no_room(&said);
    home.assert_at_rest();
    assert!(home.content("data") == before);
    // Not even the journal can be written.
    there_is_no_room(&home.run(home.unpack()));
    home.assert_at_rest();
    disk.make_room();
    home.imported().is("ok");
    assert_eq!(text(&home.path("data/notes.db")), "old");
}

#[test]
fn what_can_be_known_before() {
    let Some(disk) = SmallDisk::mount("room::what_can_be_known_before", 60) else { return };
    let home = &disk.home;
    enlarge(&home.path("data/notes.db"));
    home.run(home.backup(BackupReason::Manual)).is("no_room").says("are needed, and");
    home.run(home.export()).is("no_room").says("are needed, and");
    home.assert_at_rest();
}

/// The journal cannot be written, so that the swap does not begin.
#[test]
fn a_swap_that_has_not_begun() {
    let Some(disk) = SmallDisk::mount("room::a_swap_that_has_not_begun", 60) else { return };
    let home = &disk.home;
    let backup = home.backed_up();
    home.run(home.export()).is("ok");
    write(&home.path("data/notes.db"), "new");
    let before = home.content("data");
    for (stage, swap) in
        [(home.stage_restore(&backup), home.restore()), (home.unpack(), home.import())]
    {
        home.run(stage.clone()).is("ok");
        disk.fill();
        there_is_no_room(&home.run(swap.clone()));
        assert!(home.content("data") == before);
        home.assert_at_rest();
        disk.make_room();
        home.run(stage).is("ok");
        home.run(swap).is("ok");
        assert_eq!(text(&home.path("data/notes.db")), "old");
        disk.fill();
        home.run(home.undo()).is("ok");
        disk.make_room();
        assert!(home.content("data") == before);
        home.assert_at_rest();
    }
}

/// From its beginning on a swap needs no room.
#[test]
fn a_swap_that_has_begun() {
    let Some(disk) = SmallDisk::mount("room::a_swap_that_has_begun", 100) else { return };
    let home = &disk.home;
    home.run(home.export()).is("ok");
    for number in 0..3000 {
        fs::write(home.path(&format!("data/{number}")), "").unwrap();
    }
    let phase = || home.phase();
    for attempt in 0.. {
        home.run(home.unpack()).is("ok");
        let child = home.start(home.import());
        wait_until("it swaps", || phase() != "staged");
        disk.fill_while_stopped(Pid::from_child(&child));
        let was_full_before_its_end = phase() == "old";
        let said = Said::from(child.wait_with_output().unwrap());
        said.is("ok");
        assert_ne!(said.answer()["recovered"], Value::Null);
        assert!(!home.path("data/7").exists() && home.path("data/media").exists());
        if was_full_before_its_end {
            break;
        }
        assert!(attempt < 20);
        disk.make_room();
        home.run(home.undo()).is("ok");
    }
    home.run(home.recover()).is("ok");
    home.run(home.forget()).is("ok");
    home.assert_at_rest();
}

/// What is tidied up needs no room either; and who cannot be told is not told that it went well.
#[test]
fn an_answer() {
    let Some(disk) = SmallDisk::mount("room::an_answer", 60) else { return };
    let home = &disk.home;
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    home.run(home.stage_restore(&backup)).is("ok");
    let answer = disk.path.join("answer");
    let mut helper = crate::world::helper();
    helper.arg("run").arg(&answer);
    disk.fill();
    let child = crate::world::start(&mut helper, &home.request(home.recover()));
    let said = Said::from(child.wait_with_output().unwrap());
    disk.make_room();
    // The room of what was staged is enough for an answer.
    assert_eq!(said.code, 0, "{said:?}");
    assert!(answer.exists());
    fs::remove_file(&answer).unwrap();
    disk.fill();
    let mut helper = crate::world::helper();
    helper.arg("run").arg(&answer);
    let child = crate::world::start(&mut helper, &home.request(home.check()));
    let said = Said::from(child.wait_with_output().unwrap());
    assert!(said.code != 0 && said.stderr.contains("answer"), "{said:?}");
    assert!(!answer.exists(), "none, rather than half of one");
}

/// A task fails on the full disk, too; what it began is taken back all the same.
#[test]
fn an_update() {
    let Some(disk) = SmallDisk::mount("room::an_update", 100) else { return };
    let folder = tempfile::tempdir_in(&disk.path).unwrap();
    let world = crate::migrate::World::within(folder);
    world.create();
    disk.fill();
    let said = world.migrate("2.0", "good");
    disk.make_room();
    assert_eq!((said.code, world.whole()), (4, 1), "{said:?}");
    assert!(said.stderr.contains("room"), "{said:?}");
    assert!(world.kept().is_empty() && !world.under_way());
    let mut command = world.command("2.0", "hang");
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    wait_until("the task hangs", || crate::migrate::ended::half_done(&world));
    disk.fill();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    // There is no room for another try, but for putting back there is.
    let said = world.migrate("2.0", "good");
    disk.make_room();
    assert_eq!((said.code, world.whole()), (4, 1), "{said:?}");
    assert!(said.stderr.contains("was interrupted; the database is as it was"), "{said:?}");
    assert!(said.stderr.contains("room"), "{said:?}");
    assert_eq!(world.migrate("2.0", "good").code, 0);
    assert_eq!(world.whole(), 2);
}
