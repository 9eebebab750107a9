//! What services write.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ensconce_supervisor::{LogLine, Settings, ShowAll, Supervisor};
use ensconce_testkit::eventually;

use crate::world::{Running, World};

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_taken_out_of_every_line_and_of_the_tail() {
    let world = World::new();
    let running = world.start(vec![world.task("task", &["say=password hunter2", "exit=1"])]);
    let failure = running.until_failed("task").await;
    assert_eq!(failure.tail, ["password •••"]);
    assert_eq!(world.log.of("task"), ["password •••"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_utf_8_is_replaced() {
    let world = World::new();
    let running = world.start(vec![world.task("task", &["garbage", "say=ü"])]);
    running.until_up().await;
    assert_eq!(world.log.of("task"), ["\u{fffd}\u{fffd} fine", "ü"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lines_are_cut_between_characters() {
    let world = World::new();
    let say = format!("say={}", "ü".repeat(20_000));
    let running = world.start(vec![world.task("task", &[&say, "say=end"])]);
    running.until_up().await;
    let lines = world.log.of("task");
    assert!(lines.iter().all(|line| line.len() <= 16 * 1024));
    assert_eq!(lines.concat(), format!("{}end", "ü".repeat(20_000)));
    assert_eq!(lines.last().unwrap(), "end");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_cut_in_two_where_a_long_line_is_cut() {
    let world = World::new();
    for before in 16 * 1024 - 7..=16 * 1024 {
        let say = format!("say={}hunter2{}", "x".repeat(before), "y".repeat(20_000));
        let task = world.task(&format!("task-{before}"), &[&say]);
        let running = world.start(vec![task]);
        running.until_up().await;
        let text = world.log.of(&format!("task-{before}")).concat();
        assert_eq!(text, format!("{}•••{}", "x".repeat(before), "y".repeat(20_000)));
        running.stop(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_line_ends_and_a_last_line_without_one_are_read() {
    let world = World::new();
    let script = world.script("task", r"printf 'one\r\n\ntwo'");
    let task = ensconce_supervisor::Job { kind: ensconce_supervisor::Kind::Task, ..script };
    let running = world.start(vec![task]);
    running.until_up().await;
    assert_eq!(world.log.of("task"), ["one", "", "two"]);
    running.stop(&world).await;
}

/// Runs a task that writes much; gives the bytes and lines that came, and how much memory grew.
async fn flood(step: &str) -> (usize, usize, usize) {
    let world = World::new();
    let (bytes, lines) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (seen_bytes, seen_lines) = (bytes.clone(), lines.clone());
    let settings = Settings {
        log: Arc::new(move |line: LogLine<'_>| {
            seen_bytes.fetch_add(line.text.len(), Ordering::Relaxed);
            seen_lines.fetch_add(1, Ordering::Relaxed);
        }),
        redact: Arc::new(|| Box::new(ShowAll)),
        ..world.settings()
    };
    let before = resident_bytes();
    let handle = Supervisor::start(vec![world.task("task", &[step])], settings).unwrap();
    let running = Running { handle };
    running.until_up().await;
    let grown = resident_bytes().saturating_sub(before);
    running.stop(&world).await;
    (bytes.load(Ordering::Relaxed), lines.load(Ordering::Relaxed), grown)
}

fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Much more than may be kept of it.
const FLOOD: usize = 64 * 1024 * 1024;
const LITTLE: usize = 16 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_lines_needs_little_memory() {
    let (bytes, lines, grown) = flood(&format!("flood={FLOOD}")).await;
    assert_eq!(bytes + lines, FLOOD);
    assert!(grown < LITTLE, "{grown} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_line_needs_little_memory() {
    let (bytes, lines, grown) = flood(&format!("one-line={FLOOD}")).await;
    assert_eq!(bytes, FLOOD);
    assert!(lines >= FLOOD / (16 * 1024));
    assert!(grown < LITTLE, "{grown} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_floods_is_stopped_all_the_same() {
    let world = World::new();
    let running = world.start(vec![world.script("api", "exec yes")]);
    running.until_up().await;
    eventually("it floods", || world.log.of("api").len() > 1000);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_variables_of_this_service_are_passed() {
    let world = World::new();
    let steps = ["env=LISTEN_FDS", "env=LISTEN_PID", "env=ENSCONCE_JOB"];
    let running = world.start(vec![world.task("task", &steps)]);
    running.until_up().await;
    let mark = format!("ENSCONCE_JOB={}/task/1", world.mark);
    assert_eq!(world.log.of("task"), ["LISTEN_FDS=", "LISTEN_PID=", mark.as_str()]);
    running.stop(&world).await;
}
