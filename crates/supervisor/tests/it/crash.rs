//! Services that end by themselves.

use std::time::{Duration, Instant};

use ensconce_supervisor::{Address, Job, Kind, Listen, Phase, Ready, Reason};
use ensconce_testkit::eventually;
use rustix::process::Signal;

use crate::world::{World, needs, send, stop_within};

fn listening(world: &World, name: &str, steps: &[&str]) -> Job {
    Job { listen: Listen::Tcp(None), ready: Ready::Listening, ..world.service(name, steps) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ends_is_started_again_at_the_same_address() {
    let world = World::new();
    let running = world.start(vec![
        listening(&world, "api", &["child=daemon", "tcp={port}", "stay"]),
        Job { needs: needs(&["api"]), ..world.script("other", "while :; do sleep 1; done") },
    ]);
    let snapshot = running.until_up().await;
    let before = snapshot.job("api").unwrap().clone();
    let old = world.leaves();
    send(before.pid.unwrap(), Signal::KILL);
    let crashed = Instant::now();
    let after = running.until_ready_again("api", before.pid).await;
    assert!(crashed.elapsed() >= Duration::from_millis(100), "the pause before the restart");
    assert_eq!(after.address, before.address);
    let now = world.mark.processes();
    assert!(old.iter().all(|pid| !now.contains(pid)), "the old tree is gone first");
    let other = snapshot.job("other").unwrap().pid;
    assert_eq!(running.until_up().await.job("other").unwrap().pid, other);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_keeps_ending_is_given_up() {
    let world = World::new();
    let running = world.start(vec![listening(&world, "api", &["say=up", "tcp={port}", "stay"])]);
    let begun = Instant::now();
    let mut before = None;
    for _ in 0..6 {
        before = running.until_ready_again("api", before).await.pid;
        send(before.unwrap(), Signal::KILL);
    }
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::KeepsEnding { .. }));
    assert_eq!(failure.to_string(), "`api` was ended by signal 9 for the 6th time in 60 s");
    assert_eq!(failure.tail, ["up"]);
    // The pauses: 100, 200, 400, 800 and 1600 ms.
    assert!(begun.elapsed() >= Duration::from_millis(3100));
    assert_eq!(world.log.of("api").len(), 6);
    world.assert_nothing_left();
    running.handle.retry();
    let after = running.until_ready_again("api", before).await;
    send(after.pid.unwrap(), Signal::KILL);
    running.until_ready_again("api", after.pid).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_that_fails_once_is_not_the_end() {
    let world = World::new();
    let script = "if [ ! -e first ]; then touch first; \
         elif [ ! -e second ]; then touch second; exit 3; fi; exec \"$FAKE\" tcp={port} stay";
    let running = world.start(vec![Job {
        listen: Listen::Tcp(None),
        ready: Ready::Listening,
        ..world.script("api", script)
    }]);
    let before = running.until_phase("api", Phase::Ready).await.pid;
    send(before.unwrap(), Signal::KILL);
    running.until_ready_again("api", before).await;
    assert!(world.path("second").exists());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_told_port_is_forgotten_and_those_it_was_told_to_start_again() {
    let world = World::new();
    let running = world.start(vec![
        Job {
            listen: Listen::Handshake(world.path("port.json")),
            ready: Ready::Listening,
            ..world.service("api", &["port-line", "stay"])
        },
        Job { needs: needs(&["api"]), ..world.service("user", &["say={port:api}", "stay"]) },
    ]);
    let before = running.until_up().await;
    let restarting = running.until_backing_off("api").await;
    assert_eq!(restarting.address, None);
    running.until_ready_again("api", before.job("api").unwrap().pid).await;
    running.until_ready_again("user", before.job("user").unwrap().pid).await;
    let after = running.until_up().await;
    let port = after.job("api").and_then(|job| job.address.as_ref()).and_then(Address::port);
    let port = port.map(|port| port.to_string());
    eventually("it was told", || world.log.of("user").last() == port.as_ref());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restart_stops_the_whole_tree_first() {
    let world = World::new();
    let running =
        world.start(vec![listening(&world, "api", &["child=daemon", "tcp={port}", "stay"])]);
    let before = running.until_phase("api", Phase::Ready).await;
    let old = world.mark.processes();
    running.handle.restart("api");
    let after = running.until_ready_again("api", before.pid).await;
    assert_eq!(after.address, before.address);
    let now = world.mark.processes();
    assert!(old.iter().all(|pid| !now.contains(pid)), "{old:?} {now:?}");
    running.handle.restart("nobody");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restart_runs_a_task_again_and_ends_a_pause() {
    let world = World::new();
    let running = world
        .start(vec![world.task("task", &["say=ran"]), world.service("api", &["say=ran", "stay"])]);
    running.until_phase("task", Phase::Done).await;
    running.handle.restart("task");
    eventually("it ran again", || world.log.of("task").len() == 2);
    running.until_backing_off("api").await;
    let runs = world.log.of("api").len();
    running.handle.restart("api");
    eventually("it ran again", || world.log.of("api").len() > runs);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_guard_takes_its_tree_along() {
    let world = World::new();
    let steps = ["child=plain", "child=setsid", "child=daemon", "child=deaf", "stay"];
    let stop = stop_within(200);
    let running = world.start(vec![Job { stop, ..world.service("api", &steps) }]);
    let before = running.until_phase("api", Phase::Ready).await;
    let all_run = || world.leaves().len() == 4;
    eventually("the children run", all_run);
    let old = world.mark.processes();
    send(world.guards()[0], Signal::KILL);
    running.until_ready_again("api", before.pid).await;
    let now = world.mark.processes();
    assert!(old.iter().all(|pid| !now.contains(pid)), "{old:?} {now:?}");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_whose_guard_is_killed_has_failed() {
    let world = World::new();
    let task = world.service("task", &["child=daemon", "say=up", "stay"]);
    let running = world.start(vec![Job { kind: Kind::Task, ..task }]);
    eventually("it runs", || world.log.of("task") == ["up"]);
    send(world.guards()[0], Signal::KILL);
    let failure = running.until_failed("task").await;
    assert_eq!(failure.to_string(), "`task` ended");
    world.assert_nothing_left();
    running.stop(&world).await;
}
