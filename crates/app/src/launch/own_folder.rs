//! What Ensconce keeps of an app, and where: the one place for these names.

use std::path::{Path, PathBuf};

use ensconce_plan::Folders;

/// The folder of Ensconce's own files, beside the app's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFolder(PathBuf);

impl OwnFolder {
    /// The folder's name within the data folder. It stays there when the data is replaced, and is
    /// not part of an export.
    pub const NAME: &str = ".ensconce";

    /// Returns the folder of an app.
    pub fn of(folders: &Folders) -> Self {
        Self(folders.data.join(Self::NAME))
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the data folder that it is in.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.parent().map_or_else(|| self.0.clone(), Path::to_owned)
    }

    /// Returns what the webview stores.
    pub fn webview_profile(&self) -> PathBuf {
        self.0.join("webview")
    }

    /// Returns where the window's place and size are remembered.
    pub fn window_memory(&self) -> PathBuf {
        self.0.join("window.json")
    }

    /// Returns the page that leads a browser to set-up and settings.
    pub(crate) fn setup_page(&self) -> PathBuf {
        self.0.join("setup.html")
    }

    /// Returns the file whose lock is held by whoever uses the app's data folder.
    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// Returns the file whose lock is held by the program that changes the app's data.
    pub(crate) fn data_lock(&self) -> PathBuf {
        self.0.join("data.lock")
    }

    /// Returns the file that says who holds the folder.
    pub(crate) fn announcement(&self) -> PathBuf {
        self.0.join("running.json")
    }

    /// Returns the file that names the folder of a run's sockets.
    pub(crate) fn run_note(&self) -> PathBuf {
        self.0.join("run-folder")
    }

    /// Returns what is remembered between starts.
    pub(crate) fn state(&self) -> PathBuf {
        self.0.join("state.json")
    }

    /// Returns the user's answers that are no secrets.
    pub(crate) fn settings(&self) -> PathBuf {
        self.0.join("settings.json")
    }

    /// Returns the file that exists after a crash, until the app was up once more.
    pub(crate) fn unclean(&self) -> PathBuf {
        self.0.join("unclean")
    }

    /// Returns the folder of backups.
    pub(crate) fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }

    /// Returns the folder of the notes of updates of databases: that of the backups, so that a note
    /// is never apart from the copies that it is about.
    pub(crate) fn updates(&self) -> PathBuf {
        self.backups()
    }

    /// Returns the journal of a replacement of the data that is under way.
    pub(crate) fn swap_journal(&self) -> PathBuf {
        self.0.join("swap")
    }

    /// Returns whether a replacement of the data has begun and not ended.
    pub(crate) fn is_swapping(&self) -> bool {
        self.swap_journal().try_exists().unwrap_or(true)
    }
}
