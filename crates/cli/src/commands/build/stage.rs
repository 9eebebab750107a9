//! The folder that becomes a package: the shell under the app's name, its files, its runtimes.

use std::fs;
use std::path::{Path, PathBuf};

use ensconce_manifest::Platform;
use ensconce_payload::{Cache, Scratch, Target};

use crate::error::CommandError;

/// A folder that is ready to run once it is filled.
pub(super) struct Stage {
    scratch: Scratch,
}

/// The ready-made programs of Ensconce for a target.
pub(super) struct Shell {
    folder: PathBuf,
    platform: Platform,
    /// Whether the app needs the helper.
    helper: bool,
}

/// A file of Ensconce that goes into every app.
struct Part {
    /// Its name where it comes from.
    from: String,
    /// Its name in the app.
    to: String,
}

/// Returns all that goes into an app of this name. The helper is only for apps that need it.
fn parts(platform: Platform, name: &str, helper: bool) -> Vec<Part> {
    let program = |stem: &str| match platform {
        Platform::Windows => format!("{stem}.exe"),
        Platform::Linux | Platform::Macos => stem.to_owned(),
    };
    let library = |stem: &str| match platform {
        Platform::Windows => format!("{stem}.dll"),
        Platform::Linux => format!("lib{stem}.so"),
        Platform::Macos => format!("lib{stem}.dylib"),
    };
    let part = |from: String, to: String| Part { from, to };
    let mut parts = vec![
        part(program("ensconce-shell"), program(name)),
        part(program("ensconce-guard"), program("ensconce-guard")),
        part(library("ensconce_window"), library("ensconce_window")),
    ];
    if helper {
        parts.push(part(program("ensconce-helper"), program("ensconce-helper")));
    }
    parts
}

impl Shell {
    /// Finds the programs: those for other targets below `shells`, this machine's beside this
    /// program.
    pub(super) fn find(
        target: &Target,
        shells: Option<&Path>,
        helper: bool,
    ) -> Result<Self, CommandError> {
        let beside_us = std::env::current_exe()?.with_file_name("");
        let is_host = target.triple == Target::host().triple;
        let named = shells.map(|shells| shells.join(target.triple));
        let folder = match named {
            Some(folder) if folder.is_dir() || !is_host => folder,
            None if !is_host => beside_us.join("shells").join(target.triple),
            Some(_) | None => beside_us,
        };
        let shell = Self { folder, platform: target.platform, helper };
        let parts = parts(target.platform, "app", helper);
        let missing = parts.iter().map(|part| &part.from).find(|file| !shell.has(file));
        match missing {
            None => Ok(shell),
            Some(file) if is_host => Err(CommandError::NoShell {
                program: shell.folder.join(file).display().to_string(),
                error: std::io::ErrorKind::NotFound.into(),
            }),
            Some(file) => Err(CommandError::NoShellFor {
                triple: target.triple,
                missing: shell.folder.join(file),
                files: parts.into_iter().map(|part| part.from).collect(),
                others: others(&shell.folder),
            }),
        }
    }

    fn has(&self, file: &str) -> bool {
        self.folder.join(file).is_file()
    }
}

/// Returns the targets that there are programs for, apart from the one that was looked for.
fn others(folder: &Path) -> Vec<String> {
    let entries = folder.parent().and_then(|shells| fs::read_dir(shells).ok());
    let folders = entries.into_iter().flatten().flatten();
    let mut names: Vec<_> = folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| Target::named(name).is_some())
        .collect();
    names.sort();
    names
}

impl Stage {
    pub(super) fn new(cache: &Cache) -> Result<Self, CommandError> {
        Ok(Self { scratch: cache.scratch()? })
    }

    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Adds the ready-made programs of Ensconce.
    pub(super) fn add_shell(&self, shell: &Shell, name: &str) -> Result<(), CommandError> {
        for part in parts(shell.platform, name, shell.helper) {
            let from = shell.folder.join(part.from);
            let to = self.folder().join(part.to);
            fs::copy(&from, &to).and_then(|_| make_executable(&to)).map_err(|error| {
                CommandError::NoShell { program: from.display().to_string(), error }
            })?;
        }
        Ok(())
    }
}

/// Makes a program executable: downloads for another system may have lost their modes.
#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
