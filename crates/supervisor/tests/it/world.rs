//! One test's folder, processes and log.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ensconce_supervisor::{
    Addresses, Clean, Failure, Handle, Job, JobSnapshot, Kind, Launch, Listen, LogLine,
    OnDependencyExit, Phase, Program, Ready, Redactor, Render, RenderError, RestartRule, Settings,
    Snapshot, StopRule, StopSignal, Supervisor, floor_char_boundary,
};
use ensconce_testkit::{Mark, PATIENCE, Recorder, TempDir, program, temp_dir};

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) mark: Mark,
    pub(crate) log: Recorder,
    pub(crate) fake: PathBuf,
    pub(crate) guard: PathBuf,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            folder: temp_dir(),
            mark: Mark::new(),
            log: Recorder::default(),
            fake: program("ensconce-testkit", "ensconce-fake"),
            guard: program("ensconce-guard", "ensconce-guard"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A step of the fake service with a file of this test.
    pub(crate) fn step(&self, verb: &str, file: &str) -> String {
        format!("{verb}={}", self.path(file).display())
    }

    /// A service that is ready as soon as it runs; `{port}` in a step is its own port, `{port:x}`
    /// that of another.
    pub(crate) fn service(&self, name: &str, steps: &[&str]) -> Job {
        let mut command = vec![self.fake.display().to_string()];
        command.extend(steps.iter().map(|step| (*step).to_owned()));
        self.job(name, command)
    }

    /// A service that is a shell script; `$FAKE` is the fake service.
    pub(crate) fn script(&self, name: &str, script: &str) -> Job {
        self.job(name, vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()])
    }

    /// A service that says `up`, makes a file `asked` when it is asked to end, and ends when there
    /// is a file `go`.
    pub(crate) fn slow_to_end(&self, name: &str) -> Job {
        let (asked, go) = (self.path("asked"), self.path("go"));
        let meet = format!("meet-at-stop={},{}", asked.display(), go.display());
        self.service(name, &[&meet, "say=up", "stay"])
    }

    pub(crate) fn task(&self, name: &str, steps: &[&str]) -> Job {
        Job { kind: Kind::Task, ..self.service(name, steps) }
    }

    pub(crate) fn program(&self, command: Vec<String>) -> Program {
        let (variable, value) = self.mark.variable();
        Program {
            command: command.into_iter().map(Into::into).collect(),
            env: vec![
                (variable.into(), value.into()),
                ("NOTIFY_SOCKET".into(), self.path("notify").into()),
                ("FAKE".into(), self.fake.clone().into()),
            ],
            cwd: self.folder.path().to_owned(),
            input: None,
        }
    }

    fn job(&self, name: &str, command: Vec<String>) -> Job {
        let (own, program) = (name.to_owned(), self.program(command));
        Job {
            name: name.to_owned(),
            kind: Kind::Service,
            needs: Vec::new(),
            optional: false,
            listen: Listen::Nowhere,
            ready: Ready::Started,
            start_timeout: PATIENCE,
            stop: StopRule { signal: StopSignal::Term, timeout: PATIENCE },
            restart: RestartRule::default(),
            on_dependency_exit: OnDependencyExit::default(),
            liveness: None,
            memory_limit: None,
            render: rendered(move |addresses| {
                let mut program = program.clone();
                for argument in &mut program.command {
                    *argument = filled(&argument.to_string_lossy(), &own, addresses).into();
                }
                Ok(Launch::Run(program))
            }),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let log = self.log.clone();
        Settings {
            guard: self.guard.clone(),
            launch_id: self.mark.to_string(),
            redact: Arc::new(|| Box::new(Hunter)),
            log: Arc::new(move |line: LogLine<'_>| log.record(line.job, line.text)),
        }
    }

    pub(crate) fn start(&self, jobs: Vec<Job>) -> Running {
        let handle = Supervisor::start(jobs, self.settings()).unwrap();
        Running { handle }
    }

    /// The fake services that have no children. A child has the command line of its parent until
    /// it becomes another program, so parents cannot be counted.
    pub(crate) fn leaves(&self) -> Vec<u32> {
        let parent = |word: &String| word.starts_with("child=");
        let fakes = self.mark.processes_of(&self.fake).into_iter();
        fakes.filter(|(_, words)| !words.iter().any(parent)).map(|(pid, _)| pid).collect()
    }

    pub(crate) fn guards(&self) -> Vec<u32> {
        self.mark.processes_of(&self.guard).into_iter().map(|(pid, _)| pid).collect()
    }

    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        assert_eq!(self.mark.processes(), Vec::<u32>::new(), "processes are left");
    }
}

/// Makes what to run at once, as nothing has to be waited for.
pub(crate) fn rendered(
    render: impl Fn(&Addresses) -> Result<Launch, RenderError> + Send + Sync + 'static,
) -> Render {
    Arc::new(move |addresses| {
        let launch = render(&addresses);
        Box::pin(async { launch })
    })
}

fn filled(text: &str, own: &str, addresses: &Addresses) -> String {
    let mut text = text.to_owned();
    for (name, address) in addresses {
        let Some(port) = address.port() else { continue };
        text = text.replace(&format!("{{port:{name}}}"), &port.to_string());
        if name == own {
            text = text.replace("{port}", &port.to_string());
        }
    }
    text
}

/// Knows one secret.
struct Hunter;

impl Redactor for Hunter {
    fn redact<'a>(&mut self, text: &'a str, limit: usize) -> Clean<'a> {
        let within = text.find("hunter2").filter(|at| *at < limit && limit < at + 7);
        let used = within.unwrap_or_else(|| floor_char_boundary(text, limit));
        Clean { text: Cow::Owned(text[..used].replace("hunter2", "•••")), used }
    }
}

/// A supervisor at work.
pub(crate) struct Running {
    pub(crate) handle: Handle,
}

impl Running {
    /// Waits until the jobs are as wanted.
    #[track_caller]
    pub(crate) fn until(
        &self,
        what: &str,
        mut wanted: impl FnMut(&Snapshot) -> bool,
    ) -> impl Future<Output = Snapshot> {
        let mut snapshots = self.handle.snapshots();
        let what = what.to_owned();
        async move {
            let mut last = Snapshot::default();
            let wait = async {
                loop {
                    last = snapshots.borrow_and_update().clone();
                    if wanted(&last) {
                        return;
                    }
                    snapshots.changed().await.expect("the supervisor is there");
                }
            };
            let waited = tokio::time::timeout(PATIENCE, wait).await;
            assert!(waited.is_ok(), "never came true: {what}; it was {last:#?}");
            last
        }
    }

    pub(crate) async fn until_phase(&self, job: &str, phase: Phase) -> JobSnapshot {
        let what = format!("{job} is {phase:?}");
        let is_so = |status: &JobSnapshot| status.phase == phase;
        let snapshot = self.until(&what, |snapshot| snapshot.job(job).is_some_and(is_so)).await;
        snapshot.job(job).unwrap().clone()
    }

    /// Waits until a job is ready, with a process that is not `before`.
    pub(crate) async fn until_ready_again(&self, job: &str, before: Option<u32>) -> JobSnapshot {
        let is_so = |status: &JobSnapshot| status.phase == Phase::Ready && status.pid != before;
        let wanted = |snapshot: &Snapshot| snapshot.job(job).is_some_and(is_so);
        self.until("ready again", wanted).await.job(job).unwrap().clone()
    }

    /// Kills a service whenever it is ready, until it is seen between two starts.
    pub(crate) async fn until_backing_off(&self, job: &str) -> JobSnapshot {
        let seen = |snapshot: &Snapshot| {
            let status = snapshot.job(job).unwrap();
            if status.phase == Phase::Ready {
                send(status.pid.unwrap(), rustix::process::Signal::KILL);
            }
            status.phase == Phase::Restarting
        };
        let snapshot = self.until("it is backing off", seen).await;
        snapshot.job(job).unwrap().clone()
    }

    pub(crate) async fn until_up(&self) -> Snapshot {
        self.until("all is up", Snapshot::is_up).await
    }

    pub(crate) async fn until_failed(&self, job: &str) -> Arc<Failure> {
        self.until_phase(job, Phase::Failed).await.failure.expect("a failed job has a failure")
    }

    pub(crate) fn phase(&self, job: &str) -> Phase {
        self.handle.snapshots().borrow().job(job).unwrap().phase
    }

    /// Stops all, and sees that nothing is left and nothing hangs.
    pub(crate) async fn stop(&self, world: &World) {
        let stopped = tokio::time::timeout(PATIENCE, self.handle.stop()).await;
        assert!(stopped.is_ok(), "stop() hangs; {:#?}", self.handle.snapshots().borrow());
        world.assert_nothing_left();
    }
}

pub(crate) fn needs(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(crate) fn stop_within(milliseconds: u64) -> StopRule {
    StopRule { signal: StopSignal::Term, timeout: Duration::from_millis(milliseconds) }
}

pub(crate) fn send(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // It may be gone, which is what most signals here are for.
    let _ = rustix::process::kill_process(pid, signal);
}

/// A port that nobody has, for jobs that always listen on the same.
pub(crate) fn some_port() -> u16 {
    ensconce_supervisor::free_port(&[]).unwrap()
}
