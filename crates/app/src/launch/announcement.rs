//! Who holds a data folder, as written beside its lock.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::{fmt, fs};

use ensconce_store::{Lasting, write_private};
use serde::{Deserialize, Serialize};

use super::own_folder::OwnFolder;

/// Who holds a data folder.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Announcement {
    /// Its process.
    pub(crate) pid: u32,
    /// The name of its launch, which all its processes carry.
    pub(crate) launch: String,
    /// How it is reached; none if it is a command that only works on the data.
    pub(crate) control: Option<ControlAccess>,
}

/// How an app that runs is reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ControlAccess {
    /// The address of its control port.
    pub(crate) address: SocketAddr,
    /// The owner's token.
    pub(crate) token: String,
}

/// An app that runs.
#[derive(Clone, PartialEq, Eq)]
pub struct RunningApp {
    /// Its process.
    pub pid: u32,
    /// How it is reached.
    pub(crate) control: ControlAccess,
    /// The folder of Ensconce's own files, whose lock it holds.
    pub(crate) folder: OwnFolder,
}

impl Announcement {
    /// Reads who holds a folder, or held it last.
    pub(crate) fn read(file: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(file).ok()?).ok()
    }

    /// Writes it, for this user only.
    pub(crate) fn write(&self, file: &Path) -> io::Result<()> {
        write_private(file, &serde_json::to_vec(self)?, Lasting::Process)
    }

    /// Returns the app that it is about, if it is one that runs.
    pub(crate) fn running(self, folder: &OwnFolder) -> Option<RunningApp> {
        let control = self.control?;
        Some(RunningApp { pid: self.pid, control, folder: folder.clone() })
    }
}

impl fmt::Debug for RunningApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningApp").field("pid", &self.pid).finish_non_exhaustive()
    }
}
