//! The duties of a container's first process: forward signals, and reap orphans.
//!
//! The first process inherits every orphan of the container, and has to wait for each, or they
//! remain as zombies. So it does nothing else, and the app runs in a child, as with `tini`.

use std::io;
use std::process::Command;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use tokio::signal::unix::{SignalKind, signal};

/// Runs this program again in a child, if this is the first process; returns the child's exit code.
pub(super) fn run_below_first_process() -> io::Result<Option<u8>> {
    if std::process::id() != 1 {
        return Ok(None);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(attend()).map(Some)
}

async fn attend() -> io::Result<u8> {
    // Before the child starts, so that neither its end nor a signal is missed.
    let mut ended = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut command = Command::new(std::env::current_exe()?);
    let child = command.args(std::env::args_os().skip(1)).spawn()?;
    let app = Pid::from_child(&child);
    loop {
        let passed_on = tokio::select! {
            _ = ended.recv() => None,
            _ = terminate.recv() => Some(Signal::TERM),
            _ = interrupt.recv() => Some(Signal::INT),
            _ = hangup.recv() => Some(Signal::HUP),
        };
        if let Some(signal) = passed_on {
            // The child is not reaped yet, so its process id has not been reused.
            let _ = kill_process(app, signal);
        }
        if let Some(code) = reap(app) {
            return Ok(code);
        }
    }
}

/// Reaps all that have ended; returns the app's exit code if it is among them.
fn reap(app: Pid) -> Option<u8> {
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == app {
            return Some(code_of(status));
        }
    }
    None
}

/// Returns the code that shells use: 128 plus the signal's number.
fn code_of(status: WaitStatus) -> u8 {
    let code = status.exit_status().or_else(|| Some(128 + status.terminating_signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
