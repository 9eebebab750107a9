//! Services that live and do nothing.

use std::time::Duration;

use ensconce_supervisor::{
    Failure, Job, Launch, Listen, Liveness, Pace, Phase, Ready, Reason, RestartPolicy, RestartRule,
};
use ensconce_testkit::{PATIENCE, eventually};
use rustix::process::Signal;

use crate::world::{World, rendered, send};

const TIMEOUT: Duration = Duration::from_millis(300);

fn pace(failures: u32) -> Pace {
    Pace { period: Duration::from_millis(10), timeout: TIMEOUT, failures }
}

fn http(failures: u32) -> Liveness {
    asked(pace(failures))
}

/// For services that answer, however slow the machine is.
fn patient(failures: u32) -> Liveness {
    asked(Pace { timeout: PATIENCE, ..pace(failures) })
}

fn asked(pace: Pace) -> Liveness {
    Liveness::Http { path: "/health".to_owned(), statuses: Vec::new(), pace }
}

/// A service that is not started again, so that its end is seen.
fn once(world: &World, liveness: Liveness, steps: &[&str]) -> Job {
    Job {
        listen: Listen::Tcp(None),
        ready: Ready::Listening,
        restart: RestartRule { policy: RestartPolicy::Never, ..Default::default() },
        liveness: Some(liveness),
        ..world.service("api", steps)
    }
}

/// Starts a service that is found to hang by itself, and gives what is said of it.
async fn found_hanging(liveness: Liveness, steps: &[&str]) -> String {
    let world = World::new();
    let running = world.start(vec![once(&world, liveness, steps)]);
    let failure = running.until_failed("api").await;
    world.assert_nothing_left();
    running.stop(&world).await;
    because(&failure)
}

fn because(failure: &Failure) -> String {
    match &failure.reason {
        Reason::NotRestarted(crash) => crash.to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_accepts_and_never_answers() {
    let steps = ["child=setsid", "child=daemon", "child=deaf", "mute", "tcp={port}", "stay"];
    let said = found_hanging(http(2), &steps).await;
    assert_eq!(said, "did not answer its health check 2 times in a row (no answer in 0.3 s)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_answer_never_ends() {
    let said = found_hanging(http(1), &["dribble", "tcp={port}", "stay"]).await;
    assert_eq!(said, "did not answer its health check once (no answer in 0.3 s)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_says_it_is_not_well() {
    let said = found_hanging(patient(3), &["status=503", "tcp={port}", "stay"]).await;
    assert_eq!(said, "failed its health check 3 times in a row (status 503)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_later_is_restarted() {
    let world = World::new();
    let steps = ["child=daemon", "hang-at-usr1", "tell", "tcp={port}", "stay"];
    let limit = RestartRule { limit: 1, delay: Duration::ZERO, ..Default::default() };
    let running = world.start(vec![Job { restart: limit, ..once(&world, http(3), &steps) }]);
    let before = running.until_phase("api", Phase::Ready).await;
    eventually("it is asked", || world.log.of("api").len() > 3);
    let old = world.mark.processes();
    send(before.pid.unwrap(), Signal::USR1);
    let after = running.until_ready_again("api", before.pid).await;
    let now = world.mark.processes();
    assert!(old.iter().all(|pid| !now.contains(pid)), "the old tree is gone first");
    send(after.pid.unwrap(), Signal::USR1);
    let failure = running.until_failed("api").await;
    assert_eq!(
        failure.to_string(),
        "`api` did not answer its health check 3 times in a row (no answer in 0.3 s) \
         for the 2nd time in 60 s"
    );
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_service_hangs_too() {
    let world = World::new();
    let running = world.start(vec![once(&world, http(1), &["tcp={port}", "stay"])]);
    let before = running.until_phase("api", Phase::Ready).await;
    send(before.pid.unwrap(), Signal::STOP);
    let said = because(&*running.until_failed("api").await);
    assert_eq!(said, "did not answer its health check once (no answer in 0.3 s)");
    world.assert_nothing_left();
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_checked_before_it_is_ready() {
    let world = World::new();
    let path = "/health".to_owned();
    let ready = Ready::Http { path, statuses: Vec::new() };
    let steps = ["fail-first=20", "tell", "tcp={port}", "stay"];
    let running = world.start(vec![Job { ready, ..once(&world, patient(1), &steps) }]);
    let ready = running.until_phase("api", Phase::Ready).await;
    eventually("it is asked again and again", || world.log.of("api").len() > 30);
    assert_eq!(running.phase("api"), Phase::Ready);
    assert_eq!(running.until_up().await.job("api").unwrap().pid, ready.pid);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_socket_is_gone() {
    let world = World::new();
    let socket = world.step("unix", "s");
    let job = once(&world, Liveness::Connect(pace(3)), &[&socket, "stay"]);
    let running = world.start(vec![Job { listen: Listen::Unix(world.path("s")), ..job }]);
    running.until_up().await;
    std::fs::remove_file(world.path("s")).unwrap();
    let said = because(&*running.until_failed("api").await);
    let start = "did not answer its health check 3 times in a row (No such file or directory";
    assert!(said.starts_with(start), "{said}");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_never_connected_to_is_asked_at_either_address() {
    let world = World::new();
    let steps = ["tell", "tcp6={port}", "stay"];
    let job = once(&world, patient(200), &steps);
    let running = world.start(vec![Job { ready: Ready::Started, ..job }]);
    eventually("it is asked", || world.log.of("api").len() > 3);
    assert_eq!(running.phase("api"), Phase::Ready);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_listens_nowhere_is_not_asked() {
    let world = World::new();
    let api = once(&world, patient(1), &["stay"]);
    let later =
        Job { listen: Listen::Tcp(None), ..world.service("later", &["tcp={port}", "stay"]) };
    let later = Job { ready: Ready::Listening, ..later };
    let running = world.start(vec![
        Job { listen: Listen::Nowhere, ready: Ready::Started, ..api },
        Job { liveness: Some(patient(1)), needs: vec!["api".to_owned()], ..later },
    ]);
    // Long after the first check would have been.
    let asked = running.until_up().await;
    running.handle.restart("later").await;
    running.until_ready_again("later", asked.job("later").unwrap().pid).await;
    let now = running.until_up().await;
    assert_eq!(now.job("api").unwrap().pid, asked.job("api").unwrap().pid);
    running.stop(&world).await;
}

fn watchdog(world: &World, limit: Duration, steps: &[&str]) -> Job {
    let liveness = Liveness::Watchdog { socket: world.path("notify"), limit };
    let job = once(world, liveness, steps);
    Job { listen: Listen::Nowhere, ready: Ready::Started, ..job }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_gives_no_sign_of_life() {
    let world = World::new();
    let job = watchdog(&world, TIMEOUT, &["stay"]);
    let running = world.start(vec![job]);
    let said = because(&*running.until_failed("api").await);
    assert_eq!(said, "sent no WATCHDOG=1 for 0.3 s");
    world.assert_nothing_left();
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_gives_signs_of_life_until_it_hangs() {
    let world = World::new();
    let steps = [
        "env=WATCHDOG_USEC",
        "env=WATCHDOG_PID",
        "watchdog=5",
        "hang-at-usr1",
        "wait=2000",
        "say=alive",
        "notify",
        "stay",
    ];
    let limit = Duration::from_secs(1);
    // With the same socket for both.
    let ready = Ready::Notify(world.path("notify"));
    let running = world.start(vec![Job { ready, ..watchdog(&world, limit, &steps) }]);
    let ready = running.until_phase("api", Phase::Ready).await;
    let pid = ready.pid.unwrap();
    let id = format!("WATCHDOG_PID={pid}");
    eventually("all is said", || world.log.of("api").len() == 3);
    assert_eq!(world.log.of("api"), ["WATCHDOG_USEC=1000000", &id, "alive"]);
    send(pid, Signal::USR1);
    let said = because(&*running.until_failed("api").await);
    assert_eq!(said, "sent no WATCHDOG=1 for 1 s");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_of_life_keep_it_alive() {
    let world = World::new();
    // Twice as long as it may be silent.
    let steps = ["watchdog=5", "wait=3000", "touch=done", "stay"];
    let limit = Duration::from_millis(1500);
    let running = world.start(vec![watchdog(&world, limit, &steps)]);
    let before = running.until_phase("api", Phase::Ready).await;
    eventually("it has lived long", || world.path("done").exists());
    assert_eq!(running.until_up().await.job("api").unwrap().pid, before.pid);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_with_a_watchdog() {
    let world = World::new();
    let program = world.program(vec!["no-such-program".to_owned()]);
    let render = rendered(move |_| Ok(Launch::Run(program.clone())));
    let running = world.start(vec![Job { render, ..watchdog(&world, TIMEOUT, &[]) }]);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::NoProgram(_)), "{failure}");
    running.stop(&world).await;
}
