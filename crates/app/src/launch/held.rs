//! Takes hold of an app's data folder, so that only one program at a time uses it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use ensconce_plan::Folders;
use ensconce_store::{Lasting, clear_leftovers, write_private};
use tempfile::TempDir;

use super::announcement::{Announcement, RunningApp};
use super::folders::{is_run_folder, make_private, run_folder};
use super::own_folder::OwnFolder;
use crate::error::AppError;

/// How long a copy that has just taken hold may need to say who it is.
const ANNOUNCE_LIMIT: Duration = Duration::from_secs(1);
/// Whoever only looks whether the folder is held has the lock for less than this.
const LOOK_LIMIT: Duration = Duration::from_millis(50);
/// How long what an earlier run has left may take to end: it was killed already, and a disk that
/// hangs holds it up.
const LEFTOVER_LIMIT: Duration = Duration::from_secs(10);
/// How often is looked, where the system does not report what is waited for.
const PAUSE: Duration = Duration::from_millis(5);

/// A data folder that is held until this is dropped, or the process ends.
#[derive(Debug)]
pub(crate) struct HeldFolder {
    own: OwnFolder,
    _lock: File,
}

impl HeldFolder {
    /// Makes the app's folders, takes hold, and ends what a copy that was killed has left.
    ///
    /// # Errors
    /// When somebody else holds the data folder, or it cannot be used.
    pub(crate) fn take(name: &str, folders: &Folders) -> Result<Self, AppError> {
        let own = OwnFolder::of(folders);
        let data = folders.data.as_path();
        for folder in [data, &folders.config, &folders.cache, &folders.logs, own.path()] {
            make_private(folder).map_err(|error| unusable(folder, error))?;
        }
        let lock = lock(name, &own)?;
        let held = Self { own, _lock: lock };
        held.end_leftovers();
        held.wait_for_data(name)?;
        held.clear_up();
        Ok(held)
    }

    /// Returns where Ensconce's own files are.
    pub(crate) fn own(&self) -> &OwnFolder {
        &self.own
    }

    /// Says who holds the folder, before anything is started that carries the launch's name.
    pub(crate) fn announce(&self, announcement: &Announcement) -> Result<(), AppError> {
        let file = self.own.announcement();
        announcement.write(&file).map_err(|error| unusable(&file, error))
    }

    /// Makes the private folder of this run's sockets.
    pub(crate) fn make_run_folder(&self) -> io::Result<TempDir> {
        let note = |path: &Path| {
            let text = path.to_string_lossy();
            write_private(&self.own.run_note(), text.as_bytes(), Lasting::Process)
        };
        run_folder(note)
    }

    /// Lets go of the folder when nothing of the app is alive. When this is only dropped, the
    /// announcement stays, for the next start to end what may be left.
    ///
    /// After a crash, databases are checked until the app `was_up` once more: a check that found
    /// damage must not be the last one.
    pub(crate) fn release(self, was_up: bool) {
        if was_up {
            let _ = fs::remove_file(self.own.unclean());
        }
        let _ = fs::remove_file(self.own.announcement());
        let _ = fs::remove_file(self.own.run_note());
    }

    /// Ends the processes of a copy that was killed; its announcement is void from then on, so that
    /// a helper of it that comes to its turn does nothing any more.
    fn end_leftovers(&self) {
        let file = self.own.announcement();
        if let Some(former) = Announcement::read(&file) {
            // Databases are checked before they are used, until an app was up and ended in order.
            let _ = File::create(self.own.unclean());
            // The announcement goes last: without it, a start that is killed here leaves processes
            // that no later one knows.
            ensconce_supervisor::kill_leftovers(&former.launch);
        }
        let _ = fs::remove_file(&file);
    }

    /// Waits until no program works on the data any more that an earlier run has started.
    fn wait_for_data(&self, name: &str) -> Result<(), AppError> {
        let path = self.own.data_lock();
        let file = open_lock(&path).map_err(|error| unusable(&path, error))?;
        match patient_lock(&file, LEFTOVER_LIMIT) {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(AppError::DataBusy { name: name.to_owned() }),
            Err(TryLockError::Error(error)) => Err(unusable(&path, error)),
        }
    }

    /// Removes files that a copy that was killed has left.
    fn clear_up(&self) {
        let note = self.own.run_note();
        let former = fs::read_to_string(&note).unwrap_or_default();
        if is_run_folder(Path::new(&former)) {
            let _ = fs::remove_dir_all(&former);
        }
        let _ = fs::remove_file(&note);
        let own = &self.own;
        for file in [note, own.announcement(), own.state(), own.settings(), own.setup_page()] {
            clear_leftovers(&file);
        }
    }
}

fn unusable(path: &Path, error: io::Error) -> AppError {
    AppError::File { path: path.to_owned(), error }
}

fn open_lock(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

fn lock(name: &str, own: &OwnFolder) -> Result<File, AppError> {
    let path = own.lock();
    let file = open_lock(&path).map_err(|error| unusable(&path, error))?;
    match patient_lock(&file, LOOK_LIMIT) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(name, own)),
        Err(TryLockError::Error(error)) => Err(unusable(&path, error)),
    }
}

/// Two starts at once: the one that was faster may not have said yet who it is.
///
/// What is found may be what a killed copy has left, and the new holder has not removed yet: who
/// talks to it proves first that it knows the token.
fn in_use(name: &str, own: &OwnFolder) -> AppError {
    let begun = Instant::now();
    let found = loop {
        let found = Announcement::read(&own.announcement());
        if found.is_some() || begun.elapsed() > ANNOUNCE_LIMIT {
            break found;
        }
        std::thread::sleep(PAUSE);
    };
    let pid = found.as_ref().map(|found| found.pid);
    let running = found.and_then(|found| found.running(own)).map(Box::new);
    AppError::InUse { name: name.to_owned(), pid, running }
}

fn patient_lock(file: &File, limit: Duration) -> Result<(), TryLockError> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < limit => {
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

/// Returns whether somebody holds a folder. Nothing is made, and the lock is taken only for a
/// moment, if it is free.
pub(crate) fn is_held(folder: &OwnFolder) -> bool {
    let file = File::options().write(true).open(folder.lock());
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

impl RunningApp {
    /// Waits until it has ended, with all its processes; returns whether that came true in time.
    pub fn wait_until_gone(&self, limit: Duration) -> bool {
        let begun = Instant::now();
        while is_held(&self.folder) {
            if begun.elapsed() > limit {
                return false;
            }
            std::thread::sleep(PAUSE);
        }
        true
    }
}
