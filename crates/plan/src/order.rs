//! Puts jobs into an order in which each comes after all that it needs.

use std::collections::HashSet;

use crate::JobPlan;

/// Sorts by need, and keeps the manifest's order where need leaves a choice.
///
/// Steps in a cycle, which the manifest's check refuses, come last.
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
