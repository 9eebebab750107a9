//! Signs with the `gpg` program, whose agent asks for passwords and keeps keys on cards.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::output::Output;
use crate::{Built, InstallerError, program};

/// A key that signs.
#[derive(Debug, Clone)]
pub struct Gpg {
    /// The `gpg` program.
    pub program: PathBuf,
    /// The key, by id or address.
    pub key: String,
}

/// Signs a file: writes `FILE.asc` beside it, which `gpg --verify FILE.asc` checks.
///
/// # Errors
/// When `gpg` cannot be run or refuses, or a file cannot be read or written.
pub fn sign(gpg: &Gpg, file: &Path) -> Result<Built, InstallerError> {
    let mut data = File::open(file).map_err(InstallerError::file("read", file))?;
    let signature = detached(gpg, &mut data, true)?;
    let mut target = file.as_os_str().to_owned();
    target.push(".asc");
    let mut output = Output::begin(Path::new(&target))?;
    let failed = output.failed();
    output.file().write_all(&signature).map_err(failed)?;
    output.finish(false)
}

/// Signs data, and returns the signature alone: as text when `armored`, else in OpenPGP's own form.
pub(crate) fn detached(
    gpg: &Gpg,
    data: &mut dyn Read,
    armored: bool,
) -> Result<Vec<u8>, InstallerError> {
    let mut command = Command::new(&gpg.program);
    command.args(["--batch", "--local-user", &gpg.key, "--digest-algo", "SHA512"]);
    if armored {
        command.arg("--armor");
    }
    command.arg("--detach-sign");
    let mut child = program::start(&mut command, Some("gnupg"))?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let copied = io::copy(data, &mut stdin);
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| program::lost(&command, error))?;
    // If `gpg` gave up early, its own message is the reason, not the broken pipe.
    let signature = program::check(&command, output)?;
    copied.map_err(|error| program::lost(&command, error))?;
    Ok(signature)
}

/// Signs an RPM in its place, by `rpmsign` and the same `gpg`.
pub(crate) fn rpm(gpg: &Gpg, output: &mut Output) -> Result<(), InstallerError> {
    let mut command = Command::new("rpmsign");
    command.arg("--define").arg(format!("_gpg_name {}", gpg.key));
    command.arg("--define").arg(format!("__gpg {}", resolved(&gpg.program).display()));
    command.arg("--addsign").arg(output.path());
    let child = program::start(&mut command, Some("rpm"))?;
    let ended = child.wait_with_output().map_err(|error| program::lost(&command, error))?;
    program::check(&command, ended)?;
    // It replaces the file instead of changing it.
    output.reopen()
}

/// `rpmsign` starts the program without looking along `PATH`.
fn resolved(program: &Path) -> PathBuf {
    if program.components().count() > 1 {
        return program.to_owned();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(program));
    found.into_iter().find(|path| path.is_file()).unwrap_or_else(|| program.to_owned())
}
