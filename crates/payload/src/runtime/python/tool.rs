//! Runs the programs that make a Python: interpreters and `uv`.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::PythonError;
use crate::{PayloadError, Progress};

/// How many of the last lines an error shows.
const LAST_LINES: usize = 20;

/// Runs a program to its end and gives what it wrote to stdout; what it writes to stderr is told
/// to `progress`, line by line.
pub(super) fn run(
    command: &mut Command,
    what: &str,
    progress: &dyn Progress,
) -> Result<String, PayloadError> {
    tracing::debug!(?command, "run");
    let program = PathBuf::from(command.get_program());
    let error = |error| PayloadError::File { what: "run", path: program.clone(), error };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(error)?;
    let stderr = child.stderr.take();
    let mut stdout = child.stdout.take();
    let (written, last) = std::thread::scope(|scope| {
        let told = scope.spawn(|| tell(stderr, progress));
        let mut written = Vec::new();
        let read = stdout.as_mut().map_or(Ok(0), |stdout| stdout.read_to_end(&mut written));
        (read.map(|_| written), told.join().unwrap_or_default())
    });
    let status = child.wait().map_err(error)?;
    let written = String::from_utf8_lossy(&written.map_err(error)?).into_owned();
    if status.success() {
        return Ok(written);
    }
    // Some programs tell their errors on stdout.
    let output = if last.is_empty() { last_lines(&written) } else { last.join("\n") };
    Err(PythonError::Tool { what: what.to_owned(), output }.into())
}

fn tell(stderr: Option<impl Read>, progress: &dyn Progress) -> Vec<String> {
    let mut last = VecDeque::new();
    let Some(stderr) = stderr else { return Vec::new() };
    let mut stderr = BufReader::new(stderr);
    let mut line = Vec::new();
    while matches!(stderr.read_until(b'\n', &mut line), Ok(1..)) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        progress.line(&text);
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(text);
    }
    last.into()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// An interpreter that sees nothing of the machine's settings, nor of its user's.
pub(super) fn python(interpreter: &Path) -> Command {
    let mut command = Command::new(interpreter);
    let kept = std::env::vars_os().filter(|(name, _)| {
        !name.as_encoded_bytes().starts_with(b"PYTHON")
            && !["VIRTUAL_ENV", "__PYVENV_LAUNCHER__"].iter().any(|other| name == other)
    });
    command.env_clear().envs(kept).env("PYTHONNOUSERSITE", "1");
    // A cache folder is shared: running must not change it.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    // The same bytes each time, whatever order sets have.
    command.env("PYTHONHASHSEED", "0");
    command
}

/// Where a program is, by `PATH`.
pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    on(&std::env::var_os("PATH")?, name)
}

/// Where a program is, by a list of folders as in `PATH`.
pub(super) fn on(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

#[cfg(unix)]
pub(super) fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_program(file: &Path) -> bool {
    file.is_file()
}
