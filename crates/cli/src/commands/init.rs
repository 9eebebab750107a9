//! What has to be done as the first process of a container: pass signals on, and reap.
//!
//! The first process inherits every orphan of the container, and has to wait for each, or they stay
//! as zombies. So it does nothing else, and the app runs in a child, as with `tini`.

use std::io;
use std::process::Command;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use tokio::signal::unix::{SignalKind, signal};

/// Runs this program once more in a child, if this is the first process; returns its exit code.
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
            // It is not reaped yet, so the number is still its own.
            let _ = kill_process(app, signal);
        }
        if let Some(code) = reap(app) {
            return Ok(code);
        }
    }
}

/// Waits for all that have ended; returns the app's exit code when it is among them.
fn reap(app: Pid) -> Option<u8> {
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == app {
            return Some(code_of(status));
        }
    }
    None
}

/// As shells count: 128 and the signal's number.
fn code_of(status: WaitStatus) -> u8 {
    let code = status.exit_status().or_else(|| Some(128 + status.terminating_signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
