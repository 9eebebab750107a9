//! Data folders that were copied while work on them had not ended: nothing reaches the original.

use std::fs;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::case::{Case, copy_folder};
use crate::home::{Home, in_memory};
use crate::migrate::World;
use crate::migrate::ended::{half_done, hanging};

/// The same in another place.
fn copy(home: &Home) -> Home {
    let folder = in_memory();
    copy_folder(&home.path(""), folder.path());
    Home::within(folder)
}

#[test]
fn a_copied_swap_is_not_gone_on_with() {
    for make in [|| Case::restore("wal"), Case::import] {
        let case = make();
        let home = &case.home;
        home.run(case.stage.clone()).is("ok");
        for phase in ["staged", "settled"] {
            if phase == "settled" {
                home.run(case.swap.clone()).is("ok");
            }
            let copy = copy(home);
            let (original, copied) = (home.content(""), copy.content(""));
            for work in [copy.recover(), copy.undo(), copy.forget()] {
                let said = copy.run(work);
                said.is("elsewhere").says("was copied or moved from");
                said.says(home.path("data").to_str().unwrap());
            }
            assert!(home.content("") == original && copy.content("") == copied, "{phase}");
            assert_eq!((home.phase(), copy.phase()), (phase.to_owned(), phase.to_owned()));
        }
        home.run(home.recover()).is("ok");
        home.run(home.forget()).is("ok");
    }
}

fn kill_update(world: &World) {
    let mut child = hanging(world);
    kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
}

fn copy_of(world: &World) -> World {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(world.root(), folder.path());
    World::within(folder)
}

/// The database lies in the data folder: the copy has one of its own, which is put back.
#[test]
fn a_copied_update_is_undone_on_the_copy() {
    let world = World::new("delete");
    kill_update(&world);
    let copy = copy_of(&world);
    assert_eq!(copy.migrate("1.2.0", "fail").code, 7);
    assert_eq!(copy.whole(), 1);
    assert!(half_done(&world) && world.under_way());
}

/// The database lies elsewhere, and both folders have the same one.
#[test]
fn a_copied_update_of_a_database_elsewhere_is_not_undone() {
    let elsewhere = tempfile::tempdir().unwrap();
    let (world, far) = (World::new("delete"), elsewhere.path().join("far.db"));
    fs::rename(world.file(), &far).unwrap();
    std::os::unix::fs::symlink(&far, world.file()).unwrap();
    kill_update(&world);
    let copy = copy_of(&world);
    let said = copy.migrate("1.2.0", "good");
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.stderr.contains("was copied or moved from"), "{said:?}");
    assert!(half_done(&world) && world.under_way() && copy.under_way());
    assert_eq!(world.migrate("1.2.0", "fail").code, 7);
    assert_eq!(world.whole(), 1);
}
