//! The folder that becomes a package: the shell under the app's name, its files, its runtimes.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

use ensconce_payload::{Cache, Scratch};

use crate::error::CommandError;

/// A folder that is ready to run when all has been put into it.
pub(super) struct Stage {
    scratch: Scratch,
}

impl Stage {
    pub(super) fn new(cache: &Cache) -> Result<Self, CommandError> {
        Ok(Self { scratch: cache.scratch()? })
    }

    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Puts in the ready-made programs of Ensconce.
    pub(super) fn add_shell(&self, name: &str) -> Result<(), CommandError> {
        let suffix = std::env::consts::EXE_SUFFIX;
        self.add(&format!("ensconce-shell{suffix}"), &format!("{name}{suffix}"))?;
        let guard = format!("ensconce-guard{suffix}");
        self.add(&guard, &guard)?;
        let window = format!("{DLL_PREFIX}ensconce_window{DLL_SUFFIX}");
        self.add(&window, &window)
    }

    fn add(&self, file: &str, name: &str) -> Result<(), CommandError> {
        let from = beside_us(file);
        let copied = fs::copy(&from, self.folder().join(name));
        copied
            .map(|_| ())
            .map_err(|error| CommandError::NoShell { program: from.display().to_string(), error })
    }
}

/// Where a file of Ensconce lies: beside this program.
fn beside_us(file: &str) -> PathBuf {
    std::env::current_exe().unwrap_or_default().with_file_name(file)
}
