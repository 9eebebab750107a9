//! macOS: what carries the tree's mark in its environment, as in the guard; the guard does not
//! count, it is ours.

#![allow(unsafe_code, reason = "there is no other way to ask macOS for a process' footprint")]

use std::ffi::c_int;
use std::mem::MaybeUninit;

use libc::{RUSAGE_INFO_V4, proc_pid_rusage, rusage_info_v4};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use crate::tree::{MARK, TreeMembers};

/// Returns whether the processes of a tree use more than `limit` bytes together.
pub(super) fn is_over(tree: &TreeMembers, limit: u64) -> bool {
    marked(tree).into_iter().map(footprint).sum::<u64>() > limit
}

/// The ids of a tree's processes.
fn marked(tree: &TreeMembers) -> Vec<u32> {
    let mark = format!("{MARK}={}", tree.mark);
    let mut system = System::new();
    let what = ProcessRefreshKind::nothing().with_environ(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let processes = system.processes().iter();
    processes
        .filter(|(_, process)| process.environ().iter().any(|entry| *entry == *mark))
        .map(|(pid, _)| pid.as_u32())
        .filter(|pid| *pid != tree.guard)
        .collect()
}

/// The bytes that macOS charges to a process alone, compressed ones among them; it is what the
/// Activity Monitor shows. Nothing for a process that has ended.
fn footprint(pid: u32) -> u64 {
    let Ok(pid) = c_int::try_from(pid) else { return 0 };
    let mut usage = MaybeUninit::<rusage_info_v4>::zeroed();
    // SAFETY: the pointer is to a structure of the version that is asked for. It has only numbers
    // in it, which zeros are as well.
    let (answer, usage) = unsafe {
        let answer = proc_pid_rusage(pid, RUSAGE_INFO_V4, usage.as_mut_ptr().cast());
        (answer, usage.assume_init())
    };
    if answer == 0 { usage.ri_phys_footprint } else { 0 }
}
