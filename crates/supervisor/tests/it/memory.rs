//! Services that use too much memory.

use ensconce_supervisor::{Job, Listen, Phase, Ready, RestartPolicy, RestartRule};
use ensconce_testkit::{PATIENCE, eventually};
use rustix::process::Signal;

use crate::world::{World, send};

const LIMIT: u64 = 100_000_000;

/// A service that is not started again, so that its end is seen.
fn limited(world: &World, steps: &[&str]) -> Job {
    let restart = RestartRule { policy: RestartPolicy::Never, ..Default::default() };
    Job { restart, memory_limit: Some(LIMIT), ..world.service("api", steps) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_grows_is_killed_and_started_again() {
    let world = World::new();
    let job = limited(&world, &["child=daemon", "grow-at-usr1=200", "say=up", "stay"]);
    // Away until it is restarted by hand, so that this is seen.
    let restart = RestartRule { delay: PATIENCE * 10, ..Default::default() };
    let running = world.start(vec![Job { restart, ..job }]);
    let before = running.until_phase("api", Phase::Ready).await;
    eventually("it listens to signals", || world.log.of("api") == ["up"]);
    send(before.pid.unwrap(), Signal::USR1);
    let away = running.until_phase("api", Phase::Restarting).await;
    let why = away.crash.unwrap().to_string();
    assert_eq!(why, "used more than 100 MB of memory");
    running.handle.restart("api").await;
    running.until_ready_again("api", before.pid).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_tree_counts() {
    let world = World::new();
    let running = world.start(vec![limited(&world, &["child=big", "child=big", "stay"])]);
    let failure = running.until_failed("api").await;
    let message = "`api` used more than 100 MB of memory and is not to be started again";
    assert_eq!(failure.to_string(), message);
    world.assert_nothing_left();
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_also_counts_before_it_is_ready() {
    let world = World::new();
    let job = limited(&world, &["grow=200", "stay"]);
    let running =
        world.start(vec![Job { listen: Listen::Tcp(None), ready: Ready::Listening, ..job }]);
    let failure = running.until_failed("api").await;
    let message = "`api` used more than 100 MB of memory before it was ready";
    assert_eq!(failure.to_string(), message);
    running.stop(&world).await;
}
