//! Passes on what the supervisor reports: to the gateway, to the pages, to what is remembered.

use std::collections::HashSet;
use std::time::Instant;

use ensconce_gateway::{Address, Backend, Backends};
use ensconce_protocol::{AppIdentity, AppPhase, AppStatus, FailureReport};
use ensconce_supervisor::{Address as JobAddress, JobSnapshot, Phase, Snapshot};
use tokio::sync::watch;

use super::progress::Progress;
use super::roster::Roster;
use crate::view::report::Reports;
use crate::view::status::{report_of_job, report_of_swap, status_of};

/// Follows the supervisor of one app.
pub(crate) struct Follower {
    pub(crate) identity: AppIdentity,
    pub(crate) roster: Roster,
    pub(crate) reports: Reports,
    /// Whether it has been up before.
    pub(crate) was_up: bool,
    /// The services that have ended by themselves or failed before.
    pub(crate) lost: HashSet<String>,
    /// When the phase began.
    pub(crate) since: Instant,
    pub(crate) status: watch::Sender<AppStatus>,
    pub(crate) backends: watch::Receiver<Backends>,
    pub(crate) stopping: watch::Receiver<bool>,
    /// Whether the app needs answers of its user.
    pub(crate) asking: watch::Receiver<bool>,
    /// Whether everything is stopped for a while.
    pub(crate) paused: watch::Receiver<bool>,
    /// Why everything stays stopped, if the data is not whole.
    pub(crate) blocked: watch::Receiver<Option<String>>,
    /// What tasks say of their progress.
    pub(crate) progress: watch::Receiver<Progress>,
}

impl Follower {
    /// Goes on until the supervisor has ended; returns whether the app was ever up.
    pub(crate) async fn run(mut self, mut snapshots: watch::Receiver<Snapshot>) -> bool {
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            self.publish(&snapshot);
            // Before it is shown: who sees that the app is up may work on its data at once.
            self.roster.remember(self.phase(&snapshot) == AppPhase::Ready).await;
            self.show(&snapshot);
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { return self.was_up },
                changed = self.backends.changed() => if changed.is_err() { return self.was_up },
                changed = self.stopping.changed() => if changed.is_err() { return self.was_up },
                Ok(()) = self.asking.changed() => {}
                Ok(()) = self.paused.changed() => {}
                Ok(()) = self.blocked.changed() => {}
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
        let status = |job: &JobSnapshot| {
            let told = progress.get(&job.name).filter(|_| job.phase == Phase::Starting);
            status_of(job, now, self.lost.contains(&job.name), told)
        };
        let jobs = snapshot.jobs.iter().map(status).collect();
        let failure = match phase {
            AppPhase::Failed => self.failure(snapshot),
            _ => None,
        };
        self.was_up |= phase == AppPhase::Ready;
        self.status.send_replace(AppStatus {
            app: self.identity.clone(),
            phase,
            since_ms: u64::try_from((now - self.since).as_millis()).unwrap_or(u64::MAX),
            jobs,
            failure,
        });
    }

    fn failure(&self, snapshot: &Snapshot) -> Option<FailureReport> {
        let app = &self.identity.name;
        if let Some(why) = self.blocked.borrow().as_deref() {
            return Some(report_of_swap(app, why));
        }
        let failure = snapshot.failure()?;
        let files = self.reports.files(&failure.job);
        Some(report_of_job(app, failure, self.was_up, &files))
    }

    /// Once up, the app stays up while a service restarts: the gateway holds its requests.
    fn phase(&self, snapshot: &Snapshot) -> AppPhase {
        let was_ready = || self.status.borrow().phase == AppPhase::Ready;
        if *self.stopping.borrow() {
            AppPhase::Stopping
        } else if self.blocked.borrow().is_some() || snapshot.failure().is_some() {
            AppPhase::Failed
        } else if *self.asking.borrow() {
            AppPhase::Setup
        } else if *self.paused.borrow() {
            AppPhase::Starting
        } else if snapshot.is_up() || was_ready() {
            AppPhase::Ready
        } else {
            AppPhase::Starting
        }
    }
}

fn backend(job: &JobSnapshot, app_stops: bool) -> Backend {
    match (job.phase, &job.address) {
        (Phase::Ready, Some(JobAddress::Tcp(address))) => Backend::Ready(Address::Tcp(*address)),
        (Phase::Ready, Some(JobAddress::Unix(path))) => Backend::Ready(Address::Unix(path.clone())),
        // It is ready for those that depend on it, and may listen soon: it is sent nothing before
        // the socket is known to be its own.
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
