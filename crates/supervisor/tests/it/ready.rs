//! How a service is known to be ready, and what is said when it never is.

use std::time::Duration;

use ensconce_supervisor::{Failure, Job, Listen, Ready, Reason};
use ensconce_testkit::PATIENCE;
use regex::Regex;

use crate::world::World;

fn http(path: &str) -> Ready {
    Ready::Http { path: path.to_owned(), statuses: Vec::new() }
}

async fn check_ready(ready: Ready, listen: Listen, steps: &[&str]) {
    let world = World::new();
    let running = world.start(vec![Job { ready, listen, ..world.service("api", steps) }]);
    running.until_up().await;
    running.stop(&world).await;
}

/// Starts what is never ready, and sees what is said of it.
///
/// How far it comes in its time depends on the machine, so it has longer and longer.
async fn check_never(ready: Ready, listen: Listen, steps: &[&str], last: &str) {
    let mut limit = Duration::from_millis(300);
    loop {
        let message = never(ready.clone(), listen.clone(), steps, limit).await;
        let seconds = limit.as_secs_f64();
        let enough = message.ends_with(last) || limit > PATIENCE / 4;
        if enough {
            let seconds = format!("{}", (seconds * 10.0).round() / 10.0);
            return assert_eq!(message, format!("`api` was not ready in {seconds} s: {last}"));
        }
        limit *= 2;
    }
}

async fn never(ready: Ready, listen: Listen, steps: &[&str], limit: Duration) -> String {
    let world = World::new();
    let api = world.service("api", steps);
    let running = world.start(vec![Job { ready, listen, start_timeout: limit, ..api }]);
    let failure = running.until_failed("api").await;
    assert!(failure.waited >= limit);
    world.assert_nothing_left();
    running.stop(&world).await;
    let port = Regex::new(r"port \d+").unwrap();
    let message = port.replace(&failure.to_string(), "port N").into_owned();
    message.replace(world.path("").to_str().unwrap(), "DIR/")
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_by_listening_late() {
    check_ready(Ready::Listening, Listen::Tcp(None), &["wait=100", "tcp={port}", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_by_http_after_some_errors() {
    let steps = &["fail-first=3", "tcp={port}", "stay"];
    check_ready(http("/health?x=1"), Listen::Tcp(None), steps).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_by_the_status_that_is_asked_for() {
    let ready = Ready::Http { path: "/".to_owned(), statuses: vec![204, 401] };
    check_ready(ready, Listen::Tcp(None), &["status=401", "tcp={port}", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_by_a_line_on_either_stream() {
    let ready = Ready::Log(Regex::new(r"^listening on \d+$").unwrap());
    for step in ["say=listening on 80", "complain=listening on 80"] {
        check_ready(ready.clone(), Listen::Nowhere, &["say=hello", step, "stay"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_by_a_line_waits_for_the_port_as_well() {
    let ready = Ready::Log(Regex::new("soon").unwrap());
    check_ready(ready, Listen::Tcp(None), &["say=soon", "wait=50", "tcp={port}", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_by_notification() {
    let world = World::new();
    let ready = Ready::Notify(world.path("notify"));
    let running =
        world.start(vec![Job { ready, ..world.service("api", &["wait=30", "notify", "stay"]) }]);
    running.until_up().await;
    running.stop(&world).await;
    assert!(!world.path("notify").exists(), "the socket is left over");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_after_the_start_hold_nobody_up() {
    let world = World::new();
    let many = vec!["notify"; 2000];
    let done = world.step("touch", "done");
    let steps = [&many[..], &[&done, "stay"]].concat();
    let ready = Ready::Notify(world.path("notify"));
    let running = world.start(vec![Job { ready, ..world.service("api", &steps) }]);
    running.until_up().await;
    ensconce_testkit::eventually("all are sent", || world.path("done").exists());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn much_output_before_it_is_ready_does_not_stall_it() {
    let steps = &["flood=4000000", "tcp={port}", "stay"];
    check_ready(http("/"), Listen::Tcp(None), steps).await;
    let world = World::new();
    let steps = &["flood=4000000", "notify", "stay"];
    let ready = Ready::Notify(world.path("notify"));
    let running = world.start(vec![Job { ready, ..world.service("api", steps) }]);
    running.until_up().await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_listening() {
    let last = "nothing listens on port N";
    check_never(Ready::Listening, Listen::Tcp(None), &["stay"], last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_listening_on_its_socket() {
    let folder = ensconce_testkit::temp_dir();
    let listen = Listen::Unix(folder.path().join("s"));
    check_never(Ready::Listening, listen, &["stay"], "nothing listens on its socket").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn always_an_error() {
    let steps = &["status=500", "tcp={port}", "stay"];
    let last = "/health answered with status 500";
    check_never(http("/health"), Listen::Tcp(None), steps, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_closed_half_way() {
    let steps = &["hang-up", "tcp={port}", "stay"];
    let last = "/ did not answer: connection closed before message completed";
    check_never(http("/"), Listen::Tcp(None), steps, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_an_answer() {
    let steps = &["mute", "tcp={port}", "stay"];
    let last = "/ was asked for and has not answered";
    check_never(http("/"), Listen::Tcp(None), steps, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_the_line() {
    let ready = Ready::Log(Regex::new("up and running").unwrap());
    let last = "no line of output matched `up and running`";
    check_never(ready, Listen::Nowhere, &["say=up", "stay"], last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_a_notification() {
    let folder = ensconce_testkit::temp_dir();
    let ready = Ready::Notify(folder.path().join("other"));
    let last = "it sent no READY=1 to NOTIFY_SOCKET";
    check_never(ready, Listen::Nowhere, &["stay"], last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_a_port() {
    let file = std::path::PathBuf::from("/nowhere/port.json");
    let last = "it told no port, neither in /nowhere/port.json nor by a line PORT:N";
    let steps = &["say=REPORT:80", "stay"];
    check_never(Ready::Listening, Listen::Handshake(file), steps, last).await;
}

async fn early(steps: &[&str]) -> std::sync::Arc<Failure> {
    let world = World::new();
    let api = world.service("api", steps);
    let listen = Listen::Tcp(None);
    let running = world.start(vec![Job { ready: Ready::Listening, listen, ..api }]);
    let failure = running.until_failed("api").await;
    running.stop(&world).await;
    failure
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_it_is_ready_shows_the_last_lines() {
    for _ in 0..10 {
        let failure = early(&["say=importing", "say=No module named app", "exit=1"]).await;
        assert_eq!(failure.to_string(), "`api` ended with exit code 1 before it was ready");
        assert_eq!(failure.tail, ["importing", "No module named app"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_without_a_mistake_is_one_all_the_same() {
    let failure = early(&["say=done"]).await;
    assert!(matches!(failure.reason, Reason::EndedEarly(ref crash) if crash.is_success()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_lines_the_last_forty_are_kept() {
    let lines: Vec<String> = (0..100).map(|number| format!("say={number}")).collect();
    let steps: Vec<&str> = lines.iter().map(String::as_str).chain(["exit=1"]).collect();
    let failure = early(&steps).await;
    assert_eq!(failure.tail.len(), 40);
    assert_eq!(failure.tail.first().unwrap(), "60");
    assert_eq!(failure.tail.last().unwrap(), "99");
}
