//! The order of starts, tasks, and what keeps a program from starting.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ensconce_supervisor::{Job, Launch, Listen, Phase, Reason, Render, RenderError};

use crate::world::{World, needs, rendered};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_starts_when_what_it_needs_is_done() {
    let world = World::new();
    let file = world.step("touch", "made");
    let after = world.step("need", "made");
    let running = world.start(vec![
        Job { needs: needs(&["make"]), ..world.service("use", &[&after, "stay"]) },
        world.task("make", &["wait=50", &file]),
    ]);
    let snapshot = running.until_up().await;
    assert_eq!(snapshot.job("make").unwrap().phase, Phase::Done);
    assert_eq!(snapshot.job("use").unwrap().phase, Phase::Ready);
    running.stop(&world).await;
    assert_eq!(running.phase("use"), Phase::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_nothing_of_each_other_starts_in_parallel() {
    let world = World::new();
    let meet = |mine, other| (world.step("touch", mine), world.step("await", other));
    let (a, b) = (meet("a", "b"), meet("b", "a"));
    let running = world.start(vec![world.task("a", &[&a.0, &a.1]), world.task("b", &[&b.0, &b.1])]);
    running.until_up().await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_task_says_how_and_holds_the_others() {
    let world = World::new();
    let running = world.start(vec![
        world.task("migrate", &["say=one", "complain=no such table", "exit=3"]),
        Job { needs: needs(&["migrate"]), ..world.service("api", &["stay"]) },
    ]);
    let failure = running.until_failed("migrate").await;
    assert_eq!(failure.to_string(), "`migrate` ended with exit code 3");
    let mut tail = failure.tail.clone();
    tail.sort();
    assert_eq!(tail, ["no such table", "one"]);
    assert_eq!(running.phase("api"), Phase::Waiting);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_ended_by_a_signal_says_so() {
    let world = World::new();
    let running = world.start(vec![Job {
        kind: ensconce_supervisor::Kind::Task,
        ..world.script("task", "kill -9 $$")
    }]);
    let failure = running.until_failed("task").await;
    assert_eq!(failure.to_string(), "`task` was ended by signal 9");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_takes_too_long_is_killed_with_its_children() {
    // How far it comes in its time depends on the machine, so it has longer and longer.
    for limit in [300, 600, 3_000, 15_000].map(Duration::from_millis) {
        let world = World::new();
        let slow = world.task("slow", &["child=setsid", "say=begun", "stay"]);
        let running = world.start(vec![Job { start_timeout: limit, ..slow }]);
        let failure = running.until_failed("slow").await;
        let seconds = limit.as_secs_f64();
        assert_eq!(failure.to_string(), format!("`slow` did not end in {seconds} s"));
        assert!(failure.waited >= limit);
        world.assert_nothing_left();
        running.stop(&world).await;
        if failure.tail == ["begun"] {
            return;
        }
    }
    panic!("it has never begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_leaves_no_children_behind() {
    let world = World::new();
    let running = world.start(vec![world.task("task", &["child=daemon", "child=deaf"])]);
    running.until_up().await;
    world.assert_nothing_left();
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_task_counts_as_done() {
    let world = World::new();
    let skip = rendered(|_| Ok(Launch::Skip("it has run before".to_owned())));
    let running = world.start(vec![
        Job { render: skip, ..world.task("seed", &[]) },
        Job { needs: needs(&["seed"]), ..world.service("api", &["stay"]) },
    ]);
    let snapshot = running.until_up().await;
    assert_eq!(snapshot.job("seed").unwrap().phase, Phase::Skipped);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_failure_holds_nobody() {
    let world = World::new();
    let running = world.start(vec![
        Job { optional: true, ..world.task("extra", &["exit=1"]) },
        Job { needs: needs(&["extra"]), ..world.service("api", &["stay"]) },
    ]);
    let snapshot = running.until_up().await;
    assert_eq!(snapshot.job("extra").unwrap().phase, Phase::Failed);
    assert!(snapshot.job("extra").unwrap().failure.is_some());
    assert!(snapshot.failure().is_none());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_starts_what_has_failed_and_what_waited_for_it() {
    let world = World::new();
    let running = world.start(vec![
        world.task("task", &[&world.step("need", "there")]),
        Job { needs: needs(&["task"]), ..world.service("api", &["stay"]) },
    ]);
    let failure = running.until_failed("task").await;
    assert!(failure.tail[0].ends_with("it does not exist"), "{:?}", failure.tail);
    std::fs::write(world.path("there"), "").unwrap();
    running.handle.retry();
    running.until_up().await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_be_made_says_why() {
    let world = World::new();
    let render = rendered(|_| Err(RenderError::new("the keychain is locked")));
    let running = world.start(vec![Job { render, ..world.service("api", &[]) }]);
    let failure = running.until_failed("api").await;
    assert_eq!(failure.to_string(), "`api` cannot be started: the keychain is locked");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_making_panics_is_a_failure() {
    let world = World::new();
    let render: Render = Arc::new(|_| Box::pin(async { panic!("a bug") }));
    let running = world.start(vec![Job { render, ..world.service("api", &[]) }]);
    let failure = running.until_failed("api").await;
    assert!(failure.to_string().contains("cannot be started"), "{failure}");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_takes_its_time_holds_no_thread_up() {
    let world = World::new();
    let (open, opened) = tokio::sync::watch::channel(false);
    let held_up = |number: usize| {
        let job = world.task(&number.to_string(), &[]);
        let (render, opened) = (job.render.clone(), opened.clone());
        let render: Render = Arc::new(move |addresses| {
            let (mut opened, launch) = (opened.clone(), render(addresses));
            Box::pin(async move {
                opened.wait_for(|opened| *opened).await.unwrap();
                launch.await
            })
        });
        Job { render, ..job }
    };
    let mut jobs: Vec<Job> = (0..20).map(held_up).collect();
    jobs.push(world.service("api", &["stay"]));
    let running = world.start(jobs);
    running.until_phase("api", Phase::Ready).await;
    // Fewer than there would be if each waited on one of its own.
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    let workers = std::thread::available_parallelism().unwrap().get();
    assert!(threads < workers + 20, "{threads} threads");
    open.send_replace(true);
    running.until_up().await;
    running.stop(&world).await;
}

async fn check_refused(command: &[&str], cwd: Option<&Path>, listen: Listen, message: &str) {
    let world = World::new();
    let command = command.iter().map(|text| text.replace("DIR", world.path("").to_str().unwrap()));
    let mut program = world.program(command.collect());
    program.cwd = cwd.map_or(program.cwd, |folder| world.path("").join(folder));
    std::fs::write(world.path("plain.txt"), "no program").unwrap();
    let render = rendered(move |_| Ok(Launch::Run(program.clone())));
    let running = world.start(vec![Job { render, listen, ..world.service("api", &[]) }]);
    let failure = running.until_failed("api").await;
    let folder = world.path("").display().to_string();
    assert_eq!(failure.to_string().replace(&folder, "DIR/"), message);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_is_named() {
    let message = "`api` cannot be started: the program `no-such-program` was not found";
    check_refused(&["no-such-program", "x"], None, Listen::Nowhere, message).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_is_named_also_when_it_is_passed_a_socket() {
    let socket = ensconce_testkit::temp_dir();
    let listen = Listen::Passed(socket.path().join("s"));
    let message = "`api` cannot be started: the program `no-such-program` was not found";
    check_refused(&["no-such-program"], None, listen, message).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_folder_is_named() {
    let message = "`api` cannot be started: its folder `DIR/nowhere` does not exist";
    check_refused(&["true"], Some(Path::new("nowhere")), Listen::Nowhere, message).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_permission_to_execute_is_refused() {
    let message = "`api` cannot be started: `DIR/plain.txt`: Permission denied (os error 13)";
    check_refused(&["DIRplain.txt"], None, Listen::Nowhere, message).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_guard_is_named() {
    let mut world = World::new();
    world.guard = world.path("no-guard");
    let running = world.start(vec![world.service("api", &["stay"])]);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::Refused(_)));
    assert!(failure.to_string().contains("`ensconce-guard` cannot be run"), "{failure}");
    running.stop(&world).await;
}
