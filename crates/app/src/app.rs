//! A running app.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ensconce_link::{Entry, Status, StatusPhase};
use ensconce_plan::Plan;
use ensconce_supervisor::{Handle, LogSink, Phase, Settings, Snapshot, Supervisor};
use ensconce_vault::Location;
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use crate::care::Care;
use crate::control::{Control, Tokens, Wish, page_address};
use crate::files::PrivateFiles;
use crate::follower::Follower;
use crate::home::{Home, RunningApp};
use crate::jobs::{Shared, jobs};
use crate::logs::Logs;
use crate::prepare::{Options, Prepared, Setting, load, make_plan, own_programs};
use crate::programs::guard_program;
use crate::progress::Progress;
use crate::report::Reports;
use crate::secrets::{Keeping, PendingSecrets, kept_secrets};
use crate::serving::{Serving, listen, open_door, origin};
use crate::setup::{Setup, SharedAnswers};
use crate::status::face_of;
use crate::{LaunchError, control, progress};

/// How long to wait for the secrets; an open keychain takes a fifth of it.
const KEYCHAIN_LIMIT: Duration = Duration::from_millis(50);
/// How long to wait for the first program: it may need a secret that the user is asked for.
const BEGIN_LIMIT: Duration = Duration::from_millis(100);

/// A running app. It must be ended by [`App::stop`]; when it is only dropped, its processes end
/// as well, but nobody waits for them.
pub struct App {
    options: Options,
    plan: Plan,
    /// Tells the reports what runs.
    plans: watch::Sender<Plan>,
    supervisor: Handle,
    shared: Shared,
    setup: Setup,
    control: SocketAddr,
    page_token: String,
    status: watch::Receiver<Status>,
    stopping: watch::Sender<bool>,
    follower: JoinHandle<bool>,
    gateway: Serving,
    wishes: Option<mpsc::UnboundedReceiver<Wish>>,
    events: broadcast::Sender<Event>,
    logs: Arc<Logs>,
    home: Home,
    run: TempDir,
}

/// What happens to a running app, besides its status.
#[derive(Debug, Clone)]
pub enum Event {
    /// The gateway tells something.
    Gateway(ensconce_gateway::Event),
}

impl Prepared {
    /// Brings the app up. Returns at once; [`App::status`] tells how it goes on.
    ///
    /// # Errors
    /// When the gateway or a service's address cannot be had.
    pub async fn start(self) -> Result<App, LaunchError> {
        // Before the first connection comes, and the first program is started.
        ensconce_supervisor::raise_open_files();
        let Self { options, plan, home, run, mut state } = self;
        let remembered = state.clone();
        let listener = listen(options.door, &mut state).map_err(LaunchError::Listen)?;
        let address = listener.local_addr().map_err(LaunchError::Listen)?;
        if state != remembered
            && let Err(error) = home.state_file().write(&state)
        {
            tracing::warn!("Cannot remember the state of the app: {error}");
        }
        let launch = launch_id().map_err(LaunchError::Address)?;
        let tokens = Tokens::generate().map_err(LaunchError::Address)?;
        let control = control::bind().map_err(LaunchError::Address)?;
        let control_address = control.local_addr().map_err(LaunchError::Address)?;
        let running = RunningApp {
            pid: std::process::id(),
            launch: launch.clone(),
            control: control_address,
            token: tokens.owner.clone(),
            folder: home.folder().to_owned(),
        };
        home.announce(&running).map_err(LaunchError::Address)?;
        let location = location(&options, &plan, &home)?;
        let answers = SharedAnswers::read(settings_file(home.folder()), kept_secrets(&location));
        let answers = answers.map_err(LaunchError::State)?;
        let shared = Shared {
            secrets: PendingSecrets::begin(&plan, location),
            origin: origin(options.door, &plan, address),
            control_url: format!("http://{control_address}"),
            control_token: tokens.backend.clone(),
            answers,
            files: PrivateFiles::below(run.path()),
            own: home.folder().to_owned(),
        };
        shared.secrets.redaction().learn([("control", tokens.backend.as_str())]);
        let door = open_door(options.door, &plan).map_err(LaunchError::Listen)?;
        let (events, _) = broadcast::channel(64);
        let settings = page_address(control_address, &tokens.page, "");
        let gateway = Serving::begin(&plan, listener, door, settings, events.clone())?;
        let (plans, _) = watch::channel(plan.clone());
        let logs = Arc::new(Logs::begin(plan.folders.logs.clone()));
        let (progress, progress_seen) = watch::channel(Progress::default());
        // The last that can fail, so that no failure leaves processes behind.
        let supervisor = supervise(&plan, &shared, &launch, &logs, options.log.clone(), progress)?;
        let needs_answers = !shared.answers.get().missing(&plan.setup).is_empty();
        let (asking, asking_seen) = watch::channel(needs_answers);
        let (busy, busy_seen) = watch::channel(false);
        let care = Care {
            plans: plans.subscribe(),
            own: home.folder().to_owned(),
            shared: shared.clone(),
            supervisor: Some(supervisor.clone()),
            busy,
            turn: Arc::default(),
        };
        plan.databases.iter().for_each(|database| care.keep_watch(database.clone()));
        let setup = Setup {
            face: face_of(&plan),
            plans: plans.subscribe(),
            shared: shared.clone(),
            supervisor: supervisor.clone(),
            launch,
            asking,
            care,
            imported: Arc::default(),
        };
        let (stopping, stop_seen) = watch::channel(false);
        let (status_sender, status) = watch::channel(first_status(&plan));
        let follower = Follower {
            face: status.borrow().app.clone(),
            version: plan.app.version.clone(),
            reports: Reports::new(
                plans.subscribe(),
                shared.secrets.redaction().clone(),
                Arc::clone(&logs),
            ),
            state_file: home.state_file(),
            state,
            was_up: false,
            lost: Default::default(),
            since: Instant::now(),
            status: status_sender,
            backends: gateway.backends.subscribe(),
            stopping: stop_seen,
            asking: asking_seen,
            busy: busy_seen,
            progress: progress_seen,
        };
        let follower = tokio::spawn(follower.run(supervisor.snapshots()));
        let (wish, wishes) = mpsc::unbounded_channel();
        let handle = supervisor.clone();
        let asked = Control {
            address: control_address,
            tokens: tokens.clone(),
            status: status.clone(),
            supervisor: handle,
            wishes: wish,
            setup: setup.clone(),
            entry: gateway.entry_maker(),
        };
        tokio::spawn(asked.serve(control));
        let wishes = Some(wishes);
        Ok(App {
            options,
            plan,
            plans,
            supervisor,
            shared,
            setup,
            control: control_address,
            page_token: tokens.page,
            status,
            stopping,
            follower,
            gateway,
            wishes,
            events,
            logs,
            home,
            run,
        })
    }
}

impl App {
    /// What runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where a browser finds the page of set-up and settings, which leads to `back` in the end.
    pub fn setup_page(&self, back: &str) -> String {
        page_address(self.control, &self.page_token, back)
    }

    /// What the app asks its user.
    pub fn setup(&self) -> Setup {
        self.setup.clone()
    }

    /// The state of the app, now and after each change.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Waits until the first of its programs runs, or none will for now, and until the keychain has
    /// given the secrets, if it does at once.
    ///
    /// Whoever is about to load a large library waits for this: meanwhile the system's loader,
    /// which starting a program and a connection to the keychain need as well, is locked.
    pub async fn begun(&self) {
        tokio::join!(self.first_program(), self.secrets_at_once());
    }

    async fn secrets_at_once(&self) {
        let mut keeping = self.shared.secrets.keeping();
        let is_settled = |keeping: &Keeping| *keeping != Keeping::Opening;
        let _ = tokio::time::timeout(KEYCHAIN_LIMIT, keeping.wait_for(is_settled)).await;
    }

    async fn first_program(&self) {
        let mut snapshots = self.supervisor.snapshots();
        let runs = |snapshot: &Snapshot| {
            let settled = |phase| !matches!(phase, Phase::Waiting | Phase::Starting);
            snapshot.jobs.iter().any(|job| job.pid.is_some() || settled(job.phase))
        };
        let _ = tokio::time::timeout(BEGIN_LIMIT, snapshots.wait_for(runs)).await;
    }

    /// What else happens; who reads too slowly loses the oldest.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Gives what others want of the front end, such as a later start. Only the first call does.
    pub fn wishes(&mut self) -> Option<mpsc::UnboundedReceiver<Wish>> {
        self.wishes.take()
    }

    /// Makes an address of the first page; for a browser a new one each time, which works once.
    ///
    /// # Errors
    /// When no random token can be had.
    pub fn entry(&self) -> io::Result<Entry> {
        self.gateway.entry(&self.plan)
    }

    /// Starts once more what has failed.
    pub fn retry(&self) {
        if self.shared.secrets.have_failed()
            && let Ok(location) = location(&self.options, &self.plan, &self.home)
        {
            self.shared.secrets.renew(&self.plan, location);
        }
        self.supervisor.retry();
    }

    /// Reads the manifest again, and restarts what has changed.
    ///
    /// # Errors
    /// When the manifest has mistakes; the app then goes on as it was.
    pub fn reload(&mut self) -> Result<Vec<String>, LaunchError> {
        let (manifest, resources) = load(&self.options.manifest)?;
        let state = self.home.state_file().read().unwrap_or_default();
        let setting = Setting {
            resources,
            folders: self.plan.folders.clone(),
            mode: self.options.mode,
            programs: own_programs(self.options.runtimes.as_deref())?,
        };
        let plan = make_plan(&manifest, setting, &state)?;
        let changed = changed_steps(&self.plan, &plan);
        if plan.ui != self.plan.ui
            || plan.routes != self.plan.routes
            || names(&plan) != names(&self.plan)
        {
            self.gateway.serve(&plan)?;
        }
        if plan.secrets != self.plan.secrets {
            let location = location(&self.options, &plan, &self.home)?;
            self.shared.secrets.renew(&plan, location);
        }
        let answers = self.shared.answers.get();
        self.setup.asking.send_replace(!answers.missing(&plan.setup).is_empty());
        self.supervisor.replace(jobs(&plan, &self.shared), changed.iter().cloned().collect());
        self.plans.send_replace(plan.clone());
        self.plan = plan;
        Ok(changed)
    }

    /// Stops everything in order; returns when nothing of the app is alive.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        self.supervisor.stop().await;
        // It ends with the supervisor, once it has passed on and remembered the last change.
        let was_up = self.follower.await.unwrap_or(false);
        self.gateway.stop().await;
        let logs = self.logs;
        let _ = tokio::task::spawn_blocking(move || logs.finish()).await;
        drop(self.run);
        self.home.release(was_up);
    }
}

fn first_status(plan: &Plan) -> Status {
    Status {
        app: face_of(plan),
        phase: StatusPhase::Starting,
        since_ms: 0,
        steps: Vec::new(),
        failure: None,
    }
}

pub(crate) fn location(
    options: &Options,
    plan: &Plan,
    home: &Home,
) -> Result<Location, LaunchError> {
    crate::vault::location(plan, options.data_dir.is_some(), home.folder())
}

fn supervise(
    plan: &Plan,
    shared: &Shared,
    launch: &str,
    logs: &Arc<Logs>,
    also: LogSink,
    progress: watch::Sender<Progress>,
) -> Result<Handle, LaunchError> {
    let logs = Arc::clone(logs);
    let redaction = shared.secrets.redaction().clone();
    let settings = Settings {
        guard: guard_program(),
        launch_id: launch.to_owned(),
        redact: Arc::new(move || Box::new(redaction.stream())),
        log: Arc::new(move |line| {
            if let Some(told) = progress::told(&line) {
                progress.send_modify(|known| drop(known.insert(line.job.to_owned(), told)));
            }
            logs.add(line);
            also(line);
        }),
    };
    Supervisor::start(jobs(plan, shared), settings).map_err(LaunchError::Address)
}

fn launch_id() -> io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The file of the answers that are no secrets.
pub(crate) fn settings_file(own: &Path) -> PathBuf {
    own.join("settings.json")
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.name.as_str()).collect()
}

/// The steps that are not as they were; a task that is only skipped now is.
fn changed_steps(before: &Plan, after: &Plan) -> Vec<String> {
    let as_before = |step: &ensconce_plan::Step| {
        before.steps.iter().any(|old| {
            let old = ensconce_plan::Step { skip: step.skip.clone(), ..old.clone() };
            old == *step
        })
    };
    after.steps.iter().filter(|step| !as_before(step)).map(|step| step.name.clone()).collect()
}
