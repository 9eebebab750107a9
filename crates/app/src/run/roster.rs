//! The only one that tells the supervisor what to run.
//!
//! What runs depends on the plan, on the user's answers, and on what has been done to the data. When
//! one of them has changed, whoever changed it calls [`Roster::sync`]: the roster compares what each
//! job is given now with what it was started with, and restarts those for which that is another.
//!
//! Work on the data takes a [`DataTurn`], one after the other, and where services must not run
//! meanwhile, a [`Pause`]. What changes during a pause takes effect when it is over.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use ensconce_plan::Plan;
use ensconce_supervisor::{Address, Addresses, Handle, Phase, Settings, Snapshot, Supervisor};
use http::{Request, StatusCode};
use http_body_util::Full;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio_util::sync::CancellationToken;

use super::given::{Given, given};
use super::jobs::jobs;
use super::migration::DataAccess;
use super::values::Values;
use crate::error::AppError;
use crate::exchange::exchange;
use crate::launch::source::PlanSource;

/// Decides what runs. Clones stand for the same one.
#[derive(Clone)]
pub(crate) struct Roster {
    inner: Arc<Inner>,
}

struct Inner {
    supervisor: Handle,
    values: Values,
    access: DataAccess,
    plans: watch::Sender<Arc<Plan>>,
    paused: watch::Sender<bool>,
    /// Why everything stays stopped, if a swap of the data has not come to its end.
    blocked: watch::Sender<Option<String>>,
    /// Held by whoever works on the data.
    turn: Arc<Mutex<()>>,
    /// Held while the list of jobs is changed.
    listed: Mutex<Listed>,
    /// Cancelled when the app begins to end.
    closing: CancellationToken,
}

/// What the supervisor was told.
struct Listed {
    source: PlanSource,
    /// What each job was given.
    given: BTreeMap<String, Given>,
    what: Listing,
}

/// Which jobs the supervisor has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listing {
    /// Those of the plan.
    Plan,
    /// None, for a while.
    Paused,
    /// None: the app does not run, or not yet; only its data is worked on.
    Offline,
}

/// An edited manifest, before anything is done about it.
pub(crate) struct Edited {
    source: PlanSource,
    pub(crate) plan: Arc<Plan>,
}

impl Roster {
    /// Starts the supervisor. It has no jobs until [`Roster::begin`], so that data can be put in
    /// order before.
    ///
    /// # Errors
    /// When the system has no more resources.
    pub(crate) fn new(
        source: PlanSource,
        plan: Plan,
        values: Values,
        access: DataAccess,
        settings: Settings,
        closing: CancellationToken,
    ) -> Result<Self, AppError> {
        let supervisor = Supervisor::start(Vec::new(), settings).map_err(AppError::Address)?;
        let listed = Listed { source, given: BTreeMap::new(), what: Listing::Offline };
        Ok(Self {
            inner: Arc::new(Inner {
                supervisor,
                values,
                access,
                plans: watch::Sender::new(Arc::new(plan)),
                paused: watch::Sender::new(false),
                blocked: watch::Sender::new(None),
                turn: Arc::default(),
                listed: Mutex::new(listed),
                closing,
            }),
        })
    }

    /// Starts the jobs of the plan.
    pub(crate) async fn begin(&self) {
        let mut listed = self.inner.listed.lock().await;
        listed.what = Listing::Plan;
        self.replan(&listed);
        self.list(&mut listed).await;
    }

    /// Returns the plan that holds now.
    pub(crate) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.inner.plans.borrow())
    }

    /// Returns the plan, now and after each change.
    pub(crate) fn plans(&self) -> watch::Receiver<Arc<Plan>> {
        self.inner.plans.subscribe()
    }

    /// Returns whether everything is stopped for a while, now and after each change.
    pub(crate) fn paused(&self) -> watch::Receiver<bool> {
        self.inner.paused.subscribe()
    }

    /// Returns why everything stays stopped, if the data is not whole, now and after each change.
    pub(crate) fn blocked(&self) -> watch::Receiver<Option<String>> {
        self.inner.blocked.subscribe()
    }

    /// Returns the state of all jobs, now and after each change.
    pub(crate) fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.inner.supervisor.snapshots()
    }

    /// Returns a token that is cancelled when the app begins to end.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.inner.closing.clone()
    }

    /// Makes what runs fit the plan, the answers and the data; returns the names of the jobs that
    /// were started or restarted for that.
    pub(crate) async fn sync(&self) -> Vec<String> {
        self.list(&mut *self.inner.listed.lock().await).await
    }

    /// Reads the manifest again; nothing follows from that yet.
    ///
    /// # Errors
    /// When it has mistakes.
    pub(crate) async fn reread(&self) -> Result<Edited, AppError> {
        let source = self.inner.listed.lock().await.source.reread()?;
        let plan = Arc::new(source.plan(&self.inner.access.record())?);
        Ok(Edited { source, plan })
    }

    /// Goes over to an edited manifest; returns the names of the jobs that were started or
    /// restarted for that.
    pub(crate) async fn adopt(&self, edited: Edited) -> Vec<String> {
        let mut listed = self.inner.listed.lock().await;
        listed.source = edited.source;
        self.inner.plans.send_replace(edited.plan);
        self.list(&mut listed).await
    }

    /// Starts once more what has failed.
    pub(crate) fn retry(&self) {
        // It is done whether or not anybody waits.
        drop(self.inner.supervisor.retry());
    }

    /// Remembers which tasks have run on the data, and in which version the app was up, if it is
    /// ready.
    pub(crate) async fn remember(&self, is_ready: bool) {
        let state = self.inner.access.state.clone();
        // Before the look at the jobs: data that is replaced in between is other data.
        let replacements = state.get().replacements;
        let snapshot = self.snapshots().borrow().clone();
        let plan = self.plan();
        // An app counts as ready while a service restarts. On data that has just been replaced, no
        // job has run before all of them are up again.
        let has_jobs = !snapshot.jobs.is_empty() || plan.jobs.is_empty();
        let is_up = is_ready && has_jobs && snapshot.is_up();
        let remembering = tokio::task::spawn_blocking(move || {
            state.update(|state| {
                if state.replacements == replacements {
                    let version = &plan.app.version;
                    let done = snapshot.jobs.iter().filter(|job| job.phase == Phase::Done);
                    // Jobs of Ensconce's own are not something that was done to the data.
                    let tasks =
                        done.filter(|done| plan.jobs.iter().any(|one| one.name == done.name));
                    state.data.tasks.extend(tasks.map(|job| (job.name.clone(), version.clone())));
                    if is_up {
                        state.data.version = Some(version.clone());
                    }
                }
            })
        });
        if let Ok(Err(error)) = remembering.await {
            tracing::warn!("Cannot remember which tasks have run: {error}");
        }
    }

    /// Stops a task or service and starts it again.
    ///
    /// # Errors
    /// When there is none of that name, or everything is stopped for a while.
    pub(crate) async fn restart(&self, name: &str) -> Result<(), AppError> {
        if *self.inner.paused.borrow() {
            return Err(AppError::Paused);
        }
        if self.inner.supervisor.restart(name).await {
            return Ok(());
        }
        let jobs = &self.inner.supervisor.snapshots().borrow().jobs.clone();
        let known = jobs.iter().map(|job| job.name.clone()).collect();
        Err(AppError::NoSuchJob { name: name.to_owned(), known })
    }

    /// Returns where services listen, as far as it is known.
    pub(crate) fn addresses(&self) -> Addresses {
        let snapshots = self.snapshots();
        let snapshot = snapshots.borrow();
        let known = snapshot.jobs.iter().filter_map(|job| {
            let address = job.address.as_ref().or(job.assigned.as_ref())?;
            Some((job.name.clone(), address.clone()))
        });
        known.collect()
    }

    /// Sends a request to a service, as soon as it works; returns status and body of its response.
    ///
    /// # Errors
    /// When it has failed or does not answer, or the app is ending.
    pub(crate) async fn ask(
        &self,
        service: &str,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), AppError> {
        let response = match self.address_of(service).await? {
            Address::Tcp(address) => match TcpStream::connect(address).await {
                Ok(stream) => exchange(stream, request).await,
                Err(error) => Err(error),
            },
            #[cfg(unix)]
            Address::Unix(path) => match tokio::net::UnixStream::connect(path).await {
                Ok(stream) => exchange(stream, request).await,
                Err(error) => Err(error),
            },
            #[cfg(not(unix))]
            Address::Unix(_) => Err(std::io::ErrorKind::Unsupported.into()),
        };
        response.map_err(|_| AppError::Rejected("The app did not answer".to_owned()))
    }

    /// Waits until a service works, and returns where it listens.
    async fn address_of(&self, service: &str) -> Result<Address, AppError> {
        let mut snapshots = self.snapshots();
        loop {
            let job = snapshots.borrow_and_update().job(service).cloned();
            match job.map(|job| (job.phase, job.address)) {
                Some((Phase::Ready, Some(address))) => return Ok(address),
                Some((Phase::Failed, _)) => {
                    let why = "The part of the app that checks this does not work";
                    return Err(AppError::Rejected(why.to_owned()));
                }
                _ => {}
            }
            snapshots.changed().await.map_err(|_| AppError::Stopping)?;
        }
    }

    /// Waits for the right to work on the data.
    ///
    /// # Errors
    /// When the app is ending.
    pub(crate) async fn data_turn(&self) -> Result<DataTurn, AppError> {
        let turn = Arc::clone(&self.inner.turn).lock_owned();
        let turn = self.inner.closing.run_until_cancelled(turn).await;
        let turn = turn.filter(|_| !self.inner.closing.is_cancelled());
        turn.map(|turn| DataTurn { roster: self.clone(), _turn: turn }).ok_or(AppError::Stopping)
    }

    /// Begins to end: no work on the data is begun any more.
    pub(crate) fn close(&self) {
        self.inner.closing.cancel();
    }

    /// Stops everything; returns when nothing of the app is alive.
    pub(crate) async fn stop(&self) {
        self.close();
        self.inner.supervisor.stop().await;
    }

    /// Tells the supervisor what to run, and what of it to start again.
    async fn list(&self, listed: &mut Listed) -> Vec<String> {
        if listed.what != Listing::Plan {
            return Vec::new();
        }
        let Inner { values, access, supervisor, .. } = &*self.inner;
        let plan = self.plan();
        let jobs = jobs(&plan, values, access);
        let names: Vec<String> = jobs.iter().map(|job| job.name.clone()).collect();
        let given = given(&plan, &names, values);
        let is_other = |name: &&String| given.get(*name) != listed.given.get(*name);
        let others: Vec<String> = names.iter().filter(is_other).cloned().collect();
        let changed: HashSet<String> =
            others.iter().filter(|name| listed.given.contains_key(*name)).cloned().collect();
        supervisor.replace(jobs, changed).await;
        listed.given = given;
        others
    }

    /// Stops all jobs, and waits until nothing of them is alive.
    async fn pause(&self) -> Result<(), AppError> {
        {
            let mut listed = self.inner.listed.lock().await;
            if listed.what == Listing::Offline {
                return Ok(());
            }
            listed.what = Listing::Paused;
            listed.given.clear();
            self.inner.paused.send_replace(true);
            // A task that has just run must not run again because nobody has noticed.
            self.remember(false).await;
            self.inner.supervisor.replace(Vec::new(), HashSet::new()).await;
        }
        let mut snapshots = self.snapshots();
        let gone = snapshots.wait_for(|snapshot| snapshot.jobs.is_empty());
        match self.inner.closing.run_until_cancelled(gone).await {
            Some(Ok(_)) => Ok(()),
            _ => Err(AppError::Stopping),
        }
    }

    /// Plans anew, for the data may be other data: which tasks have run on it decides what is skipped.
    fn replan(&self, listed: &Listed) {
        match listed.source.plan(&self.inner.access.record()) {
            Ok(plan) if plan == *self.plan() => {}
            Ok(plan) => drop(self.inner.plans.send_replace(Arc::new(plan))),
            Err(error) => tracing::warn!("The app goes on with its former plan: {error}"),
        }
    }

    /// Starts everything again after a pause, if the data is whole; `error` says why it may not be.
    pub(crate) async fn resume(&self, error: Option<&AppError>) {
        let mut listed = self.inner.listed.lock().await;
        // What an app that ends would start now, it would only have to stop again.
        if listed.what == Listing::Paused && !self.inner.closing.is_cancelled() {
            let is_blocked = self.inner.access.own.is_swapping();
            let why = || error.map(ToString::to_string).unwrap_or_default();
            self.inner.blocked.send_replace(is_blocked.then(why));
            if is_blocked {
                return;
            }
            listed.what = Listing::Plan;
            self.replan(&listed);
            self.list(&mut listed).await;
            self.inner.paused.send_replace(false);
        }
    }
}

/// The right to work on the data, until it is dropped.
pub(crate) struct DataTurn {
    roster: Roster,
    _turn: OwnedMutexGuard<()>,
}

impl DataTurn {
    /// Stops all jobs until the pause is over.
    ///
    /// # Errors
    /// When the app is ending.
    pub(crate) async fn pause(&self) -> Result<Pause, AppError> {
        // Whoever gives up waiting here must not leave everything stopped.
        let pause = Pause { roster: Some(self.roster.clone()) };
        self.roster.pause().await?;
        Ok(pause)
    }
}

/// A time in which none of the app's jobs runs.
pub(crate) struct Pause {
    roster: Option<Roster>,
}

impl Pause {
    /// Ends the pause; returns when the supervisor has its jobs again.
    pub(crate) async fn end(self) {
        self.end_after(None).await;
    }

    /// Ends the pause after something that may have gone wrong.
    pub(crate) async fn end_after(mut self, error: Option<&AppError>) {
        if let Some(roster) = self.roster.take() {
            roster.resume(error).await;
        }
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        if let Some(roster) = self.roster.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { roster.resume(None).await });
        }
    }
}
