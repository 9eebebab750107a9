//! The task: a child process with the helper's own input and output, to which signals are passed on.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::process::{Child, Command, ExitStatus};

use crate::warn;

/// A command that has not started yet.
pub(super) struct Task {
    command: Vec<OsString>,
    hidden: &'static str,
    #[cfg(unix)]
    signals: unix::Signals,
}

/// How the task ended.
pub(super) struct TaskEnd {
    pub(super) code: u8,
    /// The signal that asked the helper to end, so that the task may not have done its work.
    pub(super) asked_by: Option<i32>,
}

impl TaskEnd {
    /// Returns the code to end with: the task's own, or 128 and the signal's number. A task that was
    /// asked to end has not done its work, whatever its code is.
    pub(super) fn code(&self) -> u8 {
        self.asked_by.map_or(self.code, by_signal)
    }
}

impl Task {
    /// Prepares a command, which will not see the variable `hidden`. From now on a signal to end
    /// ends the helper, or the task when it runs.
    pub(super) fn new(command: &[OsString], hidden: &'static str) -> Self {
        Self {
            command: command.to_vec(),
            hidden,
            #[cfg(unix)]
            signals: unix::Signals::begin(),
        }
    }

    /// Runs the task; the error is the code that a shell has for a command that cannot be started.
    pub(super) fn run(&self) -> Result<TaskEnd, u8> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).env_remove(self.hidden);
        #[cfg(unix)]
        let started = self.signals.start(&mut command);
        #[cfg(not(unix))]
        let started = command.spawn();
        let child = started.map_err(|error| {
            let program = self.command[0].to_string_lossy().into_owned();
            warn(&format!("`{program}` cannot be started: {error}."));
            if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
        })?;
        self.wait(child).map_err(|error| {
            warn(&format!("The end of the task cannot be learned: {error}."));
            126
        })
    }

    #[cfg(unix)]
    fn wait(&self, child: Child) -> io::Result<TaskEnd> {
        let (status, asked_by) = self.signals.wait(child)?;
        Ok(TaskEnd { code: code(status), asked_by })
    }

    #[cfg(not(unix))]
    fn wait(&self, mut child: Child) -> io::Result<TaskEnd> {
        Ok(TaskEnd { code: code(child.wait()?), asked_by: None })
    }
}

/// Returns the code for how a process ended; one that does not fit is an error's.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return by_signal(signal);
    }
    match status.code() {
        Some(code) => u8::try_from(code).unwrap_or(1),
        None => 1,
    }
}

fn by_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// Lets the task and all that it starts keep a file open, and with it its lock.
#[cfg(unix)]
pub(super) fn inherited(file: &File) -> io::Result<()> {
    Ok(rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty())?)
}

/// On Windows, children inherit only what they are given; they end with their parent's job.
#[cfg(not(unix))]
pub(super) fn inherited(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::process::{Child, Command, ExitStatus};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::thread;

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    /// What the thread that receives signals has to know.
    #[derive(Default)]
    struct State {
        child: Option<Pid>,
        asked_by: Option<i32>,
    }

    /// Passes signals on to the task while there is one, and ends the helper while there is none.
    pub(super) struct Signals(Arc<Mutex<State>>);

    impl Signals {
        /// Begins to receive signals.
        pub(super) fn begin() -> Self {
            let state = Arc::new(Mutex::new(State::default()));
            let shared = Arc::clone(&state);
            // If they cannot be received, the task still ends with its process group.
            if let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP])
            {
                thread::spawn(move || {
                    for signal in signals.forever() {
                        pass_on(&shared, signal);
                    }
                });
            }
            Self(state)
        }

        /// Starts the task; no signal comes between its start and the knowledge of it.
        pub(super) fn start(&self, command: &mut Command) -> io::Result<Child> {
            let mut state = held(&self.0);
            let child = command.spawn()?;
            state.child = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            Ok(child)
        }

        /// Waits for the end of the task; returns which signal was passed on.
        pub(super) fn wait(&self, mut child: Child) -> io::Result<(ExitStatus, Option<i32>)> {
            let pid = held(&self.0).child;
            if let Some(pid) = pid {
                // Leaves it unreaped, so that no signal can hit another process of that number.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                while let Err(error) = waitid(WaitId::Pid(pid), options) {
                    if error != rustix::io::Errno::INTR {
                        break;
                    }
                }
            }
            let mut state = held(&self.0);
            state.child = None;
            let asked_by = state.asked_by;
            Ok((child.wait()?, asked_by))
        }
    }

    fn held(state: &Mutex<State>) -> MutexGuard<'_, State> {
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass_on(state: &Mutex<State>, signal: i32) {
        let mut state = held(state);
        match state.child {
            Some(child) => {
                state.asked_by = Some(signal);
                if let Some(signal) = Signal::from_named_raw(signal) {
                    let _ = kill_process(child, signal);
                }
            }
            // Between two steps that are each durable; what is unfinished is seen by the marker.
            None => {
                drop(state);
                std::process::exit(128 + signal);
            }
        }
    }
}
