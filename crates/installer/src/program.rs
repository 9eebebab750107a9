//! Runs external programs that finish a package.

use std::io;
use std::process::{Child, Command, Output, Stdio};

use crate::InstallerError;

/// Starts a program that is given its input on stdin.
pub(crate) fn start(
    command: &mut Command,
    debian: Option<&'static str>,
) -> Result<Child, InstallerError> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().map_err(|error| InstallerError::Program { program: name(command), debian, error })
}

/// Runs a program to its end, and returns what it wrote if it succeeded.
pub(crate) fn run(
    command: &mut Command,
    debian: Option<&'static str>,
) -> Result<Vec<u8>, InstallerError> {
    // File names may have letters of any language; without this, some tools treat them as bytes.
    command.env("LC_ALL", if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" });
    let mut child = start(command, debian)?;
    // A program that asks something gets no answer.
    drop(child.stdin.take());
    let output = child.wait_with_output().map_err(|error| lost(command, error))?;
    check(command, output)
}

/// Returns what a program wrote, if it succeeded.
pub(crate) fn check(command: &Command, output: Output) -> Result<Vec<u8>, InstallerError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let mut text = output.stderr;
    text.extend(output.stdout);
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    Err(InstallerError::Failed { program: name(command), status: output.status, output: text })
}

/// Reports that a program's end could not be waited for.
pub(crate) fn lost(command: &Command, error: io::Error) -> InstallerError {
    InstallerError::Program { program: name(command), debian: None, error }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
