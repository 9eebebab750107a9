//! Runs one program and answers for its whole process tree.
//!
//! The supervisor starts one guard for each job and talks to it over the guard's standard input,
//! a socket pair. The guard is the *subreaper* of everything the program starts: a grandchild
//! that changed its session or was forked twice becomes the guard's child when its parent ends,
//! so the tree is gone exactly when the guard has no child left. When the socket closes, however
//! the supervisor ended, the guard kills the tree and leaves.
//!
//! ```text
//! ensconce-guard run [--input DESCRIPTOR] -- PROGRAM ARGUMENTS...
//! ensconce-guard activate -- PROGRAM ARGUMENTS...
//! ```
//!
//! With `--input`, an open descriptor becomes the program's standard input; otherwise it has none.
//! `activate` becomes a program that must find its own process id in its environment.
//!
//! From the supervisor: `signal N` (to the program, or to what is left when it has ended) and
//! `kill` (to all). To the supervisor: `started PID`, `failed ERRNO`, `exited CODE` or
//! `signalled N` of the program, and at last `gone`.
//!
//! It is a program of its own, not a fork of the shell, so that it stays small and shares
//! neither memory nor open files with it. Windows needs none of this: job objects do it there.

#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod guard;
#[cfg(unix)]
mod launch;
#[cfg(unix)]
mod open_files;
#[cfg(unix)]
mod platform;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    use arguments::Order;
    match arguments::parse(std::env::args_os().skip(1)) {
        Some(Order::Run { input, command }) => guard::run(&command, input),
        Some(Order::Activate { command }) => launch::activate(&command),
        None => usage(),
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    usage()
}

#[expect(clippy::print_stderr, reason = "someone started the helper by hand")]
fn usage() -> ExitCode {
    eprintln!("ensconce-guard is a part of Ensconce that it starts itself. See `ensconce --help`.");
    ExitCode::from(2)
}
