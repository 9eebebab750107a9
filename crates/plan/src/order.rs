//! Orders jobs so that each comes after its dependencies.

use std::collections::HashSet;

use crate::JobPlan;

/// Sorts jobs by their dependencies, and keeps the manifest's order where these leave a choice.
///
/// Jobs in a cycle, which the manifest's check refuses, come last.
pub(crate) fn by_need(mut jobs: Vec<JobPlan>) -> Vec<JobPlan> {
    let names: HashSet<String> = jobs.iter().map(|job| job.name.clone()).collect();
    let mut placed: HashSet<String> = HashSet::new();
    let mut ordered = Vec::with_capacity(jobs.len());
    while !jobs.is_empty() {
        let free = |job: &JobPlan| {
            job.needs.iter().all(|need| placed.contains(need) || !names.contains(need))
        };
        let next = jobs.iter().position(free).unwrap_or(0);
        let job = jobs.remove(next);
        placed.insert(job.name.clone());
        ordered.push(job);
    }
    ordered
}
