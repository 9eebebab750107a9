//! The lock of the data: who waits for it, and when it ends.

use std::fs::{self, File, TryLockError};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ensconce_protocol::{BackupReason, HelperRequest, HelperWork};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::home::{Home, names, text, wait_until, write};
use crate::migrate::World;
use crate::migrate::ended::{half_done, hanging};
use crate::world::Said;

/// Waits until a helper has opened the lock: it has it from then on, or waits for it.
fn wait_for_open(child: &Child, lock: &Path) {
    let files = format!("/proc/{}/fd", child.id());
    wait_until("the helper opens the lock", || {
        let open = fs::read_dir(&files).into_iter().flatten().flatten();
        open.into_iter().any(|entry| fs::read_link(entry.path()).is_ok_and(|file| file == lock))
    });
}

fn piped(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Said {
    child.wait_with_output().unwrap().into()
}

#[test]
fn work_waits_for_its_turn() {
    let home = Home::with_database("wal");
    let lock = File::create(home.lock().file).unwrap();
    lock.lock().unwrap();
    let first = home.start(home.backup(BackupReason::Manual));
    let second = home.start(home.backup(BackupReason::Manual));
    for child in [&first, &second] {
        wait_for_open(child, &home.lock().file);
    }
    assert_eq!(names(&home.own("backups")), [""; 0], "nothing is done before");
    drop(lock);
    ended(first).is("ok");
    ended(second).is("ok");
    assert_eq!(names(&home.own("backups")).len(), 4);
}

/// The next start of the app has finished, or undone, what was begun, and uses the data.
#[test]
fn work_whose_launch_is_over_when_it_comes_to_its_turn_is_not_done() {
    let home = Home::with_database("wal");
    let backup = home.backed_up();
    write(&home.path("data/notes.db"), "new");
    home.run(home.stage_restore(&backup)).is("ok");
    let lock = File::create(home.lock().file).unwrap();
    lock.lock().unwrap();
    let child = home.start(home.restore());
    wait_for_open(&child, &home.lock().file);
    home.announce("launch-2");
    drop(lock);
    ended(child).is("superseded");
    assert_eq!(text(&home.path("data/notes.db")), "new");
}

fn is_held(lock: &Path) -> bool {
    matches!(File::open(lock).unwrap().try_lock(), Err(TryLockError::WouldBlock))
}

#[test]
fn the_lock_ends_with_the_process_however_it_dies() {
    let home = Home::with_database("wal");
    let pipe = home.path("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    for signal in [Signal::KILL, Signal::TERM, Signal::ABORT, Signal::INT] {
        // Nobody writes into the pipe, so that it waits for ever.
        let mut child = home.start(HelperWork::Unpack(home.unpack_from("pipe")));
        wait_until("it has the lock", || home.lock().file.exists() && is_held(&home.lock().file));
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
        assert!(!is_held(&home.lock().file), "{signal:?}");
    }
}

#[test]
fn a_task_that_outlives_a_killed_migration_holds_it() {
    let world = World::new("wal");
    let mut child = hanging(&world);
    let group = Pid::from_child(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    let lock = world.lock();
    let next = piped(&mut world.command("1.2.0", "fail"));
    let other = {
        let work =
            HelperWork::CheckDatabases { databases: vec![world.file()], backups: world.backups() };
        let request = HelperRequest { lock: Some(lock.clone()), work };
        let request = serde_json::to_string(&request).unwrap();
        crate::world::start(crate::world::helper().arg("run"), &request)
    };
    for child in [&next, &other] {
        wait_for_open(child, &lock.file);
    }
    assert!(is_held(&lock.file) && half_done(&world), "it is not waited for");
    kill_process_group(group, Signal::KILL).unwrap();
    ended(other).is("ok");
    let said = ended(next);
    assert_eq!((said.code, world.whole()), (7, 1), "{said:?}");
}

#[test]
fn a_migration_of_another_launch_runs_no_task() {
    let world = World::new("wal");
    let mut request = world.request("1.2.0");
    request.lock.launch = "two".to_owned();
    let said: Said = world.asked(&request).arg("true").output().unwrap().into();
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.stderr.contains("not the one that runs now"), "{said:?}");
    assert!(!world.backups().exists(), "it leaves nothing");
}
