//! Puts steps into an order in which each comes after all that it needs.

use std::collections::HashSet;

use crate::Step;

/// Sorts by need, and keeps the manifest's order where need leaves a choice.
///
/// Steps in a cycle, which the manifest's check refuses, come last.
pub(crate) fn by_need(mut steps: Vec<Step>) -> Vec<Step> {
    let names: HashSet<String> = steps.iter().map(|step| step.name.clone()).collect();
    let mut placed: HashSet<String> = HashSet::new();
    let mut ordered = Vec::with_capacity(steps.len());
    while !steps.is_empty() {
        let free = |step: &Step| {
            step.needs.iter().all(|need| placed.contains(need) || !names.contains(need))
        };
        let next = steps.iter().position(free).unwrap_or(0);
        let step = steps.remove(next);
        placed.insert(step.name.clone());
        ordered.push(step);
    }
    ordered
}
