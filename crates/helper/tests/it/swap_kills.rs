//! Kills restores and imports at random moments: the data is the old or the new, every time.

use std::thread;
use std::time::{Duration, Instant};

use ensconce_protocol::HelperWork;

use crate::case::{Case, Moment, state};
use crate::kills::{Random, kills};
use crate::world::Said;

/// How many are killed in each test, unless `ENSCONCE_KILLS` says another number.
const KILLS: u32 = 60;

/// Starts work and kills it after a while; returns what it has said if that was too late.
fn kill(case: &Case, work: &HelperWork, random: &mut Random, usual: Duration) -> Option<Said> {
    let mut child = case.home.start(work.clone());
    let longest = usual.as_micros() as u64 * 11 / 10;
    thread::sleep(Duration::from_micros(random.below(longest.max(1))));
    let _ = child.kill();
    let said = Said::from(child.wait_with_output().unwrap());
    (said.code != -1).then_some(said)
}

/// How long work takes that is not killed.
fn measured(case: &Case, work: &HelperWork) -> Duration {
    let begun = Instant::now();
    case.home.run(work.clone()).is("ok");
    begun.elapsed()
}

fn the_old_or_the_new(case: &Case) {
    let moment = Moment::of(&case.home.path(""));
    let usual = [&case.stage, &case.swap, &case.home.recover()].map(|work| measured(case, work));
    let mut random = Random::new();
    let (mut staged, mut both) = (0, [0, 0]);
    for number in 0..kills(KILLS) {
        let what = format!("kill {number}");
        moment.restore();
        // Every third time it is the staging that is killed.
        if random.below(3) == 0 && kill(case, &case.stage, &mut random, usual[0]).is_none() {
            staged += 1;
            assert!(state(&case.home) == case.old, "{what}: {}", case.differences());
        } else {
            case.home.run(case.stage.clone());
            kill(case, &case.swap, &mut random, usual[1]);
        }
        while random.below(3) == 0 {
            kill(case, &case.home.recover(), &mut random, usual[2]);
        }
        let said = case.home.run(case.home.recover());
        said.is("ok");
        let is_new = case.is_new(&said.answer()["recovered"], &what);
        both[usize::from(is_new)] += 1;
        // The end may be killed as well.
        let end = random.below(2) as usize;
        let work = [case.home.undo(), case.home.forget()][end].clone();
        kill(case, &work, &mut random, usual[2]);
        let said = case.home.run(case.home.recover());
        let is_new = is_new && state(&case.home) == case.new;
        if said.is("ok").answer().get("recovered").is_some() {
            assert!(case.is_new(&said.answer()["recovered"], &what));
        }
        case.ends(is_new, end, &what);
    }
    println!("{staged} while staging; {} then had the old, {} the new", both[0], both[1]);
    assert!(both[0] > 0 && both[1] > 0, "{both:?}");
}

#[test]
fn a_restore_leaves_the_old_or_the_new_with_a_log() {
    the_old_or_the_new(&Case::restore("wal"));
}

#[test]
fn a_restore_leaves_the_old_or_the_new_with_a_journal() {
    the_old_or_the_new(&Case::restore("delete"));
}

#[test]
fn an_import_leaves_the_old_or_the_new() {
    the_old_or_the_new(&Case::import());
}
