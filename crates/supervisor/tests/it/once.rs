//! Programs that are run once, by themselves.

use std::time::Duration;

use ensconce_supervisor::{
    Exit, OneOff, OneOffEnd, Outcome, Reason, StopRule, StopSignal, run_once,
};
use ensconce_testkit::{PATIENCE, eventually};
use rustix::process::Signal;
use tokio_util::sync::CancellationToken;

use crate::world::{World, send, stop_within};

fn one_off(world: &World, steps: &[&str]) -> OneOff {
    let mut command = vec![world.fake.display().to_string()];
    command.extend(steps.iter().map(|step| (*step).to_owned()));
    OneOff {
        name: "check".to_owned(),
        program: world.program(command),
        limit: PATIENCE * 10,
        stop: StopRule { signal: StopSignal::Term, timeout: PATIENCE * 10 },
    }
}

/// Runs one to its end, after which nothing may be left.
async fn end(world: &World, one_off: OneOff) -> OneOffEnd {
    let settings = world.settings();
    let end = run_once(one_off, &settings, CancellationToken::new());
    let end = tokio::time::timeout(PATIENCE, end).await.expect("it ends");
    world.assert_nothing_left();
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_how_it_ended_and_what_it_wrote() {
    let world = World::new();
    let steps = ["say=password hunter2", "child=daemon", "child=deaf", "complain=no", "exit=3"];
    let end = end(&world, one_off(&world, &steps)).await;
    assert!(matches!(end.outcome, Outcome::Exited(Exit::Code(3))), "{:?}", end.outcome);
    for lines in [end.tail, world.log.of("check")] {
        // The two streams come in any order.
        let sorted: std::collections::BTreeSet<_> = lines.iter().map(String::as_str).collect();
        assert_eq!(sorted.into_iter().collect::<Vec<_>>(), ["no", "password •••"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_its_input_and_a_mark_of_its_own() {
    let world = World::new();
    let mut marks = Vec::new();
    for _ in 0..2 {
        let mut one_off = one_off(&world, &["input", "env=ENSCONCE_JOB"]);
        one_off.program.input = Some("x".to_owned().into());
        let end = end(&world, one_off).await;
        assert_eq!(end.tail[0], "input x");
        assert!(end.tail[1].starts_with(&format!("ENSCONCE_JOB={}/check/", world.mark)));
        marks.push(end.tail[1].clone());
    }
    assert_ne!(marks[0], marks[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_too_long_is_asked_to_end_and_then_killed() {
    let world = World::new();
    let limit = Duration::from_millis(1);
    let polite = OneOff { limit, ..one_off(&world, &["stay"]) };
    assert!(matches!(end(&world, polite).await.outcome, Outcome::TimedOut));
    let stop = stop_within(1);
    let deaf = OneOff { limit, stop, ..one_off(&world, &["deaf", "child=deaf", "stay"]) };
    assert!(matches!(end(&world, deaf).await.outcome, Outcome::TimedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_told_to_stop_takes_its_time() {
    let world = World::new();
    let stop = CancellationToken::new();
    let one_off = one_off(&world, &["child=daemon", "slow-stop=20", "say=up", "stay"]);
    let (settings, told) = (world.settings(), stop.clone());
    let running = tokio::spawn(async move { run_once(one_off, &settings, told).await });
    eventually("it listens to signals", || world.log.of("check") == ["up"]);
    stop.cancel();
    let end = tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
    assert!(matches!(end.outcome, Outcome::Stopped), "{:?}", end.outcome);
    assert_eq!(end.tail, ["up", "asked", "bye"]);
    world.assert_nothing_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_told_to_stop_before_it_starts_never_does() {
    let world = World::new();
    let stop = CancellationToken::new();
    stop.cancel();
    let end = run_once(one_off(&world, &["say=up"]), &world.settings(), stop).await;
    assert!(matches!(end.outcome, Outcome::Stopped));
    assert_eq!(world.log.all(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_cannot_be_started_is_named() {
    let world = World::new();
    let mut missing = one_off(&world, &[]);
    missing.program.command = vec!["no-such-program".into()];
    let end = end(&world, missing).await;
    let Outcome::NotStarted(reason) = end.outcome else { panic!("{:?}", end.outcome) };
    assert!(matches!(&reason, Reason::NoProgram(name) if name == "no-such-program"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_nobody_waits_any_more() {
    let world = World::new();
    let steps = ["child=setsid", "child=daemon", "child=deaf", "deaf", "say=up", "stay"];
    // The second one is about to end when it is dropped.
    for stops in [false, true] {
        world.log.clear();
        let (one_off, settings) = (one_off(&world, &steps), world.settings());
        let stop = CancellationToken::new();
        let told = stop.clone();
        let running = tokio::spawn(async move { run_once(one_off, &settings, told).await });
        eventually("it runs", || world.log.of("check") == ["up"] && world.leaves().len() == 3);
        if stops {
            stop.cancel();
        }
        running.abort();
        eventually("all is gone", || world.mark.processes().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_frozen_is_done_without() {
    let world = World::new();
    let (one_off, settings) =
        (one_off(&world, &["child=daemon", "say=up", "stay"]), world.settings());
    let stop = CancellationToken::new();
    let running = tokio::spawn(async move { run_once(one_off, &settings, stop).await });
    eventually("it runs", || world.log.of("check") == ["up"] && world.leaves().len() == 1);
    send(world.guards()[0], Signal::STOP);
    running.abort();
    eventually("all is gone", || world.mark.processes().is_empty());
}

#[test]
fn nothing_is_left_when_the_runtime_ends() {
    let world = World::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (one_off, settings) =
        (one_off(&world, &["child=daemon", "say=up", "stay"]), world.settings());
    runtime.spawn(async move { run_once(one_off, &settings, CancellationToken::new()).await });
    eventually("it runs", || world.log.of("check") == ["up"] && world.leaves().len() == 1);
    runtime.shutdown_background();
    eventually("all is gone", || world.mark.processes().is_empty());
}
