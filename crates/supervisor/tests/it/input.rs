//! What programs find on their standard input.

use ensconce_supervisor::{Input, Job, Kind, Launch, Listen, Liveness, Phase, Ready};
use ensconce_testkit::{PATIENCE, eventually};

use crate::listen::inherited;
use crate::world::{World, rendered, stop_within};

/// More than a pipe holds.
const MUCH: usize = 3_000_000;

/// A job with something on its standard input.
fn given(world: &World, name: &str, steps: &[&str], input: Option<Input>) -> Job {
    let mut command = vec![world.fake.display().to_string()];
    command.extend(steps.iter().map(|step| (*step).to_owned()));
    let mut program = world.program(command);
    program.input = input;
    let render = rendered(move |_| Ok(Launch::Run(program.clone())));
    Job { render, ..world.service(name, &[]) }
}

fn task(world: &World, steps: &[&str], input: Option<Input>) -> Job {
    Job { kind: Kind::Task, ..given(world, "task", steps, input) }
}

/// Runs a task, and returns what it says about its standard input.
async fn said(steps: &[&str], input: Option<Input>) -> Vec<String> {
    let world = World::new();
    let running = world.start(vec![task(&world, steps, input)]);
    running.until_up().await;
    let said = world.log.of("task");
    running.stop(&world).await;
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_none_unless_it_is_given() {
    assert_eq!(said(&["count-input"], None).await, ["input 0"]);
    assert_eq!(said(&["count-input"], Some(Vec::new().into())).await, ["input 0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_arrives_whole_and_ends() {
    let input = Some("the passphrase".to_owned().into());
    let no_more = format!("fds {:?}", inherited(&[0, 1, 2]));
    assert_eq!(said(&["input", "fds"], input).await, ["input the passphrase", &no_more]);
    assert_eq!(said(&["count-input"], Some(vec![7; MUCH].into())).await, ["input 3000000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_start_finds_it_anew() {
    let world = World::new();
    let input = Some("x".to_owned().into());
    let running = world.start(vec![given(&world, "api", &["input", "stay"], input)]);
    let before = running.until_phase("api", Phase::Ready).await.pid;
    eventually("it has read it", || world.log.of("api").len() == 1);
    running.handle.restart("api").await;
    running.until_ready_again("api", before).await;
    eventually("it has read it again", || world.log.of("api") == ["input x", "input x"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_does_not_read_it_holds_nobody_up() {
    let world = World::new();
    let much = || Some(Input::from(vec![7; MUCH]));
    let running = world.start(vec![
        given(&world, "deaf", &["say=up", "stay"], much()),
        Job { name: "ends".to_owned(), ..task(&world, &["say=done"], much()) },
        Job { needs: vec!["deaf".to_owned()], ..given(&world, "late", &["stay"], much()) },
    ]);
    running.until_up().await;
    eventually("it works", || world.log.of("deaf") == ["up"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_reads_it_late_finds_all_of_it() {
    let world = World::new();
    let steps = [world.step("await", "go"), "count-input".to_owned(), "stay".to_owned()];
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let running = world.start(vec![given(&world, "api", &steps, Some(vec![7; MUCH].into()))]);
    running.until_up().await;
    std::fs::write(world.path("go"), "").unwrap();
    eventually("it has read it", || world.log.of("api") == ["input 3000000"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_with_a_passed_socket_and_a_watchdog() {
    let world = World::new();
    let steps = ["input", "fd", "env=WATCHDOG_USEC", "watchdog=5", "stay"];
    let liveness = Liveness::Watchdog { socket: world.path("notify"), limit: PATIENCE };
    let running = world.start(vec![Job {
        listen: Listen::Passed(world.path("passed")),
        ready: Ready::Http { path: "/".to_owned(), statuses: Vec::new() },
        liveness: Some(liveness),
        stop: stop_within(60_000),
        ..given(&world, "api", &steps, Some("x".to_owned().into()))
    }]);
    running.until_up().await;
    let said = world.log.of("api");
    assert_eq!(said[0], "input x");
    assert!(said[1].starts_with("passed socket:"), "{said:?}");
    assert_eq!(said[2], "WATCHDOG_USEC=60000000");
    running.stop(&world).await;
}
