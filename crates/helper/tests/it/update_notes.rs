//! What is noted of updates: that one is done, and notes that are of no use.

use std::fs;

use crate::home::names;
use crate::migrate::World;

/// The app may be killed between the end of the task and its own record of that.
#[test]
fn an_update_that_the_app_has_not_recorded_is_done_all_the_same() {
    let world = World::new("wal");
    assert_eq!(world.migrate("1.2.0", "good").code, 0);
    *world.done.borrow_mut() = None;
    let said = world.migrate("1.2.0", "good");
    assert_eq!((said.code, world.whole(), world.kept().len()), (0, 2, 1), "{said:?}");
    // Another version is another update.
    let said = world.migrate("1.3.0", "good");
    assert_eq!((said.code, world.whole(), world.kept().len()), (0, 2, 2), "{said:?}");
}

#[test]
fn notes_that_cannot_be_read_are_set_aside() {
    let world = World::new("wal");
    fs::create_dir(world.backups()).unwrap();
    fs::write(world.backups().join("migrate.update"), "{\"format\": 9").unwrap();
    let said = world.migrate("1.0.0", "good");
    assert_eq!((said.code, world.whole()), (0, 2), "{said:?}");
    assert!(said.stderr.contains("cannot be read; it is kept as"), "{said:?}");
    let names = names(&world.backups());
    assert_eq!(names.iter().filter(|name| name.contains("unresolved")).count(), 1, "{names:?}");
}

/// The databases may be half-changed, in a way that only the newer helper knows.
#[test]
fn a_note_of_a_newer_helper_is_left_to_that() {
    let world = World::new("wal");
    fs::create_dir(world.backups()).unwrap();
    let note = world.backups().join("migrate.update");
    let newer = "{\"phase\":\"unheard-of\"          ,\n\"format\":2,\"more\":{}}";
    fs::write(&note, newer).unwrap();
    let said = world.migrate("1.0.0", "good");
    assert_eq!((said.code, world.whole()), (4, 1), "{said:?}");
    assert!(said.stderr.contains("A newer version of the app has begun work"), "{said:?}");
    assert_eq!(fs::read_to_string(&note).unwrap(), newer);
}
