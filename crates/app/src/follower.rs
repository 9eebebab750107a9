//! Passes on what the supervisor tells: to the gateway, to the pages, to the state file.

use std::collections::HashSet;
use std::time::Instant;

use ensconce_gateway::{Address, Backend, Backends};
use ensconce_link::{AppFace, Status, StatusPhase};
use ensconce_supervisor::{Address as JobAddress, JobSnapshot, Phase, Snapshot};
use tokio::sync::watch;

use crate::progress::Progress;
use crate::report::Reports;
use crate::state::{State, StateFile};
use crate::status::{report_of_job, step_of};

/// Follows the supervisor of one app.
pub(crate) struct Follower {
    pub(crate) face: AppFace,
    pub(crate) version: String,
    pub(crate) reports: Reports,
    pub(crate) state_file: StateFile,
    pub(crate) state: State,
    /// Whether it has been up before.
    pub(crate) was_up: bool,
    /// The services that have ended by themselves or failed before.
    pub(crate) lost: HashSet<String>,
    /// When the phase began.
    pub(crate) since: Instant,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) backends: watch::Receiver<Backends>,
    pub(crate) stopping: watch::Receiver<bool>,
    /// Whether the app needs answers of its user.
    pub(crate) asking: watch::Receiver<bool>,
    /// Whether everything is stopped for a while.
    pub(crate) busy: watch::Receiver<bool>,
    /// What tasks tell of their progress.
    pub(crate) progress: watch::Receiver<Progress>,
}

impl Follower {
    /// Goes on until the supervisor has ended; tells whether the app was ever up.
    pub(crate) async fn run(mut self, mut snapshots: watch::Receiver<Snapshot>) -> bool {
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            self.publish(&snapshot);
            self.show(&snapshot);
            self.remember(&snapshot).await;
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { return self.was_up },
                changed = self.backends.changed() => if changed.is_err() { return self.was_up },
                changed = self.stopping.changed() => if changed.is_err() { return self.was_up },
                Ok(()) = self.asking.changed() => {}
                Ok(()) = self.busy.changed() => {}
                Ok(()) = self.progress.changed() => {}
            }
        }
    }

    fn publish(&mut self, snapshot: &Snapshot) {
        let backends = self.backends.borrow_and_update().clone();
        let stopping = *self.stopping.borrow();
        for job in &snapshot.jobs {
            if job.kind == ensconce_supervisor::Kind::Service {
                backends.publish(&job.name, backend(job, stopping));
            }
        }
    }

    async fn remember(&mut self, snapshot: &Snapshot) {
        let before = self.state.done_tasks.clone();
        for job in snapshot.jobs.iter().filter(|job| job.phase == Phase::Done) {
            self.state.done_tasks.insert(job.name.clone(), self.version.clone());
        }
        if self.state.done_tasks == before {
            return;
        }
        // A disk may take long to have it for good.
        let (file, state) = (self.state_file.clone(), self.state.clone());
        let written = tokio::task::spawn_blocking(move || file.write(&state)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!("Cannot remember which tasks have run: {error}");
        }
    }

    fn show(&mut self, snapshot: &Snapshot) {
        let now = Instant::now();
        let phase = self.phase(snapshot);
        if phase != self.status.borrow().phase {
            self.since = now;
        }
        self.reports.follow(snapshot);
        let away = |job: &&JobSnapshot| matches!(job.phase, Phase::Restarting | Phase::Failed);
        self.lost.extend(snapshot.jobs.iter().filter(away).map(|job| job.name.clone()));
        let progress = self.progress.borrow_and_update().clone();
        let step = |job: &JobSnapshot| {
            let told = progress.get(&job.name).filter(|_| job.phase == Phase::Starting);
            step_of(job, now, self.lost.contains(&job.name), told)
        };
        let steps = snapshot.jobs.iter().map(step).collect();
        let failure = snapshot.failure().filter(|_| phase == StatusPhase::Failed).map(|failure| {
            report_of_job(&self.face.name, failure, self.was_up, &self.reports.files(&failure.job))
        });
        self.was_up |= phase == StatusPhase::Ready;
        self.status.send_replace(Status {
            app: self.face.clone(),
            phase,
            since_ms: u64::try_from((now - self.since).as_millis()).unwrap_or(u64::MAX),
            steps,
            failure,
        });
    }

    /// Once up, the app stays up while a service restarts: the gateway holds its requests.
    fn phase(&self, snapshot: &Snapshot) -> StatusPhase {
        let restarts = || self.status.borrow().phase == StatusPhase::Ready;
        if *self.stopping.borrow() {
            StatusPhase::Stopping
        } else if snapshot.failure().is_some() {
            StatusPhase::Failed
        } else if *self.asking.borrow() {
            StatusPhase::Setup
        } else if *self.busy.borrow() {
            StatusPhase::Starting
        } else if snapshot.is_up() || restarts() {
            StatusPhase::Ready
        } else {
            StatusPhase::Starting
        }
    }
}

fn backend(job: &JobSnapshot, app_stops: bool) -> Backend {
    match (job.phase, &job.address) {
        (Phase::Ready, Some(JobAddress::Tcp(address))) => Backend::Ready(Address::Tcp(*address)),
        (Phase::Ready, Some(JobAddress::Unix(path))) => Backend::Ready(Address::Unix(path.clone())),
        // It may be a stranger that listens there.
        (Phase::Ready, None) if job.assigned.is_some() => Backend::Starting,
        (Phase::Ready, None) => Backend::Failed("it listens nowhere".to_owned()),
        (Phase::Failed, _) => {
            let failure = job.failure.as_ref().map(ToString::to_string);
            Backend::Failed(failure.unwrap_or_default())
        }
        // It is restarted, by hand or because of what it needs: its requests wait.
        (Phase::Stopping, _) if !app_stops => Backend::Restarting,
        (Phase::Stopping | Phase::Stopped | Phase::Ended, _) => Backend::Stopped,
        (Phase::Ending | Phase::Restarting, _) => Backend::Restarting,
        _ => Backend::Starting,
    }
}

#[cfg(test)]
mod tests {
    use ensconce_supervisor::Kind;

    use super::*;

    fn ready(assigned: Option<JobAddress>, address: Option<JobAddress>) -> Backend {
        let job = JobSnapshot {
            name: "api".to_owned(),
            kind: Kind::Service,
            optional: false,
            phase: Phase::Ready,
            since: Instant::now(),
            pid: None,
            assigned,
            address,
            failure: None,
            crash: None,
        };
        backend(&job, false)
    }

    #[test]
    fn a_service_that_is_ready_gets_requests_when_its_address_is_known_to_be_its_own() {
        let here = JobAddress::loopback(4000);
        let JobAddress::Tcp(address) = here.clone() else { unreachable!() };
        assert_eq!(ready(Some(here.clone()), None), Backend::Starting);
        assert_eq!(ready(Some(here.clone()), Some(here)), Backend::Ready(Address::Tcp(address)));
        assert!(matches!(ready(None, None), Backend::Failed(_)), "it listens nowhere");
    }
}
