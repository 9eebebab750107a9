//! Ctrl-Break, which is how a program on Windows is asked to end.
//!
//! It only reaches processes on the console that the sender is attached to. A supervisor in a
//! terminal shares its console with its programs. One without, such as an app with a window, gives
//! each program a console that nobody sees, and borrows that for the moment of asking.

#![allow(unsafe_code, reason = "there is no other way to ask Windows for it")]

use std::sync::{Mutex, PoisonError};

use windows::Win32::System::Console::{
    AttachConsole, CTRL_BREAK_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetConsoleCP,
};
use windows::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW};

/// A process has one console at a time, so one program is asked at a time.
static BORROWED: Mutex<()> = Mutex::new(());

/// How programs are made: in a group of their own, so that a Ctrl-Break reaches them and not us.
pub(super) fn flags() -> u32 {
    let _one = BORROWED.lock().unwrap_or_else(PoisonError::into_inner);
    let hidden = if has_console() { 0 } else { CREATE_NO_WINDOW.0 };
    CREATE_NEW_PROCESS_GROUP.0 | hidden
}

/// Asks the processes of a group to end; `members` are those whose console may be theirs.
pub(super) fn ask_to_end(group: u32, members: &[u32]) {
    let _one = BORROWED.lock().unwrap_or_else(PoisonError::into_inner);
    if has_console() {
        return send_break(group);
    }
    // SAFETY: no pointers are passed.
    let Some(_) = members.iter().find(|id| unsafe { AttachConsole(**id) }.is_ok()) else { return };
    send_break(group);
    // SAFETY: it was not ours before either.
    let _ = unsafe { FreeConsole() };
}

fn send_break(group: u32) {
    // SAFETY: no pointers are passed. Who cannot be asked is killed when its time is over.
    let _ = unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, group) };
}

fn has_console() -> bool {
    // SAFETY: no pointers are passed. It has no code page without a console.
    unsafe { GetConsoleCP() != 0 }
}
