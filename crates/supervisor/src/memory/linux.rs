//! Linux: what descends from the guard, by `/proc`; the guard itself does not count, it is ours.

use procfs::process::Process;

use crate::tree::TreeMembers;

/// Returns whether the processes of a tree use more than `limit` bytes together.
pub(super) fn is_over(tree: &TreeMembers, limit: u64) -> bool {
    let tree = below(tree.guard);
    // What processes share is counted for each of them first, because that is cheap to ask.
    let sum = |of: fn(&Process) -> u64| tree.iter().map(of).sum::<u64>();
    sum(resident) > limit && sum(proportional) > limit
}

/// All processes below one.
fn below(root: u32) -> Vec<Process> {
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for child in children(parent) {
            parents.push(child);
            let child = i32::try_from(child).ok();
            found.extend(child.and_then(|child| Process::new(child).ok()));
        }
    }
    found
}

fn children(parent: u32) -> Vec<u32> {
    let process = i32::try_from(parent).ok().and_then(|parent| Process::new(parent).ok());
    let tasks = process.and_then(|process| process.tasks().ok()).into_iter().flatten().flatten();
    tasks.filter_map(|task| task.children().ok()).flatten().collect()
}

/// The bytes of memory that a process has, shared ones among them.
fn resident(process: &Process) -> u64 {
    process.statm().map_or(0, |memory| memory.resident * procfs::page_size())
}

/// The same, with each shared byte divided by the number of those that share it.
fn proportional(process: &Process) -> u64 {
    let rollup = process.smaps_rollup().ok();
    let sizes = rollup.as_ref().and_then(|rollup| rollup.memory_map_rollup.0.first());
    let pss = sizes.and_then(|sizes| sizes.extension.map.get("Pss"));
    pss.copied().unwrap_or_else(|| resident(process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_less_of_its_own_than_it_uses() {
        let own = Process::myself().unwrap();
        let (resident, proportional) = (resident(&own), proportional(&own));
        assert!(resident > 1 << 20, "{resident}");
        assert!((1 << 16..resident).contains(&proportional), "{proportional} of {resident}");
    }

    #[test]
    fn a_limit_is_for_the_sum() {
        let child = || std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mut children = [child(), child()];
        let own = TreeMembers { guard: std::process::id() };
        assert!(is_over(&own, 1));
        assert!(!is_over(&own, u64::MAX));
        for child in &mut children {
            let _ = child.kill();
            let _ = child.wait();
        }
        assert!(!is_over(&own, 1), "nothing is below any more");
    }

    #[test]
    fn only_what_is_below_counts() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let found = below(std::process::id());
        assert!(found.iter().any(|one| u32::try_from(one.pid()) == Ok(child.id())));
        assert!(found.iter().all(|one| u32::try_from(one.pid()) != Ok(std::process::id())));
        let _ = child.kill();
        let _ = child.wait();
    }
}
