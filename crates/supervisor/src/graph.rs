//! Which jobs may start, and which may stop: pure questions about the graph.

use std::sync::Arc;

use crate::{Job, JobSnapshot, Phase};

/// Returns whether all dependencies of a job are there; what is not among the jobs counts as there.
pub(crate) fn may_start(job: &Job, all: &[JobSnapshot]) -> bool {
    job.needs.iter().filter_map(|need| find(all, need)).all(JobSnapshot::satisfies)
}

/// Returns whether nothing that depends on a job is alive any more, be it by way of tasks that are
/// done.
pub(crate) fn may_stop(name: &str, jobs: &[(Arc<Job>, Phase)]) -> bool {
    let mut needed = vec![name];
    let mut next = 0;
    while let Some(name) = needed.get(next).copied() {
        next += 1;
        let depends = |job: &Job| job.needs.iter().any(|need| need == name);
        for (job, phase) in jobs.iter().filter(|(job, _)| depends(job)) {
            if phase.is_alive() {
                return false;
            }
            if !needed.contains(&job.name.as_str()) {
                needed.push(&job.name);
            }
        }
    }
    true
}

fn find<'a>(all: &'a [JobSnapshot], name: &str) -> Option<&'a JobSnapshot> {
    all.iter().find(|status| status.name == name)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{Kind, Launch, Listen, OnDependencyExit, Ready, RestartRule, StopRule, StopSignal};

    fn job(name: &str, needs: &[&str]) -> Arc<Job> {
        Arc::new(Job {
            name: name.to_owned(),
            kind: Kind::Service,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            optional: false,
            listen: Listen::Nowhere,
            ready: Ready::Started,
            start_timeout: Duration::ZERO,
            stop: StopRule { signal: StopSignal::Term, timeout: Duration::ZERO },
            restart: RestartRule::default(),
            on_dependency_exit: OnDependencyExit::default(),
            liveness: None,
            memory_limit: None,
            render: Arc::new(|_| Box::pin(async { Ok(Launch::Skip(String::new())) })),
        })
    }

    fn status(name: &str, phase: Phase, optional: bool) -> JobSnapshot {
        JobSnapshot {
            name: name.to_owned(),
            kind: Kind::Service,
            optional,
            phase,
            since: Instant::now(),
            pid: None,
            assigned: None,
            address: None,
            failure: None,
            crash: None,
        }
    }

    #[test]
    fn a_job_starts_when_all_it_needs_is_there() {
        let api = job("api", &["db", "seed"]);
        for (phase, optional, expected) in [
            (Phase::Ready, false, true),
            (Phase::Done, false, true),
            (Phase::Skipped, false, true),
            (Phase::Ended, false, true),
            (Phase::Failed, true, true),
            (Phase::Failed, false, false),
            (Phase::Waiting, true, false),
            (Phase::Starting, false, false),
            (Phase::Restarting, false, false),
            (Phase::Stopping, false, false),
            (Phase::Stopped, false, false),
        ] {
            let all = [status("db", phase, optional), status("seed", Phase::Done, false)];
            assert_eq!(may_start(&api, &all), expected, "{phase:?}, optional: {optional}");
        }
        assert!(may_start(&api, &[]), "what is not among the jobs counts as there");
    }

    #[test]
    fn a_job_stops_when_nothing_that_needs_it_is_alive() {
        let (db, api, other) = (job("db", &[]), job("api", &["db"]), job("other", &[]));
        for (phase, expected) in [
            (Phase::Starting, false),
            (Phase::Ready, false),
            (Phase::Stopping, false),
            (Phase::Waiting, true),
            (Phase::Restarting, true),
            (Phase::Stopped, true),
            (Phase::Failed, true),
        ] {
            let jobs = [(&db, Phase::Ready), (&api, phase), (&other, Phase::Ready)];
            let jobs = jobs.map(|(job, phase)| (Arc::clone(job), phase));
            assert_eq!(may_stop("db", &jobs), expected, "{phase:?}");
            assert!(may_stop("other", &jobs));
        }
    }

    #[test]
    fn a_task_that_is_done_does_not_hide_who_needs_what_it_needed() {
        let (db, migrate, api) =
            (job("db", &[]), job("migrate", &["db"]), job("api", &["migrate"]));
        let jobs = |api_phase| {
            let jobs = [(&db, Phase::Ready), (&migrate, Phase::Done), (&api, api_phase)];
            jobs.map(|(job, phase)| (Arc::clone(job), phase))
        };
        assert!(!may_stop("db", &jobs(Phase::Stopping)));
        assert!(may_stop("db", &jobs(Phase::Stopped)));
    }
}
