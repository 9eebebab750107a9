//! Linux: a child subreaper sees every orphan, and `/proc` names every parent.

use std::collections::HashMap;
use std::fs;
use std::io;

use rustix::process::{
    Pid, PidfdFlags, Signal, getpid, getppid, pidfd_open, pidfd_send_signal, set_child_subreaper,
    set_parent_process_death_signal,
};

/// Whether orphans end without a signal to this process.
pub(crate) const ORPHANS_END_UNSEEN: bool = false;

/// Makes orphans below this process its children.
pub(crate) fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Has the system kill the calling process, a child of the guard, when the guard ends.
pub(super) fn die_with(guard: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The guard may have ended before the line above; its signal is then never sent.
    if getppid() == Some(guard) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
}

/// A process below this one, as it was when `/proc` was read.
pub(crate) struct Stray {
    pid: Pid,
    parent: i32,
}

impl Stray {
    /// Returns its id.
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends a signal, but never to a stranger that has taken over the id since.
    pub(crate) fn signal(&self, signal: Signal) {
        let Ok(process) = pidfd_open(self.pid, PidfdFlags::empty()) else { return };
        // The handle is fixed now; an orphan has come to this process in the meantime.
        let parent = parent_of(self.pid.as_raw_nonzero().get());
        if parent == Some(self.parent) || parent == Some(own_id()) {
            let _ = pidfd_send_signal(&process, signal);
        }
    }
}

/// Returns all processes below this one.
pub(crate) fn strays() -> Vec<Stray> {
    let children = children_by_parent();
    let mut found = Vec::new();
    let mut parents = vec![own_id()];
    while let Some(parent) = parents.pop() {
        for child in children.get(&parent).into_iter().flatten() {
            parents.push(*child);
            found.extend(Pid::from_raw(*child).map(|pid| Stray { pid, parent }));
        }
    }
    found
}

fn own_id() -> i32 {
    getpid().as_raw_nonzero().get()
}

fn children_by_parent() -> HashMap<i32, Vec<i32>> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        if let Some(parent) = parent_of(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    children
}

fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may itself hold anything, so count from its end.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
