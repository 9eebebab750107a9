//! Brings an app up: bind, announce, wire, spawn.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ensconce_plan::Plan;
use ensconce_protocol::{AppPhase, AppStatus};
use ensconce_supervisor::{LogSink, Settings};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::app::App;
use super::follower::Follower;
use super::helper::HelperRunner;
use super::migration::DataAccess;
use super::private_files::PrivateFiles;
use super::progress::{Progress, told};
use super::roster::Roster;
use super::serving::{Serving, listen, open_door, origin};
use super::state::{SharedState, StateFile};
use super::values::Values;
use crate::answers::kept::KeptAnswers;
use crate::control::page::PageAccess;
use crate::control::server::{AnswersQueue, Control, FrontEndRequest, bind as bind_control};
use crate::control::token::Tokens;
use crate::data::DataCare;
use crate::error::AppError;
use crate::launch::announcement::{Announcement, ControlAccess};
use crate::launch::prepare::{Door, Prepared};
use crate::launch::programs::guard_program;
use crate::launch::source::PlanSource;
use crate::logs::Logs;
use crate::requests::Requests;
use crate::secrets::location::{kept_secrets, location, wanted};
use crate::secrets::store::AppSecrets;
use crate::setup::Setup;
use crate::setup::trial::Trials;
use crate::view::report::Reports;
use crate::view::status::identity_of;

impl Prepared {
    /// Brings the app up. Returns at once; [`App::status`] says how it goes on.
    ///
    /// # Errors
    /// When an address cannot be had, what is kept of the app cannot be used, or an interrupted
    /// replacement of its data cannot be finished.
    pub async fn start(self) -> Result<App, AppError> {
        // A page may keep hundreds of connections open.
        ensconce_supervisor::raise_open_files();
        let bound = Bound::bind(self.door, &self)?;
        self.held.announce(&bound.announcement())?;
        let wired = Wired::wire(self, bound).await?;
        Ok(wired.spawn().await)
    }
}

/// The sockets of an app, and what proves that a request is meant for this launch.
struct Bound {
    launch: String,
    state: SharedState,
    /// The gateway's socket.
    pages: std::net::TcpListener,
    pages_address: SocketAddr,
    control: TcpListener,
    control_address: SocketAddr,
    tokens: Tokens,
}

impl Bound {
    fn bind(door: Door, prepared: &Prepared) -> Result<Self, AppError> {
        let state = SharedState::open(StateFile::new(prepared.held.own().state()));
        let state = state.map_err(AppError::Store)?;
        let pages = listen(door, &state).map_err(AppError::Listen)?;
        let control = bind_control().map_err(AppError::Address)?;
        Ok(Self {
            launch: launch_id().map_err(AppError::Address)?,
            state,
            pages_address: pages.local_addr().map_err(AppError::Listen)?,
            pages,
            control_address: control.local_addr().map_err(AppError::Address)?,
            control,
            tokens: Tokens::generate().map_err(AppError::Address)?,
        })
    }

    fn announcement(&self) -> Announcement {
        let token = self.tokens.owner.clone();
        let control = ControlAccess { address: self.control_address, token };
        let (pid, launch) = (std::process::id(), self.launch.clone());
        Announcement { pid, launch, control: Some(control) }
    }
}

/// What all parts of a launch have in common.
pub(crate) struct Common {
    pub(crate) values: Values,
    pub(crate) access: DataAccess,
    /// Cancelled when the app begins to end.
    pub(crate) closing: CancellationToken,
}

impl Common {
    /// The same for an app that does not run, of which nothing can be reached.
    pub(crate) fn offline(prepared: &Prepared, launch: String) -> Result<Self, AppError> {
        let state = SharedState::open(StateFile::new(prepared.held.own().state()));
        let origin = prepared.plan.ui.origin.clone();
        let state = state.map_err(AppError::Store)?;
        Self::new(prepared, launch, state, origin, None)
    }

    fn new(
        prepared: &Prepared,
        launch: String,
        state: SharedState,
        origin: String,
        control: Option<(SocketAddr, &Tokens)>,
    ) -> Result<Self, AppError> {
        let own = prepared.held.own().clone();
        let location = location(&prepared.plan, prepared.has_data_dir, &own)?;
        let answers = KeptAnswers::read(own.settings(), kept_secrets(&location));
        let url = control.map(|(address, _)| format!("http://{address}"));
        let values = Values {
            secrets: AppSecrets::default(),
            answers: answers.map_err(AppError::Store)?,
            origin,
            control_url: url.unwrap_or_default(),
            control_token: control.map(|(_, tokens)| tokens.backend.clone()).unwrap_or_default(),
            files: PrivateFiles::below(prepared.run.path()),
        };
        let access = DataAccess { own, launch, state };
        Ok(Self { values, access, closing: CancellationToken::new() })
    }

    /// Makes the care for the app's data; nothing of the app runs yet.
    pub(crate) fn care(
        &self,
        source: PlanSource,
        plan: Plan,
        run: &Path,
        settings: Settings,
    ) -> Result<DataCare, AppError> {
        let Self { values, access, closing } = self;
        let (values, access) = (values.clone(), access.clone());
        let helper = HelperRunner::new(&access.launch, run, closing.clone());
        let roster =
            Roster::new(source, plan, values.clone(), access.clone(), settings, closing.clone())?;
        Ok(DataCare { roster, values, access, helper })
    }
}

/// The parts of an app, before any of its jobs runs.
struct Wired {
    prepared: Rest,
    care: DataCare,
    gateway: Serving,
    control: TcpListener,
    control_address: SocketAddr,
    tokens: Tokens,
    page: PageAccess,
    logs: Arc<Logs>,
    progress: watch::Receiver<Progress>,
    events: broadcast::Sender<ensconce_gateway::Event>,
}

/// What is left of the preparation.
struct Rest {
    held: crate::launch::held::HeldFolder,
    run: tempfile::TempDir,
    has_data_dir: bool,
}

impl Wired {
    async fn wire(prepared: Prepared, bound: Bound) -> Result<Self, AppError> {
        let Bound { launch, state, pages, pages_address, control, control_address, tokens } = bound;
        let origin = origin(prepared.door, &prepared.plan, pages_address);
        let reached = Some((control_address, &tokens));
        let common = Common::new(&prepared, launch, state, origin, reached)?;
        let own = prepared.held.own();
        let location = location(&prepared.plan, prepared.has_data_dir, own)?;
        // Begun as early as can be: a keychain is another program, and may ask its user.
        common.values.secrets.fetch(wanted(&prepared.plan), location);
        common.values.secrets.redaction().learn([("control", tokens.backend.as_str())]);
        let page = PageAccess::new(control_address);
        let (events, _) = broadcast::channel(64);
        let door = open_door(prepared.door, &prepared.plan).map_err(AppError::Listen)?;
        let gateway = Serving::begin(&prepared.plan, pages, door, page.clone(), events.clone())?;
        let logs = Arc::new(Logs::begin(prepared.plan.folders.logs.clone()));
        let (progress, progress_seen) = watch::channel(Progress::default());
        let settings = settings(&common, &logs, prepared.log.clone(), progress);
        let Prepared { source, plan, held, run, has_data_dir, .. } = prepared;
        let care = common.care(source, plan, run.path(), settings)?;
        care.put_in_order().await?;
        Ok(Self {
            prepared: Rest { held, run, has_data_dir },
            care,
            gateway,
            control,
            control_address,
            tokens,
            page,
            logs,
            progress: progress_seen,
            events,
        })
    }

    async fn spawn(self) -> App {
        let DataCare { roster, values, helper, .. } = &self.care;
        let plan = roster.plan();
        let needs_answers = !values.answers.get().missing(&plan.setup).is_empty();
        let asking = watch::Sender::new(needs_answers);
        let (stopping, stop_seen) = watch::channel(false);
        let (status_sender, status) = watch::channel(first_status(&plan));
        let trials =
            Trials { roster: roster.clone(), values: values.clone(), helper: helper.clone() };
        let setup = Setup {
            identity: status.borrow().app.clone(),
            roster: roster.clone(),
            values: values.clone(),
            trials,
            asking: asking.clone(),
            imported: Arc::default(),
        };
        roster.begin().await;
        plan.databases.iter().for_each(|database| self.care.keep_schedule(database));
        let reports = Reports::new(
            roster.plans(),
            values.secrets.redaction().clone(),
            Arc::clone(&self.logs),
        );
        let follower = Follower {
            identity: status.borrow().app.clone(),
            roster: roster.clone(),
            reports,
            was_up: false,
            lost: Default::default(),
            since: Instant::now(),
            status: status_sender,
            backends: self.gateway.backends.subscribe(),
            stopping: stop_seen,
            asking: asking.subscribe(),
            paused: roster.paused(),
            blocked: roster.blocked(),
            progress: self.progress,
        };
        let follower = tokio::spawn(follower.run(roster.snapshots()));
        let requests = Requests {
            setup,
            care: self.care.clone(),
            status: status.clone(),
            tasks: Default::default(),
        };
        let (front_end, front_end_requests) = mpsc::unbounded_channel::<FrontEndRequest>();
        let control = Control {
            address: self.control_address,
            tokens: self.tokens,
            page: self.page.clone(),
            status: status.clone(),
            requests: requests.clone(),
            front_end,
            entry: self.gateway.entry_maker(),
            waiting: AnswersQueue::default(),
        };
        tokio::spawn(control.serve(self.control));
        App {
            requests,
            page: self.page,
            status,
            stopping,
            follower,
            gateway: self.gateway,
            front_end_requests: Some(front_end_requests),
            events: self.events,
            logs: self.logs,
            held: self.prepared.held,
            run: self.prepared.run,
            has_data_dir: self.prepared.has_data_dir,
        }
    }
}

/// How the app's jobs are run: what they write goes to the log files and to whoever started the
/// app, without secrets.
fn settings(
    common: &Common,
    logs: &Arc<Logs>,
    also: LogSink,
    progress: watch::Sender<Progress>,
) -> Settings {
    let logs = Arc::clone(logs);
    let redaction = common.values.secrets.redaction().clone();
    Settings {
        guard: guard_program(),
        launch_id: common.access.launch.clone(),
        redact: Arc::new(move || Box::new(redaction.stream())),
        log: Arc::new(move |line| {
            if let Some(told) = told(&line) {
                progress.send_modify(|known| drop(known.insert(line.job.to_owned(), told)));
            }
            logs.add(line);
            also(line);
        }),
    }
}

fn first_status(plan: &Plan) -> AppStatus {
    AppStatus {
        app: identity_of(plan),
        phase: AppPhase::Starting,
        since_ms: 0,
        jobs: Vec::new(),
        failure: None,
    }
}

/// Makes a name for a launch, which all its processes carry.
pub(crate) fn launch_id() -> io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
