//! The steps of the fake service that are done by other means on Windows.

#![allow(unsafe_code, reason = "there is no other way to hear Ctrl-Break without a runtime")]

use std::os::windows::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use windows::Win32::System::Console::SetConsoleCtrlHandler;
use windows::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS};
use windows::core::BOOL;

use super::{Answers, Outcome, milliseconds};

pub(super) fn act(verb: &str, value: &str, _answers: &Answers) -> Outcome {
    match verb {
        "deaf" => hear(ignore)?,
        "slow-stop" => {
            PAUSE.store(milliseconds(value)?.as_millis().try_into()?, Ordering::SeqCst);
            hear(stop_slowly)?;
        }
        _ => return Err("no such step on this system".into()),
    }
    Ok(())
}

/// A child without a console, in a group of its own: nothing that goes to ours reaches it.
pub(super) fn leave_session(command: &mut Command) {
    command.creation_flags(DETACHED_PROCESS.0 | CREATE_NEW_PROCESS_GROUP.0);
}

/// How long a slow stop takes, in milliseconds; a handler cannot carry it.
static PAUSE: AtomicU64 = AtomicU64::new(0);

fn hear(handler: unsafe extern "system" fn(u32) -> BOOL) -> Outcome {
    // SAFETY: the handlers are functions of this program, which may be called on any thread.
    unsafe { SetConsoleCtrlHandler(Some(handler), true) }?;
    Ok(())
}

unsafe extern "system" fn ignore(_event: u32) -> BOOL {
    true.into()
}

/// Windows calls it on a thread of its own.
unsafe extern "system" fn stop_slowly(_event: u32) -> BOOL {
    println!("asked");
    thread::sleep(Duration::from_millis(PAUSE.load(Ordering::SeqCst)));
    println!("bye");
    std::process::exit(0);
}
