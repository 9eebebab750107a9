//! Why an app cannot be launched.

use std::io;
use std::path::PathBuf;

use ensconce_manifest::Diagnostics;
use ensconce_plan::PlanErrors;
use ensconce_store::StoreError;

use crate::RunningApp;

/// Why an app cannot be launched.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The manifest cannot be read.
    #[error("Cannot read the manifest {}: {error}", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The manifest has mistakes.
    #[error("{0}")]
    Manifest(Box<Diagnostics>),
    /// The manifest does not fit this machine.
    #[error("{0}")]
    Plan(PlanErrors),
    /// The folder of the pages is missing.
    #[error("The folder of the pages, {}, does not exist", .0.display())]
    NoPages(PathBuf),
    /// The list of the programs that an installed app brings along cannot be read.
    #[error("The app's own programs cannot be found: {}: {error}", path.display())]
    Programs {
        /// The list.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no home folder to keep things in.
    #[error("The home folder of this user cannot be found")]
    NoHome,
    /// A folder cannot be used.
    #[error("The folder {} cannot be used: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is remembered of the app cannot be used.
    #[error("{0}")]
    State(StoreError),
    /// There is no place for the sockets of this run.
    #[error("No private folder can be made for sockets: {0}")]
    RunFolder(io::Error),
    /// The app runs already.
    #[error("{name} is running already{}", process(running))]
    AlreadyRunning {
        /// The app's name.
        name: String,
        /// The one that runs, as far as it is known.
        running: Option<Box<RunningApp>>,
    },
    /// The door for the pages cannot be opened.
    #[error("Cannot listen on this machine's own network: {0}")]
    Listen(io::Error),
    /// No address can be had for a service.
    #[error("Cannot make an address for a service: {0}")]
    Address(io::Error),
    /// The manifest holds an address that the gateway does not accept.
    #[error("{0}")]
    Site(String),
}

/// Who must act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Manifest or usage: exit code 2.
    Usage,
    /// The machine or the app: exit code 1.
    Failure,
}

impl LaunchError {
    /// Tells who must act on it.
    pub fn mistake(&self) -> Mistake {
        match self {
            Self::Unreadable { .. }
            | Self::Manifest(_)
            | Self::Plan(_)
            | Self::NoPages(_)
            | Self::Site(_) => Mistake::Usage,
            _ => Mistake::Failure,
        }
    }

    /// Says what to do about it.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Unreadable { .. } => {
                "Go to the app's folder, or give the path: ensconce run path/to/ensconce.toml"
            }
            Self::Manifest(_) => return Vec::new(),
            Self::Plan(errors) => return errors.0.iter().map(|error| error.hint()).collect(),
            Self::NoPages(_) => "Build the pages first, or correct `static` in [ui]",
            Self::Programs { .. } => "Install the app again",
            Self::NoHome => "Set HOME, or choose a folder with --data-dir",
            Self::Folder { .. } => "Check its permissions, or choose another with --data-dir",
            Self::State(error) => error.hint(),
            Self::AlreadyRunning { .. } => {
                "Close it first, or choose another folder with --data-dir"
            }
            Self::Listen(_) => "Check that the loopback interface is up",
            Self::RunFolder(_) | Self::Address(_) => {
                "Check that the temporary folder can be written"
            }
            Self::Site(_) => "See `docs/manifest.md`, \"[ui]\"",
        };
        vec![hint.to_owned()]
    }
}

fn process(running: &Option<Box<RunningApp>>) -> String {
    running.as_ref().map(|running| format!(" (process {})", running.pid)).unwrap_or_default()
}
