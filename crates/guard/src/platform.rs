//! Finds the tree and ties the program to the guard: what the operating systems do differently,
//! and what the standard library has no safe way for.

#![allow(unsafe_code, reason = "there is no other way to pass descriptors and to act after a fork")]

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod imp;
#[cfg(not(target_os = "linux"))]
#[path = "platform/macos.rs"]
mod imp;

use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

pub(crate) use imp::{ORPHANS_END_UNSEEN, adopt_orphans, strays};

/// Takes a descriptor that the supervisor has opened for this process, so that no program inherits
/// it under the same number.
pub(crate) fn take_descriptor(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: nothing else in this process uses or closes that number, which only the command line
    // names. That it is open is checked before it is owned.
    let passed = unsafe {
        rustix::io::fcntl_getfd(BorrowedFd::borrow_raw(number))?;
        OwnedFd::from_raw_fd(number)
    };
    // The copy is closed in every program that is started; the passed one is closed here.
    passed.try_clone()
}

/// Has the system kill the program when this process ends, where it can.
pub(crate) fn tie_to_guard(command: &mut Command) {
    let guard = rustix::process::getpid();
    // SAFETY: the closure only makes system calls that are async-signal-safe and allocates nothing.
    unsafe {
        command.pre_exec(move || imp::die_with(guard));
    }
}
