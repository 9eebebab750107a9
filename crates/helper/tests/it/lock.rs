//! The lock of the data: one program at a time, of the launch that is announced.

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;

use ensconce_protocol::{BackupReason, HelperRequest};

use crate::archive::exported;
use crate::home::{Home, names, text, wait_until, write};
use crate::world::{Said, run};

/// Every kind of work on data, of which none has begun.
fn all_work(home: &Home, backup: &Path) -> Vec<ensconce_protocol::HelperWork> {
    vec![
        home.check(),
        home.backup(BackupReason::Manual),
        home.stage_restore(backup),
        home.restore(),
        home.export(),
        home.unpack(),
        home.import(),
        home.recover(),
        home.undo(),
        home.forget(),
    ]
}

#[test]
fn a_helper_whose_launch_is_not_the_announced_one_does_nothing() {
    let home = exported();
    let backup = home.backed_up();
    home.run(home.stage_restore(&backup)).is("ok");
    let announcement = home.own("running.json");
    let announcements: [Option<&str>; 8] = [
        None,
        Some(r#"{ "launch": "launch-2" }"#),
        Some(""),
        Some("{"),
        Some("[]"),
        Some(r#"{ "launch": 1 }"#),
        Some(r#"{ "LAUNCH": "launch-1" }"#),
        Some("\u{0}\u{1}"),
    ];
    for content in announcements {
        match content {
            Some(content) => fs::write(&announcement, content).unwrap(),
            None => fs::remove_file(&announcement).unwrap(),
        }
        let before = (home.content(""), names(&home.own("")), names(&home.own("backups")));
        for work in all_work(&home, &backup) {
            home.run(work).is("superseded");
        }
        let after = (home.content(""), names(&home.own("")), names(&home.own("backups")));
        assert!(before == after, "{content:?}: {:?}, then {:?}", before.1, after.1);
    }
    fs::remove_file(&announcement).unwrap();
    fs::create_dir(&announcement).unwrap();
    home.run(home.backup(BackupReason::Manual)).is("superseded");
}

#[test]
fn a_lock_that_cannot_be_had_is_said() {
    let home = Home::with_database("wal");
    let mut lock = home.lock();
    lock.file = home.path("no/such/folder/lock");
    let request = HelperRequest { lock: Some(lock), work: home.backup(BackupReason::Manual) };
    run(&request).is("file");
    assert_eq!(names(&home.own("backups")), [""; 0]);
}

/// Waits until a helper has opened the lock: it has it from then on, or waits for it.
#[cfg(target_os = "linux")]
fn wait_for_open(child: &Child, lock: &Path) {
    let files = format!("/proc/{}/fd", child.id());
    wait_until("the helper opens the lock", || {
        let open = fs::read_dir(&files).into_iter().flatten().flatten();
        open.into_iter().any(|entry| fs::read_link(entry.path()).is_ok_and(|file| file == lock))
    });
}

#[cfg(target_os = "linux")]
fn ended(child: Child) -> Said {
    child.wait_with_output().unwrap().into()
}

#[cfg(target_os = "linux")]
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
#[cfg(target_os = "linux")]
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

#[cfg(target_os = "linux")]
mod held {
    use std::fs::TryLockError;
    use std::os::unix::process::ExitStatusExt;

    use ensconce_protocol::HelperWork;
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};

    use super::*;
    use crate::migrate::World;
    use crate::migrate::ended::{half_done, hanging};

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
        let HelperWork::Unpack { app_id, data, leave_out, databases, journal, .. } = home.unpack()
        else {
            unreachable!()
        };
        for signal in [Signal::KILL, Signal::TERM, Signal::ABORT, Signal::INT] {
            // Nobody writes into the pipe, so that it waits for ever.
            let mut child = home.start(HelperWork::Unpack {
                from: pipe.clone(),
                app_id: app_id.clone(),
                data: data.clone(),
                leave_out: leave_out.clone(),
                databases: databases.clone(),
                journal: journal.clone(),
            });
            wait_until("it has the lock", || {
                home.lock().file.exists() && is_held(&home.lock().file)
            });
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
        let next = world.command("1.2.0", "fail").spawn_piped();
        let other = {
            let work = HelperWork::CheckDatabases {
                databases: vec![world.file()],
                backups: world.backups(),
            };
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

    /// The process that outlives its parent may be any of those that the task has started.
    #[test]
    fn a_migration_of_another_launch_runs_no_task() {
        let world = World::new("wal");
        let mut request = world.request("1.2.0");
        request.lock.launch = "two".to_owned();
        std::fs::remove_dir_all(world.backups()).ok();
        let said: Said = world.asked(&request).arg("true").output().unwrap().into();
        assert_eq!(said.code, 4, "{said:?}");
        assert!(said.stderr.contains("not the one that runs now"), "{said:?}");
        assert!(!world.backups().exists(), "it leaves nothing");
    }

    trait Piped {
        fn spawn_piped(&mut self) -> Child;
    }

    impl Piped for std::process::Command {
        fn spawn_piped(&mut self) -> Child {
            use std::process::Stdio;
            self.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        }
    }
}
