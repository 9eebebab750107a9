//! What is left when the supervisor itself is killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use ensconce_supervisor::kill_leftovers;
use ensconce_testkit::{eventually, example};
use rustix::process::Signal;

use crate::world::{World, send};

/// How soon nothing may be left. Time in which programs wait for a processor does not count.
const SOON: Duration = Duration::from_millis(500);

/// A program that is only there to be killed.
struct Driver {
    process: Child,
    /// The driver ends when this is closed.
    _input: Option<ChildStdin>,
}

impl Driver {
    /// Starts it with two services, which have children of every kind.
    fn start(world: &World) -> Self {
        let (variable, value) = world.mark.variable();
        let children =
            ["child=plain", "child=setsid", "child=daemon", "child=deaf", "child=frozen"];
        let mut process = Command::new(example("ensconce-supervisor", "supervise"))
            .arg(&world.guard)
            .arg(world.mark.to_string())
            .arg(&world.fake)
            .args(children)
            .args(["deaf", "stay", "--"])
            .arg(&world.fake)
            .args(["child=daemon", "stay"])
            .env(variable, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take();
        Self { process, _input: input }
    }

    fn wait_until_up(&mut self, world: &World) {
        let output = BufReader::new(self.process.stdout.take().unwrap());
        assert!(output.lines().any(|line| line.unwrap() == "up"));
        eventually("all children run", || world.leaves().len() == 6);
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn assert_soon_gone(world: &World) {
    let (begun, waited) = (Instant::now(), waited_for_processors());
    eventually("all is gone", || world.mark.processes().is_empty());
    let (took, waited) = (begun.elapsed(), waited_for_processors() - waited);
    assert!(took < SOON + waited, "it took {took:?}, of which {waited:?} were waited");
}

/// How long, since the machine was started, any program has waited for a processor.
fn waited_for_processors() -> Duration {
    let pressure = std::fs::read_to_string("/proc/pressure/cpu").unwrap_or_default();
    let total = pressure.split_whitespace().find_map(|word| word.strip_prefix("total="));
    total.map_or(Duration::ZERO, |total| Duration::from_micros(total.parse().unwrap()))
}

#[test]
fn a_killed_supervisor_leaves_nothing() {
    let world = World::new();
    let mut driver = Driver::start(&world);
    driver.wait_until_up(&world);
    driver.kill();
    assert_soon_gone(&world);
}

#[test]
fn a_supervisor_that_is_killed_while_it_starts_leaves_nothing() {
    for step in 0..20 {
        let world = World::new();
        let driver = Driver::start(&world);
        // Any moment will do; these are spread over the whole start.
        std::thread::sleep(Duration::from_micros(step * 1500));
        driver.kill();
        assert_soon_gone(&world);
    }
}

#[test]
fn a_supervisor_that_is_killed_while_it_stops_leaves_nothing() {
    let world = World::new();
    let mut driver = Driver::start(&world);
    driver.wait_until_up(&world);
    let programs = world.leaves().len();
    drop(driver._input.take());
    eventually("it stops", || world.leaves().len() < programs);
    driver.kill();
    assert_soon_gone(&world);
}

#[test]
fn killed_guards_and_then_a_killed_supervisor_leave_what_can_be_found() {
    let world = World::new();
    let mut driver = Driver::start(&world);
    driver.wait_until_up(&world);
    // Frozen, so that it cannot clean up after the guards.
    send(driver.process.id(), Signal::STOP);
    world.guards().into_iter().for_each(|guard| send(guard, Signal::KILL));
    driver.kill();
    eventually("the guards are gone", || world.guards().is_empty());
    assert!(!world.mark.processes().is_empty(), "there was nothing to do");
    kill_leftovers("another launch");
    assert!(!world.mark.processes().is_empty(), "that was another launch");
    kill_leftovers(&world.mark.to_string());
    world.assert_nothing_left();
}

#[test]
fn leftovers_are_found_by_the_whole_name_of_a_launch() {
    let world = World::new();
    let mut driver = Driver::start(&world);
    driver.wait_until_up(&world);
    let launch = world.mark.to_string();
    kill_leftovers(&launch[..launch.len() - 1]);
    assert_eq!(world.leaves().len(), 6);
    driver.kill();
    assert_soon_gone(&world);
}

#[test]
fn the_end_of_a_session_does_not_end_the_guards() {
    let world = World::new();
    let mut driver = Driver::start(&world);
    driver.wait_until_up(&world);
    for guard in world.guards() {
        [Signal::TERM, Signal::INT, Signal::HUP].into_iter().for_each(|signal| send(guard, signal));
    }
    assert_eq!(world.leaves().len(), 6);
    driver.kill();
    assert_soon_gone(&world);
}
