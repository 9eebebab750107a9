//! Requests to end: work that only prepares ends at once, a swap goes on to its end.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;

use ensconce_protocol::{BackupReason, HelperWork};
use rustix::process::{Pid, Signal, kill_process};

use crate::archive::exported;
use crate::home::{Home, names, noise, wait_until};
use crate::world::Said;

fn tell(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// A data folder with so much in it that work on it takes a while.
fn large() -> Home {
    let home = Home::with_database("wal");
    for number in 0..24 {
        fs::write(home.path(&format!("data/file {number}")), noise(1 << 20)).unwrap();
    }
    home.run(home.export()).is("ok");
    home
}

/// Begins work, tells it to end when it has begun, and checks that it does, and that the data is as
/// it was when the app has started again.
fn ends_at_once(home: &Home, work: &HelperWork, has_begun: &dyn Fn() -> bool) {
    let before = home.content("data");
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut child = home.start(work.clone());
        wait_until("it has begun", || has_begun() || child.try_wait().unwrap().is_some());
        tell(&child, signal);
        let ended = child.wait().unwrap();
        assert_eq!(ended.signal(), Some(signal.as_raw()), "it ends of it: {ended:?}");
        home.run(home.recover()).is("ok");
        assert!(home.content("data") == before);
    }
    home.run(work.clone()).is("ok");
}

#[test]
fn unpacking_ends_at_once() {
    let home = large();
    let folder = home.path("data.importing/data");
    ends_at_once(&home, &home.unpack(), &|| folder.exists());
    home.run(home.recover()).is("ok");
    home.assert_at_rest();
}

#[test]
fn an_export_ends_at_once() {
    let home = large();
    let part = home.path("out.ensconce.ensconce-part");
    ends_at_once(&home, &home.export(), &|| part.exists());
    home.assert_at_rest();
}

#[test]
fn copies_end_at_once() {
    let home = Home::with_database("delete");
    let blob = "CREATE TABLE blobs AS SELECT randomblob(24 << 20) AS blob";
    rusqlite::Connection::open(home.path("data/notes.db")).unwrap().execute_batch(blob).unwrap();
    let backup = home.backed_up();
    let is_part = |name: &String| name.ends_with(".part");
    ends_at_once(&home, &home.backup(BackupReason::Manual), &|| {
        names(&home.own("backups")).iter().any(is_part)
    });
    ends_at_once(&home, &home.stage_restore(&backup), &|| home.names("data").iter().any(is_part));
    home.run(home.recover()).is("ok");
    home.assert_at_rest();
}

/// It takes moments, and one that is interrupted has to be finished by the next start.
#[test]
fn a_swap_goes_on_to_its_end() {
    let home = exported();
    for number in 0..3000 {
        fs::write(home.path(&format!("data/{number}")), "").unwrap();
    }
    let phase = || home.phase();
    let mut told = 0;
    for attempt in 0.. {
        home.run(home.unpack()).is("ok");
        let child = home.start(home.import());
        wait_until("it swaps", || phase() != "staged");
        tell(&child, [Signal::TERM, Signal::INT, Signal::HUP][attempt % 3]);
        // Still not at its end: it was told in time.
        told += usize::from(phase() == "old");
        Said::from(child.wait_with_output().unwrap()).is("ok");
        assert!(!home.path("data/7").exists() && home.path("data/media").exists());
        if told == 3 {
            break;
        }
        assert!(attempt < 30, "told in time only {told} times");
        home.run(home.undo()).is("ok");
        assert!(home.path("data/7").exists());
    }
}
