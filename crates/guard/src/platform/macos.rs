//! macOS: no subreaper, so the tree is told by a mark in its environment.

use std::io;

use rustix::process::{Pid, Signal, getpid, kill_process};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The variable that the supervisor sets, with another value for each start.
const MARK: &str = "ENSCONCE_JOB";

/// Whether orphans end without a signal to this process.
pub(crate) const ORPHANS_END_UNSEEN: bool = true;

/// Does nothing: there is no way to adopt orphans here.
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(crate) fn adopt_orphans() -> io::Result<()> {
    Ok(())
}

/// Does nothing: there is no such tie here.
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(super) fn die_with(_guard: Pid) -> io::Result<()> {
    Ok(())
}

/// A process with the mark.
pub(crate) struct Stray(Pid);

impl Stray {
    /// Returns its id.
    pub(crate) fn pid(&self) -> Pid {
        self.0
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process(self.0, signal);
    }
}

/// Returns all other processes that carry this process's mark.
pub(crate) fn strays() -> Vec<Stray> {
    let Ok(value) = std::env::var(MARK) else { return Vec::new() };
    let mark = format!("{MARK}={value}");
    let mut system = System::new();
    let what = ProcessRefreshKind::nothing().with_environ(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let own = getpid();
    system
        .processes()
        .iter()
        .filter(|(_, process)| process.environ().iter().any(|entry| *entry == *mark))
        .filter_map(|(pid, _)| Pid::from_raw(i32::try_from(pid.as_u32()).ok()?))
        .filter(|pid| *pid != own)
        .map(Stray)
        .collect()
}
