//! Starts the program, so that it cannot outlive the guard by even a moment.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};

use crate::platform;

/// Starts `command` in its own process group, to be killed when this thread ends. The descriptor
/// `input` becomes its standard input; this process keeps none of it.
pub(crate) fn spawn(command: &[OsString], input: Option<i32>) -> io::Result<Child> {
    let (program, arguments) = program_of(command)?;
    let input = match input {
        Some(number) => platform::take_descriptor(number)?.into(),
        None => Stdio::null(),
    };
    let mut start = Command::new(program);
    start.args(arguments).stdin(input).process_group(0);
    platform::tie_to_guard(&mut start);
    crate::open_files::restore(&mut start);
    start.spawn()
}

/// Replaces this process by a program that is given an open socket or a watchdog, as systemd does.
///
/// `LISTEN_PID` and `WATCHDOG_PID` must be the program's own id, which only the process itself
/// knows in time.
pub(crate) fn activate(command: &[OsString]) -> ExitCode {
    let id = std::process::id().to_string();
    let given = [("LISTEN_FDS", "LISTEN_PID"), ("WATCHDOG_USEC", "WATCHDOG_PID")];
    let given = given.into_iter().filter(|(what, _)| std::env::var_os(what).is_some());
    let error = match program_of(command) {
        Ok((program, arguments)) => {
            Command::new(program).args(arguments).envs(given.map(|(_, whose)| (whose, &id))).exec()
        }
        Err(error) => error,
    };
    let program = command.first().cloned().unwrap_or_default();
    report(&format!("Cannot start {}: {error}", program.display()));
    ExitCode::from(127)
}

#[expect(clippy::print_stderr, reason = "this is the program's own stderr, which is its log")]
fn report(message: &str) {
    eprintln!("{message}");
}

fn program_of(command: &[OsString]) -> io::Result<(&OsString, &[OsString])> {
    command.split_first().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}
