//! Runs the programs that make a Python: interpreters and `uv`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::PythonError;
use crate::{PayloadError, Progress, tool};

/// Runs a program to its end and returns what it wrote to stdout; what it writes to stderr is
/// reported to `progress`, line by line.
pub(super) fn run(
    command: Command,
    what: &str,
    progress: &dyn Progress,
) -> Result<String, PayloadError> {
    let program = PathBuf::from(command.get_program());
    let (ended, written) =
        tool::ask(command, progress).map_err(PayloadError::file("run", &program))?;
    if ended.status.success() {
        return Ok(written);
    }
    // Some programs report their errors on stdout.
    let told = if ended.lines.is_empty() { tool::tail(written.lines()) } else { ended.tail() };
    Err(PythonError::Tool { what: what.to_owned(), output: told.join("\n") }.into())
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
