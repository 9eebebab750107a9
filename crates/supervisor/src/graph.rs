//! Which jobs may start, and which may stop: pure questions about the graph.

use crate::{Job, JobStatus, Phase};

/// Tells whether all that a job needs is there; what is not among the jobs counts as there.
pub(crate) fn may_start(job: &Job, all: &[JobStatus]) -> bool {
    job.needs.iter().filter_map(|need| find(all, need)).all(JobStatus::satisfies)
}

/// Tells whether nothing that needs a job is alive any more.
pub(crate) fn may_stop(name: &str, jobs: &[(&Job, Phase)]) -> bool {
    jobs.iter()
        .filter(|(job, _)| job.needs.iter().any(|need| need == name))
        .all(|(_, phase)| !phase.is_alive())
}

fn find<'a>(all: &'a [JobStatus], name: &str) -> Option<&'a JobStatus> {
    all.iter().find(|status| status.name == name)
}
