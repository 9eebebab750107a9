//! A running app.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ensconce_plan::Plan;
use ensconce_protocol::{AppStatus, Entry};
use ensconce_supervisor::{Phase, Snapshot};
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use super::roster::Roster;
use super::serving::Serving;
use crate::control::page::PageAccess;
use crate::control::server::FrontEndRequest;
use crate::error::AppError;
use crate::launch::held::HeldFolder;
use crate::launch::own_folder::OwnFolder;
use crate::logs::Logs;
use crate::requests::Requests;
use crate::secrets::location::{location, wanted};
use crate::secrets::state::SecretsState;
use crate::secrets::store::AppSecrets;

/// How long to wait for the secrets; an open keychain takes a fifth of it.
const KEYCHAIN_LIMIT: Duration = Duration::from_millis(50);
/// How long to wait for the first program: it may need a secret that the user is asked for.
const BEGIN_LIMIT: Duration = Duration::from_millis(100);

/// How long what was begun may take to end: a little longer than the helper has before it is killed.
const FINISH_LIMIT: Duration = Duration::from_secs(90);

/// A running app. It must be ended by [`App::stop`]; when it is only dropped, its processes end
/// as well, but nobody waits for them.
pub struct App {
    pub(super) requests: Requests,
    pub(super) page: PageAccess,
    pub(super) status: watch::Receiver<AppStatus>,
    pub(super) stopping: watch::Sender<bool>,
    pub(super) follower: JoinHandle<bool>,
    pub(super) gateway: Serving,
    pub(super) front_end_requests: Option<mpsc::UnboundedReceiver<FrontEndRequest>>,
    pub(super) events: broadcast::Sender<ensconce_gateway::Event>,
    pub(super) logs: Arc<Logs>,
    pub(super) held: HeldFolder,
    pub(super) run: TempDir,
    pub(super) has_data_dir: bool,
}

impl App {
    /// Returns what runs.
    pub fn plan(&self) -> Arc<Plan> {
        self.roster().plan()
    }

    /// Returns where Ensconce's own files of the app are.
    pub fn own_folder(&self) -> &OwnFolder {
        self.held.own()
    }

    /// Makes an address of the page of set-up and settings for a browser, which leads to `back` in
    /// the end. It works once.
    ///
    /// # Errors
    /// When no random token can be had.
    pub fn setup_page(&self, back: &str) -> io::Result<String> {
        self.page.address(back)
    }

    /// Returns what the app can be asked to do.
    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// Returns the state of the app, now and after each change.
    pub fn status(&self) -> watch::Receiver<AppStatus> {
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
        let mut state = self.secrets().state();
        let is_settled = |state: &SecretsState| *state != SecretsState::Opening;
        let _ = tokio::time::timeout(KEYCHAIN_LIMIT, state.wait_for(is_settled)).await;
    }

    async fn first_program(&self) {
        let mut snapshots = self.roster().snapshots();
        let runs = |snapshot: &Snapshot| {
            let settled = |phase| !matches!(phase, Phase::Waiting | Phase::Starting);
            let has_begun = |phase, pid: Option<u32>| pid.is_some() || settled(phase);
            snapshot.jobs.iter().any(|job| has_begun(job.phase, job.pid))
                || snapshot.jobs.is_empty()
        };
        let _ = tokio::time::timeout(BEGIN_LIMIT, snapshots.wait_for(runs)).await;
    }

    /// Returns what happens at the gateway; who reads too slowly loses the oldest.
    pub fn gateway_events(&self) -> broadcast::Receiver<ensconce_gateway::Event> {
        self.events.subscribe()
    }

    /// Returns what others ask of the front end, such as a later start. Only the first call does.
    pub fn front_end_requests(&mut self) -> Option<mpsc::UnboundedReceiver<FrontEndRequest>> {
        self.front_end_requests.take()
    }

    /// Makes an address of the first page; for a browser a new one each time, which works once.
    ///
    /// # Errors
    /// When no random token can be had.
    pub fn entry(&self) -> io::Result<Entry> {
        self.gateway.entry(&self.plan())
    }

    /// Starts once more what has failed.
    pub fn retry(&self) {
        self.secrets().fetch_what_failed();
        self.roster().retry();
        self.requests.make_data_whole();
    }

    /// Reads the manifest again, and restarts what has changed; returns the names of the jobs that
    /// were started or restarted.
    ///
    /// # Errors
    /// When the manifest has mistakes; the app then goes on as it was.
    pub async fn reload(&mut self) -> Result<Vec<String>, AppError> {
        let edited = self.roster().reread().await?;
        let (before, after) = (self.plan(), Arc::clone(&edited.plan));
        if after.ui != before.ui || after.routes != before.routes || names(&after) != names(&before)
        {
            self.gateway.serve(&after)?;
        }
        if after.secrets != before.secrets || after.setup != before.setup {
            let location = location(&after, self.has_data_dir, self.held.own())?;
            self.secrets().fetch(wanted(&after), location);
        }
        let changed = self.roster().adopt(edited).await;
        self.requests.setup.look_for_what_is_missing();
        Ok(changed)
    }

    /// Stops everything in order; returns when nothing of the app is alive.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        // Work on the data is asked to end, and what it has begun is ended, before anything else.
        self.roster().close();
        let finished = tokio::time::timeout(FINISH_LIMIT, self.requests.finish()).await;
        if finished.is_err() {
            tracing::warn!("Work on the data has not ended, and is finished at the next start");
        }
        self.roster().stop().await;
        // It ends with the supervisor, once it has passed on and remembered the last change.
        let was_up = self.follower.await.unwrap_or(false);
        self.gateway.stop().await;
        let logs = self.logs;
        let _ = tokio::task::spawn_blocking(move || logs.finish()).await;
        drop(self.run);
        self.held.release(was_up);
    }

    fn roster(&self) -> &Roster {
        &self.requests.care.roster
    }

    fn secrets(&self) -> &AppSecrets {
        &self.requests.care.values.secrets
    }
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.jobs.iter().map(|job| job.name.as_str()).collect()
}
