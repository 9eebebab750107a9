//! The core of the fault suite by Windows' own means; `scripts/check-platform windows --run` runs
//! it under Wine. The whole suite, in `it`, needs signals and `/proc`.

#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ensconce_supervisor::{
    Address, BoxFuture, Exit, Failure, Handle, Job, JobSnapshot, Kind, Launch, Listen, LogLine,
    OnDependencyExit, OneOff, Outcome, Phase, Program, Ready, Reason, RenderError, RestartPolicy,
    RestartRule, Settings, ShowAll, Snapshot, StopRule, StopSignal, Supervisor, free_port,
    run_once,
};
use ensconce_testkit::{
    Image, PATIENCE, Recorder, TempDir, eventually, example, program, temp_dir,
};
use tokio_util::sync::CancellationToken;

/// A test's folder, its fake service under a name of its own, and what that writes.
struct World {
    fake: Image,
    folder: TempDir,
    log: Recorder,
}

impl World {
    fn new() -> Self {
        let folder = temp_dir();
        let fake = Image::copy(&program("ensconce-testkit", "ensconce-fake"), folder.path());
        Self { fake, folder, log: Recorder::default() }
    }

    /// A service that is ready as soon as it has said `up`; `{port}` in a step is its own port.
    fn service(&self, name: &str, steps: &[&str]) -> Job {
        let mut words = vec![self.fake.path().display().to_string()];
        words.extend(steps.iter().map(|step| (*step).to_owned()));
        let (own, cwd) = (name.to_owned(), self.folder.path().to_owned());
        Job {
            name: name.to_owned(),
            kind: Kind::Service,
            needs: Vec::new(),
            optional: false,
            listen: Listen::Nowhere,
            ready: Ready::Log(regex::Regex::new("^up$").unwrap()),
            start_timeout: PATIENCE,
            // Under Wine nothing hears Ctrl-Break, and all is killed when this is over.
            stop: stop_within(300),
            restart: RestartRule::default(),
            on_dependency_exit: OnDependencyExit::default(),
            liveness: None,
            memory_limit: None,
            render: Arc::new(move |addresses| {
                let port = addresses.get(&own).and_then(Address::port).unwrap_or_default();
                let fill = |word: &String| word.replace("{port}", &port.to_string()).into();
                runs(Program {
                    command: words.iter().map(fill).collect(),
                    env: Vec::new(),
                    cwd: cwd.clone(),
                    input: None,
                })
            }),
        }
    }

    fn settings(&self) -> Settings {
        let log = self.log.clone();
        Settings {
            guard: "unused".into(),
            launch_id: "windows".to_owned(),
            redact: Arc::new(|| Box::new(ShowAll)),
            log: Arc::new(move |line: LogLine<'_>| log.record(line.job, line.text)),
        }
    }

    fn start(&self, jobs: Vec<Job>) -> Running {
        Running { handle: Supervisor::start(jobs, self.settings()).unwrap() }
    }
}

/// What is rendered at once.
fn runs(program: Program) -> BoxFuture<'static, Result<Launch, RenderError>> {
    Box::pin(async { Ok(Launch::Run(program)) })
}

/// A supervisor at work.
struct Running {
    handle: Handle,
}

impl Running {
    async fn until(&self, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let mut snapshots = self.handle.snapshots();
        let found = tokio::time::timeout(PATIENCE, snapshots.wait_for(|now| wanted(now))).await;
        let found = found.unwrap_or_else(|_| panic!("never came true: {what}; {:#?}", self.now()));
        found.unwrap().clone()
    }

    fn now(&self) -> Snapshot {
        self.handle.snapshots().borrow().clone()
    }

    async fn until_ready(&self, job: &str, before: Option<u32>) -> JobSnapshot {
        let is_so = |status: &JobSnapshot| status.phase == Phase::Ready && status.pid != before;
        let snapshot = self.until("it is ready", |now| now.job(job).is_some_and(is_so)).await;
        snapshot.job(job).unwrap().clone()
    }

    async fn until_failed(&self, job: &str) -> Arc<Failure> {
        let failure = |now: &Snapshot| now.job(job).unwrap().failure.clone();
        failure(&self.until("it has failed", |now| failure(now).is_some()).await).unwrap()
    }

    /// Stops all, and sees that nothing is left; gives the time that it took.
    async fn stop(&self, world: &World) -> Duration {
        let asked = Instant::now();
        let stopped = tokio::time::timeout(PATIENCE, self.handle.stop()).await;
        assert!(stopped.is_ok(), "stop() hangs: {:#?}", self.now());
        assert_eq!(world.fake.processes(), Vec::<u32>::new(), "processes are left");
        asked.elapsed()
    }
}

fn stop_within(milliseconds: u64) -> StopRule {
    StopRule { signal: StopSignal::Term, timeout: Duration::from_millis(milliseconds) }
}

fn kill(pid: u32) {
    let killed = Command::new("taskkill").args(["/F", "/PID", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_tree_goes_whatever_a_child_does() {
    for child in ["plain", "setsid", "daemon", "deaf"] {
        let world = World::new();
        let api = world.service("api", &[&format!("child={child}"), "say=up", "stay"]);
        let running = world.start(vec![api]);
        running.until_ready("api", None).await;
        eventually("the child runs", || world.fake.processes().len() == 2);
        running.stop(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_leaves_no_children_behind() {
    let world = World::new();
    let task = world.service("task", &["child=daemon", "child=deaf"]);
    let running = world.start(vec![Job { kind: Kind::Task, ..task }]);
    running.until("it is done", |now| now.job("task").unwrap().phase == Phase::Done).await;
    assert_eq!(world.fake.processes(), Vec::<u32>::new());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_restarted_when_the_whole_tree_is_gone() {
    let world = World::new();
    let running = world.start(vec![world.service("api", &["child=daemon", "say=up", "stay"])]);
    let before = running.until_ready("api", None).await.pid;
    eventually("the child runs", || world.fake.processes().len() == 2);
    let old = world.fake.processes();
    kill(before.unwrap());
    running.until_ready("api", before).await;
    assert!(world.fake.processes().iter().all(|pid| !old.contains(pid)), "an old one is alive");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "Wine calls no handler of Ctrl-Break"]
async fn what_is_asked_to_end_takes_its_time_and_says_goodbye() {
    let world = World::new();
    let api = world.service("api", &["slow-stop=50", "say=up", "stay"]);
    let running = world.start(vec![Job { stop: stop_within(60_000), ..api }]);
    running.until_ready("api", None).await;
    running.stop(&world).await;
    assert_eq!(world.log.of("api"), ["up", "asked", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_is_killed_when_its_time_is_over() {
    let world = World::new();
    let api = world.service("api", &["deaf", "say=up", "stay"]);
    let running = world.start(vec![Job { stop: stop_within(300), ..api }]);
    running.until_ready("api", None).await;
    let took = running.stop(&world).await;
    assert!(took >= Duration::from_millis(300) && took < PATIENCE / 4, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_another_is_stopped_before_it() {
    let world = World::new();
    let service = |name: &str, needs: &[&str]| Job {
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        ..world.service(name, &["deaf", "say=up", "stay"])
    };
    let jobs = vec![service("a", &[]), service("b", &["a"]), service("c", &["a", "b"])];
    let running = world.start(jobs);
    running.until("all is up", Snapshot::is_up).await;
    let mut snapshots = running.handle.snapshots();
    let watched = tokio::spawn(async move {
        let mut seen = Vec::new();
        while snapshots.changed().await.is_ok() {
            let now = snapshots.borrow_and_update().clone();
            seen.push(["a", "b", "c"].map(|name| now.job(name).unwrap().phase));
        }
        seen
    });
    running.stop(&world).await;
    drop(running);
    for [a, b, c] in watched.await.unwrap() {
        assert!(b == Phase::Ready || c == Phase::Stopped, "b is {b:?}, and c is {c:?}");
        assert!(a == Phase::Ready || b == Phase::Stopped, "a is {a:?}, and b is {b:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_ready_when_it_answers() {
    let world = World::new();
    let ready = Ready::Http { path: "/".to_owned(), statuses: Vec::new() };
    let api = world.service("api", &["wait=50", "fail-first=2", "tcp={port}", "stay"]);
    let running = world.start(vec![Job { listen: Listen::Tcp(None), ready, ..api }]);
    let status = running.until_ready("api", None).await;
    assert!(status.address.and_then(|address| address.port()).is_some());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told_with_who_has_it() {
    let world = World::new();
    let port = free_port(&[]).unwrap();
    let stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let api = world.service("api", &["tcp={port}", "stay"]);
    let listen = Listen::Tcp(Some(port));
    let running = world.start(vec![Job { listen, ready: Ready::Listening, ..api }]);
    let failure = running.until_failed("api").await;
    let own = format!("(process {})", std::process::id());
    assert!(
        matches!(&failure.reason, Reason::PortTaken { port: taken, owner } if *taken == port && owner.ends_with(&own)),
        "{:?}",
        failure.reason
    );
    drop(stranger);
    running.handle.retry();
    running.until_ready("api", None).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_is_told() {
    let world = World::new();
    let missing = |_| {
        let command = vec!["there-is-no-such-program".into()];
        runs(Program { command, env: Vec::new(), cwd: ".".into(), input: None })
    };
    let running = world.start(vec![Job { render: Arc::new(missing), ..world.service("api", &[]) }]);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::NoProgram(_)), "{:?}", failure.reason);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_runs_once_finds_its_input_and_leaves_nothing() {
    let world = World::new();
    let settings = world.settings();
    let one_off = |steps: &[&str], limit| {
        let mut command = vec![world.fake.path().into()];
        command.extend(steps.iter().map(Into::into));
        // More than a pipe holds.
        let input = Some(vec![7; 3_000_000].into());
        let cwd = world.folder.path().to_owned();
        OneOff {
            name: "check".to_owned(),
            program: Program { command, env: Vec::new(), cwd, input },
            limit,
            stop: stop_within(100),
        }
    };
    let steps = ["child=daemon", "count-input", "exit=3"];
    let end = run_once(one_off(&steps, PATIENCE), &settings, CancellationToken::new()).await;
    assert!(matches!(end.outcome, Outcome::Exited(Exit::Code(3))), "{:?}", end.outcome);
    assert_eq!(end.tail, ["input 3000000"]);
    assert_eq!(world.fake.processes(), Vec::<u32>::new());

    let deaf = one_off(&["child=daemon", "deaf", "stay"], Duration::from_millis(1));
    let end = run_once(deaf, &settings, CancellationToken::new()).await;
    assert!(matches!(end.outcome, Outcome::TimedOut), "{:?}", end.outcome);
    assert_eq!(world.fake.processes(), Vec::<u32>::new());

    let dropped = one_off(&["child=daemon", "say=up", "stay"], PATIENCE * 10);
    let own = settings.clone();
    let running =
        tokio::spawn(async move { run_once(dropped, &own, CancellationToken::new()).await });
    eventually("it runs", || world.log.of("check").contains(&"up".to_owned()));
    running.abort();
    eventually("all is gone", || world.fake.processes().is_empty());
}

/// A service that may use 100 MB.
fn limited(world: &World, name: &str, steps: &[&str]) -> Job {
    Job { memory_limit: Some(100_000_000), ..world.service(name, steps) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_grows_is_killed_and_started_again_and_no_other_is() {
    let world = World::new();
    let sign = world.folder.path().join("grow");
    let wait = format!("await={}", sign.display());
    // Ready before the other begins, so it is looked at before the other is found too large.
    let modest = limited(&world, "modest", &["child=big", "say=up", "stay"]);
    let api = limited(&world, "api", &["child=daemon", "say=up", &wait, "grow=200", "stay"]);
    // Away until it is restarted by hand, so that this is seen.
    let restart = RestartRule { delay: PATIENCE * 10, ..RestartRule::default() };
    let api = Job { restart, ..api };
    let running = world.start(vec![modest, Job { needs: vec!["modest".to_owned()], ..api }]);
    let before = running.until_ready("api", None).await.pid;
    let modest = running.now().job("modest").unwrap().pid;
    std::fs::write(&sign, "").unwrap();
    let is_away = |now: &Snapshot| now.job("api").unwrap().phase == Phase::Restarting;
    let away = running.until("it is too large", is_away).await;
    std::fs::remove_file(&sign).unwrap();
    let why = away.job("api").unwrap().crash.as_ref().unwrap().to_string();
    assert_eq!(why, "used more than 100 MB of memory");
    assert!(running.handle.restart("api").await);
    running.until_ready("api", before).await;
    let now = running.now().job("modest").unwrap().clone();
    assert_eq!((now.phase, now.pid), (Phase::Ready, modest));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_the_whole_tree_counts() {
    let world = World::new();
    let api = limited(&world, "api", &["child=big", "child=big", "say=up", "stay"]);
    let restart = RestartRule { policy: RestartPolicy::Never, ..RestartRule::default() };
    let running = world.start(vec![Job { restart, ..api }]);
    let failure = running.until_failed("api").await;
    let message = "`api` used more than 100 MB of memory and is not to be started again";
    assert_eq!(failure.to_string(), message);
    assert_eq!(world.fake.processes(), Vec::<u32>::new());
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_also_counts_before_a_service_is_ready() {
    let world = World::new();
    let running = world.start(vec![limited(&world, "api", &["grow=200", "stay"])]);
    let failure = running.until_failed("api").await;
    let message = "`api` used more than 100 MB of memory before it was ready";
    assert_eq!(failure.to_string(), message);
    running.stop(&world).await;
}

#[test]
fn a_killed_supervisor_leaves_nothing() {
    let world = World::new();
    let fake = world.fake.path();
    let mut supervisor = Command::new(example("ensconce-supervisor", "supervise"))
        .args(["unused", "windows"])
        .arg(fake)
        .args(["child=plain", "child=setsid", "child=daemon", "child=deaf", "stay", "--"])
        .arg(fake)
        .args(["deaf", "stay"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(supervisor.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "up");
    eventually("all run", || world.fake.processes().len() == 6);
    let killed = Instant::now();
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    eventually("nothing is left", || world.fake.processes().is_empty());
    assert!(killed.elapsed() < Duration::from_secs(2), "{:?}", killed.elapsed());
}
