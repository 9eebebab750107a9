//! The lock of the data: one program at a time, of the launch that is announced.

use std::fs;
use std::path::Path;

use ensconce_protocol::{BackupReason, HelperRequest};

use crate::archive::exported;
use crate::home::{Home, names};
use crate::world::run;

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
