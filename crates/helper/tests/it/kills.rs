//! Kills updates at random moments; after the next run the database is whole, every time.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::migrate::World;

/// How many are killed in each test, unless `ENSCONCE_KILLS` says another number.
const KILLS: u32 = 80;

/// Returns how many are killed in each test.
pub(crate) fn kills(usually: u32) -> u32 {
    std::env::var("ENSCONCE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(usually)
}

/// Numbers that are random enough (xorshift).
pub(crate) struct Random(u64);

impl Random {
    /// Begins anew each time, and says from where.
    pub(crate) fn new() -> Self {
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
        println!("seed {seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn the_database_is_always_whole_with_a_log() {
    the_database_is_always_whole("wal");
}

#[test]
fn the_database_is_always_whole_with_a_journal() {
    the_database_is_always_whole("delete");
}

fn the_database_is_always_whole(journal: &'static str) {
    let kills = kills(KILLS);
    let mut random = Random::new();
    let (mut before, mut after, mut interrupted, mut done) = (0, 0, 0, 0);
    let mut world = World::new(journal);
    let mut longest = 40_000;
    for number in 0..kills {
        let mode = if random.below(3) == 0 { "fail" } else { "good" };
        let pause = Duration::from_micros(random.below(longest));
        if !kill(&world, mode, pause, random.below(2) == 0) {
            done += 1;
        }
        // Sometimes the run after a kill is killed, too.
        if random.below(3) == 0 {
            continue;
        }
        let mode = if random.below(4) == 0 { "good" } else { "fail" };
        let begun = std::time::Instant::now();
        let said = world.migrate("2.0", mode);
        longest = (longest * 7 + begun.elapsed().as_micros() as u64 * 12 / 10) / 8;
        interrupted += u32::from(said.stderr.contains("was interrupted"));
        println!("kill {number}, {mode}: {said:?}");
        match (said.code, world.whole()) {
            (7, 1) => {
                before += 1;
            }
            (0, 2) => {
                after += 1;
                world = World::new(journal);
            }
            other => panic!("kill {number}: {other:?} {said:?}"),
        }
        let kept = world.kept();
        assert!(kept.len() <= 1, "kill {number}: {kept:?}");
    }
    println!(
        "{kills} kills ({done} too late): before {before}, after {after}; restored {interrupted}"
    );
    assert!(before > 0 && after > 0 && interrupted > 0);
}

/// Starts an update and kills it after a while, with its task or alone; whether it was in time.
fn kill(world: &World, mode: &str, after: Duration, with_task: bool) -> bool {
    let mut command = world.command("2.0", mode);
    let mut child =
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(after);
    if with_task {
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    } else {
        child.kill().unwrap();
    }
    !child.wait().unwrap().success()
}
