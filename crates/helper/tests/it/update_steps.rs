//! An update that is killed, or fails, at any step of the helper leaves the old database or the new.

use std::process::Stdio;

use crate::case::Moment;
use crate::faults::{CHANGES, Ended, available, faulty};
use crate::home::{in_memory, names};
use crate::migrate::World;
use crate::world::Said;

fn world() -> World {
    let world = World::within(in_memory());
    world.create();
    world
}

fn run(world: &World, mode: &str, inject: &str) -> Ended {
    let mut helper = faulty(&world.command("2.0", mode), inject);
    helper.stdin(Stdio::null()).output().unwrap().into()
}

/// Updates without a fault; the database is all of the old or of the new, and little is left.
fn goes_on(world: &World, what: &str) -> Said {
    let said = world.migrate("2.0", "fail");
    let ended = (said.code, world.whole());
    assert!(ended == (7, 1) || ended == (0, 2), "{what}: {ended:?} {said:?}");
    *world.done.borrow_mut() = None;
    assert!(!world.under_way(), "{what}");
    let kept = world.kept();
    // One of the update that went well, and one of its second run.
    assert!(kept.len() <= if ended.1 == 1 { 0 } else { 2 }, "{what}: {kept:?}");
    let names = names(&world.backups());
    let noted = |name: &String| names.contains(&name.replace(".sqlite", ".json"));
    assert!(kept.iter().all(noted), "{what}: each has its note: {names:?}");
    said
}

fn is_killed(mode: &str) {
    if !available() {
        return;
    }
    let world = world();
    let moment = Moment::of(world.root());
    let (mut steps, mut interrupted) = (0, 0);
    for call in CHANGES {
        for when in 1.. {
            moment.restore();
            let inject = format!("{call}:signal=KILL:when={when}");
            match run(&world, mode, &inject) {
                Ended::Answered(said) => {
                    assert_eq!(said.code, if mode == "fail" { 7 } else { 0 }, "{said:?}");
                    break;
                }
                Ended::Killed => {}
            }
            let said = goes_on(&world, &inject);
            interrupted += usize::from(said.stderr.contains("was interrupted"));
            steps += 1;
        }
    }
    println!("{steps} steps");
    assert!(steps > 20 && interrupted > 1, "{steps} steps, {interrupted} interrupted");
}

#[test]
fn an_update_that_goes_well_is_killed() {
    is_killed("good");
}

#[test]
fn an_update_that_fails_is_killed() {
    is_killed("fail");
}

#[test]
fn an_update_of_which_a_step_fails_is_safe() {
    if !available() {
        return;
    }
    let world = world();
    let moment = Moment::of(world.root());
    let mut refused = 0;
    for call in CHANGES {
        let mut misses = 0;
        for when in 1.. {
            let mut was_hit = false;
            for (error, more) in [("EIO", ""), ("ENOSPC", "+")] {
                moment.restore();
                let inject = format!("{call}:error={error}:when={when}{more}");
                let Ended::Answered(said) = run(&world, "fail", &inject) else {
                    panic!("{inject} kills")
                };
                assert!([3, 4, 7].contains(&said.code), "{inject}: {said:?}");
                was_hit |= said.code != 7;
                refused += usize::from(said.code == 4);
                if !world.under_way() {
                    assert_eq!(world.whole(), 1, "{inject}: {said:?}");
                }
                goes_on(&world, &inject);
            }
            misses = if was_hit { 0 } else { misses + 1 };
            if misses > 2 {
                break;
            }
        }
    }
    assert!(refused > 10, "only {refused} were refused");
}
