//! After which ends a service is started again, and after which it is not.

use std::time::Duration;

use ensconce_supervisor::{Job, Phase, Ready, Reason, RestartPolicy, RestartRule};
use ensconce_testkit::PATIENCE;
use regex::Regex;
use rustix::process::Signal;

use crate::world::{Running, World, needs, send};

fn rule(policy: RestartPolicy) -> RestartRule {
    RestartRule { policy, ..Default::default() }
}

/// A service that says `up` when it is ready, and ends with this code at SIGUSR1.
fn ends_with(world: &World, code: i32, restart: RestartRule) -> Job {
    let exit = format!("exit-at-usr1={code}");
    let ready = Ready::Log(Regex::new("up").unwrap());
    Job { ready, restart, ..world.service("api", &[&exit, "say=up", "stay"]) }
}

/// Lets it end, once it is ready.
async fn end(running: &Running) -> Option<u32> {
    let pid = running.until_phase("api", Phase::Ready).await.pid;
    send(pid.unwrap(), Signal::USR1);
    pid
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_work_is_done_holds_nobody_up() {
    for policy in [RestartPolicy::OnFailure, RestartPolicy::Never] {
        let world = World::new();
        let other = Job { needs: needs(&["api"]), ..world.service("other", &["stay"]) };
        let running = world.start(vec![ends_with(&world, 0, rule(policy)), other]);
        let before = end(&running).await;
        running.until_phase("api", Phase::Ended).await;
        let snapshot = running.until_up().await;
        assert!(snapshot.failure().is_none());
        let other = snapshot.job("other").unwrap().pid;
        running.handle.restart("other");
        running.until_ready_again("other", other).await;
        assert_eq!(running.phase("api"), Phase::Ended);
        assert_eq!(world.log.of("api"), ["up"]);
        running.handle.restart("api");
        running.until_ready_again("api", before).await;
        running.stop(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_failure_means_after_each_failure() {
    let world = World::new();
    let running = world.start(vec![ends_with(&world, 7, rule(RestartPolicy::OnFailure))]);
    let before = end(&running).await;
    let after = running.until_ready_again("api", before).await;
    send(after.pid.unwrap(), Signal::KILL);
    running.until_ready_again("api", after.pid).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_means_that_an_end_is_final() {
    let world = World::new();
    let running = world.start(vec![ends_with(&world, 7, rule(RestartPolicy::Never))]);
    let before = end(&running).await;
    let failure = running.until_failed("api").await;
    assert_eq!(failure.to_string(), "`api` ended with exit code 7 and is not to be started again");
    assert_eq!(failure.tail, ["up"]);
    assert_eq!(world.log.of("api"), ["up"]);
    running.handle.retry();
    running.until_ready_again("api", before).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_failure_is_told_at_once() {
    let world = World::new();
    let running = world.start(vec![ends_with(&world, 125, RestartRule::default())]);
    end(&running).await;
    let failure = running.until_failed("api").await;
    let message = "`api` ended with exit code 125, after which it is not started again";
    assert_eq!(failure.to_string(), message);
    assert_eq!(failure.tail, ["up"]);
    assert_eq!(world.log.of("api"), ["up"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn which_codes_are_permanent_can_be_told() {
    let world = World::new();
    let mine = RestartRule { never_after: vec![3, 4], ..Default::default() };
    let running = world.start(vec![ends_with(&world, 4, mine)]);
    end(&running).await;
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::Permanent { code: 4 }), "{failure}");
    running.stop(&world).await;
    let none = RestartRule { never_after: Vec::new(), ..Default::default() };
    let running = world.start(vec![ends_with(&world, 125, none)]);
    let before = end(&running).await;
    running.until_ready_again("api", before).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_can_find_out_that_it_is_of_no_use() {
    let world = World::new();
    let script = "if [ -e gone ]; then echo no licence; exit 125; fi; \
         touch gone; echo up; exec \"$FAKE\" stay";
    let ready = Ready::Log(Regex::new("up").unwrap());
    let running = world.start(vec![Job { ready, ..world.script("api", script) }]);
    let before = running.until_phase("api", Phase::Ready).await.pid;
    send(before.unwrap(), Signal::KILL);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::Permanent { code: 125 }), "{failure}");
    assert_eq!(failure.tail, ["no licence"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_and_its_window_are_those_that_were_given() {
    let world = World::new();
    let (limit, window) = (1, Duration::from_secs(300));
    let few = RestartRule { limit, window, delay: Duration::ZERO, ..Default::default() };
    let running = world.start(vec![ends_with(&world, 1, few)]);
    let before = end(&running).await;
    let after = running.until_ready_again("api", before).await;
    send(after.pid.unwrap(), Signal::KILL);
    let failure = running.until_failed("api").await;
    assert_eq!(failure.to_string(), "`api` was ended by signal 9 for the 2nd time in 300 s");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_window_it_is_never_given_up() {
    let world = World::new();
    let (delay, window) = (Duration::ZERO, Duration::ZERO);
    let always = RestartRule { limit: 1, window, delay, ..Default::default() };
    let running = world.start(vec![ends_with(&world, 1, always)]);
    let mut before = None;
    for _ in 0..8 {
        let ready = running.until_ready_again("api", before).await;
        send(ready.pid.unwrap(), Signal::KILL);
        before = ready.pid;
    }
    running.until_ready_again("api", before).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_it_is_started_again_is_told_meanwhile() {
    let world = World::new();
    // Longer than the test lasts: only a restart by hand ends it.
    let late = RestartRule { delay: PATIENCE * 10, ..Default::default() };
    let running = world.start(vec![ends_with(&world, 7, late)]);
    let before = end(&running).await;
    let away = running.until_phase("api", Phase::Restarting).await;
    assert_eq!(away.crash.map(|crash| crash.to_string()).unwrap(), "ended with exit code 7");
    running.handle.restart("api");
    let back = running.until_ready_again("api", before).await;
    assert_eq!(back.crash, None);
    running.stop(&world).await;
}
