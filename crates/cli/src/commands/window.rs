//! Opens a window by starting the shell, which is beside this program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Target;
use crate::error::CommandError;

/// How to run the app in its window.
pub(crate) struct Look {
    /// Whether the developer's overrides hold.
    pub(crate) dev: bool,
    /// Whether the terminal shows what the app's processes write.
    pub(crate) verbose: bool,
}

/// Replaces this program with the shell; returns only if that fails, or on Windows when the window
/// is closed.
pub(crate) fn open(target: &Target, look: Look) -> Result<(), CommandError> {
    if !has_display() {
        return Err(CommandError::NoDisplay);
    }
    let program = shell_program();
    let mut command = Command::new(&program);
    command.arg(option("--manifest", &target.manifest));
    if let Some(folder) = &target.data_dir {
        command.arg(option("--data-dir", folder));
    }
    if look.dev {
        command.arg("--dev");
    }
    if look.verbose {
        command.arg("--verbose");
    }
    let no_shell = |error| CommandError::NoShell { program: program.display().to_string(), error };
    become_program(command, no_shell)
}

/// Joins an option and its value, which may begin with a hyphen.
fn option(name: &str, value: &Path) -> OsString {
    let mut joined = OsString::from(name);
    joined.push("=");
    joined.push(value);
    joined
}

#[cfg(unix)]
fn become_program(
    mut command: Command,
    failed: impl Fn(std::io::Error) -> CommandError,
) -> Result<(), CommandError> {
    use std::os::unix::process::CommandExt;
    Err(failed(command.exec()))
}

#[cfg(not(unix))]
fn become_program(
    mut command: Command,
    failed: impl Fn(std::io::Error) -> CommandError,
) -> Result<(), CommandError> {
    let status = command.status().map_err(failed)?;
    match status.code() {
        Some(0) => Ok(()),
        code => Err(CommandError::Said(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))),
    }
}

fn shell_program() -> PathBuf {
    let name = format!("ensconce-shell{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name(name)
}

#[cfg(target_os = "linux")]
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(not(target_os = "linux"))]
fn has_display() -> bool {
    true
}
