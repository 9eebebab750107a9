//! A running app.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ensconce_gateway::{Backends, Credentials, Gateway, Session};
use ensconce_link::{Entry, Status, StatusPhase};
use ensconce_plan::{Plan, StepKind};
use ensconce_supervisor::{Handle, LogSink, Phase, Settings, Snapshot, Supervisor, free_port};
use ensconce_vault::{Location, SecretValue, StoreKind};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::control::{Control, Tokens, Wish};
use crate::follower::Follower;
use crate::home::{Home, RunningApp};
use crate::jobs::{Shared, jobs};
use crate::logs::Logs;
use crate::prepare::{Door, Options, Prepared, Setting, load, make_plan, own_programs};
use crate::report::Reports;
use crate::secrets::{Keeping, PendingSecrets};
use crate::state::State;
use crate::status::face_of;
use crate::{LaunchError, control, site};

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
    status: watch::Receiver<Status>,
    stopping: watch::Sender<bool>,
    follower: JoinHandle<()>,
    door: ensconce_gateway::Door,
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

/// A gateway that serves.
struct Serving {
    address: SocketAddr,
    listener: std::net::TcpListener,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
    backends: watch::Sender<Backends>,
}

impl Prepared {
    /// Brings the app up. Returns at once; [`App::status`] tells how it goes on.
    ///
    /// # Errors
    /// When the gateway or a service's address cannot be had.
    pub async fn start(self) -> Result<App, LaunchError> {
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
            run: run.path().to_owned(),
            folder: home.folder().to_owned(),
        };
        home.announce(&running).map_err(LaunchError::Address)?;
        let shared = Shared {
            secrets: PendingSecrets::begin(&plan, location(&options, &plan, &home)?),
            origin: origin(options.door, &plan, address),
            control_url: format!("http://{control_address}"),
            control_token: tokens.backend.clone(),
        };
        shared.secrets.redaction().learn([("control", tokens.backend.as_str())]);
        let door = open_door(options.door, &plan).map_err(LaunchError::Listen)?;
        let (events, _) = broadcast::channel(64);
        let gateway = Serving::begin(&plan, listener, door.clone(), events.clone())?;
        let (plans, _) = watch::channel(plan.clone());
        let logs = Arc::new(Logs::begin(plan.folders.logs.clone()));
        // The last that can fail, so that no failure leaves processes behind.
        let supervisor = supervise(&plan, &shared, &launch, &logs, options.log.clone())?;
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
        };
        let follower = tokio::spawn(follower.run(supervisor.snapshots()));
        let (wish, wishes) = mpsc::unbounded_channel();
        let handle = supervisor.clone();
        let asked = Control {
            address: control_address,
            tokens,
            status: status.clone(),
            supervisor: handle,
            wishes: wish,
        };
        tokio::spawn(asked.serve(control));
        let wishes = Some(wishes);
        Ok(App {
            options,
            plan,
            plans,
            supervisor,
            shared,
            status,
            stopping,
            follower,
            door,
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

    /// The state of the app, now and after each change.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Waits until the first of its programs runs, or none will for now.
    ///
    /// Whoever is about to load a large library waits for this: meanwhile the system's loader,
    /// which starting a program needs as well, is locked.
    pub async fn begun(&self) {
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
        Ok(match &self.door {
            ensconce_gateway::Door::Proxy(credentials) => Entry::Window {
                proxy: self.gateway.address,
                user: credentials.user.clone(),
                password: credentials.password.clone(),
                url: first_page(&self.plan),
            },
            ensconce_gateway::Door::Browser(session) => {
                Entry::Browser { url: session.entry_url(self.gateway.address)? }
            }
        })
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

    /// How it stands with the app's secrets, now and after each change.
    pub fn keeping(&self) -> watch::Receiver<Keeping> {
        self.shared.secrets.keeping()
    }

    /// Keeps the app's secrets in another store from now on, without those of the store so far, and
    /// starts once more what has failed.
    ///
    /// # Errors
    /// When the user has no home folder.
    pub fn keep_anew(
        &self,
        kind: StoreKind,
        passphrase: Option<SecretValue>,
    ) -> Result<(), LaunchError> {
        let location = location(&self.options, &self.plan, &self.home)?;
        self.shared.secrets.begin_anew(&self.plan, location, kind, passphrase);
        self.supervisor.retry();
        Ok(())
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
            self.gateway.restart(&plan, self.door.clone(), &self.events)?;
        }
        if plan.secrets != self.plan.secrets {
            self.shared.secrets.renew(&plan, location(&self.options, &plan, &self.home)?);
        }
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
        let _ = self.follower.await;
        self.gateway.shutdown.cancel();
        let _ = self.gateway.task.await;
        let logs = self.logs;
        let _ = tokio::task::spawn_blocking(move || logs.finish()).await;
        drop(self.run);
        self.home.release();
    }
}

impl Serving {
    fn begin(
        plan: &Plan,
        listener: std::net::TcpListener,
        door: ensconce_gateway::Door,
        events: broadcast::Sender<Event>,
    ) -> Result<Self, LaunchError> {
        let address = listener.local_addr().map_err(LaunchError::Listen)?;
        let (backends, _) = watch::channel(Backends::default());
        let shutdown = CancellationToken::new();
        let task = serve(plan, &listener, door, &backends, shutdown.clone(), events)?;
        Ok(Self { address, listener, shutdown, task, backends })
    }

    /// Goes over to another site at the same address.
    fn restart(
        &mut self,
        plan: &Plan,
        door: ensconce_gateway::Door,
        events: &broadcast::Sender<Event>,
    ) -> Result<(), LaunchError> {
        let shutdown = CancellationToken::new();
        let task =
            serve(plan, &self.listener, door, &self.backends, shutdown.clone(), events.clone())?;
        std::mem::replace(&mut self.shutdown, shutdown).cancel();
        self.task = task;
        Ok(())
    }
}

fn serve(
    plan: &Plan,
    listener: &std::net::TcpListener,
    door: ensconce_gateway::Door,
    backends: &watch::Sender<Backends>,
    shutdown: CancellationToken,
    events: broadcast::Sender<Event>,
) -> Result<JoinHandle<()>, LaunchError> {
    let listener = listener.try_clone().and_then(TcpListener::from_std);
    let listener = listener.map_err(LaunchError::Listen)?;
    let services = plan.steps.iter().filter(|step| step.kind == StepKind::Service);
    let known = Backends::new(services.map(|step| step.name.clone()));
    let gateway = Gateway::new(site::site(plan)?, door, known.clone());
    backends.send_replace(known);
    let mut told = gateway.events();
    tokio::spawn(async move {
        loop {
            match told.recv().await {
                Ok(event) => drop(events.send(Event::Gateway(event))),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    });
    Ok(tokio::spawn(gateway.serve(listener, shutdown.cancelled_owned())))
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

/// Binds the gateway's port: any for the window, whose origin does not show it; for a browser the
/// one that was used before, because browsers keep what they store by it.
fn listen(door: Door, state: &mut State) -> io::Result<std::net::TcpListener> {
    let listener = match door {
        Door::Window => std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
        Door::Browser => listen_as_before(state)?,
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn listen_as_before(state: &mut State) -> io::Result<std::net::TcpListener> {
    let bind = |port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = state.port {
        match bind(port) {
            Ok(listener) => return Ok(listener),
            Err(error) => tracing::warn!(
                "Port {port}, which this app had before, cannot be used ({error}). It gets \
                 another one, where browsers do not see what they had stored for it"
            ),
        }
    }
    let listener = bind(free_port(&[])?)?;
    state.port = Some(listener.local_addr()?.port());
    Ok(listener)
}

fn open_door(door: Door, plan: &Plan) -> io::Result<ensconce_gateway::Door> {
    Ok(match door {
        Door::Window => ensconce_gateway::Door::Proxy(Credentials::generate()?),
        Door::Browser => ensconce_gateway::Door::Browser(Session::new(&plan.app.id)?),
    })
}

fn origin(door: Door, plan: &Plan, address: SocketAddr) -> String {
    match door {
        Door::Window => plan.ui.origin.clone(),
        Door::Browser => format!("http://{address}"),
    }
}

fn first_page(plan: &Plan) -> String {
    match &plan.ui.root {
        ensconce_plan::UiRoot::Url(url) => url.clone(),
        _ => format!("{}{}", plan.ui.origin, plan.ui.path),
    }
}

fn location(options: &Options, plan: &Plan, home: &Home) -> Result<Location, LaunchError> {
    crate::vault::location(plan, options.data_dir.is_some(), home.folder())
}

fn supervise(
    plan: &Plan,
    shared: &Shared,
    launch: &str,
    logs: &Arc<Logs>,
    also: LogSink,
) -> Result<Handle, LaunchError> {
    let logs = Arc::clone(logs);
    let redaction = shared.secrets.redaction().clone();
    let settings = Settings {
        guard: guard_program(),
        launch_id: launch.to_owned(),
        redact: Arc::new(move || Box::new(redaction.stream())),
        log: Arc::new(move |line| {
            logs.add(line);
            also(line);
        }),
    };
    Supervisor::start(jobs(plan, shared), settings).map_err(LaunchError::Address)
}

/// The guard lies beside this program; tests lie one folder deeper.
fn guard_program() -> PathBuf {
    let name = format!("ensconce-guard{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().unwrap_or_default();
    let folders = own.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(&name)).find(|path| path.is_file());
    found.unwrap_or_else(|| PathBuf::from(name))
}

fn launch_id() -> io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
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
