//! How jobs are stopped, and that nothing is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ensconce_supervisor::{Job, Listen, Phase, Ready, Render, StopRule, StopSignal};
use ensconce_testkit::{PATIENCE, eventually};
use rustix::process::Signal;

use crate::world::{World, needs, send, stop_within};

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_another_is_stopped_before_it() {
    let world = World::new();
    let steps = &["slow-stop=30", "say=up", "stay"];
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let service = |name: &str, on: &[&str]| Job {
        needs: needs(on),
        ready: ready.clone(),
        ..world.service(name, steps)
    };
    let running =
        world.start(vec![service("a", &[]), service("b", &["a"]), service("c", &["b", "a"])]);
    running.until_up().await;
    running.stop(&world).await;
    let ends: Vec<String> =
        world.log.all().into_iter().filter(|line| !line.ends_with("up")).collect();
    assert_eq!(ends, ["c: asked", "c: bye", "b: asked", "b: bye", "a: asked", "a: bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_nothing_of_each_other_is_stopped_in_parallel() {
    let world = World::new();
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let service = |name: &str, other: &str| {
        let (mine, other) = (world.path(name), world.path(other));
        let meet = format!("meet-at-stop={},{}", mine.display(), other.display());
        Job { ready: ready.clone(), ..world.service(name, &[&meet, "say=up", "stay"]) }
    };
    let running = world.start(vec![service("a", "b"), service("b", "a")]);
    running.until_up().await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deaf_is_killed_when_its_time_is_over() {
    let world = World::new();
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let api = world.service("api", &["deaf", "say=up", "stay"]);
    let running = world.start(vec![Job { ready, stop: stop_within(200), ..api }]);
    running.until_up().await;
    let asked = Instant::now();
    running.stop(&world).await;
    assert!(asked.elapsed() >= Duration::from_millis(200));
    assert!(asked.elapsed() < PATIENCE / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signal_is_the_one_that_is_asked_for() {
    let world = World::new();
    let script = "trap 'echo interrupted; exit 0' INT; echo up; while :; do sleep 0.01; done";
    let running = world.start(vec![Job {
        ready: Ready::Log(regex::Regex::new("up").unwrap()),
        stop: StopRule { signal: StopSignal::Int, timeout: PATIENCE },
        ..world.script("api", script)
    }]);
    running.until_up().await;
    running.stop(&world).await;
    assert_eq!(world.log.of("api"), ["up", "interrupted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_tree_goes_whatever_a_child_does() {
    // Those that end when they are asked do so long before their time is over.
    let long = 1_000_000;
    for (child, limit) in
        [("plain", long), ("setsid", long), ("daemon", long), ("deaf", 200), ("frozen", 200)]
    {
        let world = World::new();
        let step = format!("child={child}");
        let api = world.service("api", &[&step, "stay"]);
        let running = world.start(vec![Job { stop: stop_within(limit), ..api }]);
        running.until_up().await;
        eventually("the child runs", || world.leaves().len() == 1);
        running.stop(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_frozen_goes_on_and_ends_in_order() {
    let world = World::new();
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let api = world.service("api", &["slow-stop=0", "say=up", "stay"]);
    let running = world.start(vec![Job { ready, ..api }]);
    let pid = running.until_phase("api", Phase::Ready).await.pid.unwrap();
    send(pid, Signal::STOP);
    running.stop(&world).await;
    assert_eq!(world.log.of("api"), ["up", "asked", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_outlives_its_program_is_asked_too() {
    let world = World::new();
    let script = "\"$FAKE\" slow-stop=50 say=up stay & wait";
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let running = world.start(vec![Job { ready, ..world.script("api", script) }]);
    running.until_up().await;
    running.stop(&world).await;
    assert_eq!(world.log.of("api"), ["up", "asked", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_while_starting_waiting_and_backing_off() {
    let world = World::new();
    let crash = world.service("crash", &["stay"]);
    let running = world.start(vec![
        Job {
            ready: Ready::Listening,
            listen: Listen::Tcp(None),
            ..world.service("starting", &["child=setsid", "stay"])
        },
        world.task("task", &["child=daemon", "stay"]),
        Job { needs: needs(&["starting"]), ..world.service("waiting", &["stay"]) },
        crash,
    ]);
    running.until_backing_off("crash").await;
    running.stop(&world).await;
    for name in ["starting", "task", "waiting", "crash"] {
        assert_eq!(running.phase(name), Phase::Stopped, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_at_any_moment_of_a_start() {
    for microseconds in (0..12).map(|step| step * 700) {
        let world = World::new();
        let api = world.service("api", &["child=daemon", "child=setsid", "tcp={port}", "stay"]);
        let running =
            world.start(vec![Job { ready: Ready::Listening, listen: Listen::Tcp(None), ..api }]);
        tokio::time::sleep(Duration::from_micros(microseconds)).await;
        running.stop(&world).await;
        assert_eq!(running.phase("api"), Phase::Stopped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_does_not_wait_for_a_keychain() {
    let world = World::new();
    let render: Render = Arc::new(|_| Box::pin(std::future::pending()));
    let running = world.start(vec![Job { render, ..world.service("api", &[]) }]);
    running.until_phase("api", Phase::Starting).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_twice_at_once_and_once_more() {
    let world = World::new();
    let running = world.start(vec![world.service("api", &["slow-stop=30", "stay"])]);
    running.until_up().await;
    tokio::join!(running.stop(&world), running.stop(&world));
    running.stop(&world).await;
    assert_eq!(running.phase("api"), Phase::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_handle_stops_everything() {
    let world = World::new();
    let running = world.start(vec![world.service("api", &["child=daemon", "stay"])]);
    running.until_up().await;
    let other = running.handle.clone();
    drop(running);
    assert!(!world.mark.processes().is_empty());
    drop(other);
    eventually("all is gone", || world.mark.processes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_begun_again_while_stopping() {
    let world = World::new();
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let api = Job { ready, ..world.slow_to_end("api") };
    let running = world.start(vec![api, world.task("failed", &["exit=1"])]);
    running.until_phase("api", Phase::Ready).await;
    running.until_failed("failed").await;
    running.handle.restart("api").await;
    let handle = running.handle.clone();
    let stopping = tokio::spawn(async move { handle.stop().await });
    eventually("it is asked to end", || world.path("asked").exists());
    // Until the stop has come to the loop, there is something to restart.
    while running.handle.restart("api").await {}
    running.handle.retry().await;
    running.handle.replace(vec![world.service("new", &["stay"])], Default::default()).await;
    std::fs::write(world.path("go"), "").unwrap();
    stopping.await.unwrap();
    let snapshot = running.handle.snapshots().borrow().clone();
    assert_eq!(snapshot.job("api").unwrap().phase, Phase::Stopped);
    assert!(snapshot.job("new").is_none());
    assert_eq!(world.log.of("api"), ["up", "asked", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_frozen_is_done_without() {
    let world = World::new();
    let api = world.service("api", &["child=daemon", "stay"]);
    let running = world.start(vec![Job { stop: stop_within(50), ..api }]);
    running.until_up().await;
    eventually("the child runs", || world.leaves().len() == 1);
    let guards = world.guards();
    assert_eq!(guards.len(), 1);
    send(guards[0], Signal::STOP);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_zombies_are_left() {
    let world = World::new();
    let running = world.start(vec![world.service("api", &["stay"])]);
    running.until_up().await;
    let guard = world.guards()[0];
    running.stop(&world).await;
    assert!(!std::path::Path::new(&format!("/proc/{guard}")).exists());
}
