//! Takes hold of an app's data folder, so that only one copy of the app uses it.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fmt, io};

use ensconce_manifest::Mode;
use ensconce_plan::Folders;
use ensconce_store::{Lasting, clear_leftovers, write_private};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::LaunchError;
use crate::care::finish_import;
use crate::folders::{is_run_folder, run_folder};
use crate::state::StateFile;

/// Says where the folder of a run's sockets is.
const RUN_NOTE: &str = "run-folder";

/// How long a copy that has just taken hold may need to say who it is.
const ANNOUNCE_LIMIT: Duration = Duration::from_secs(1);

/// Who only looks whether the folder is held has the lock for less than this.
const LOOK_LIMIT: Duration = Duration::from_millis(50);

/// The copy of an app that holds its data folder.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningApp {
    /// Its process.
    pub pid: u32,
    /// The name of its launch, which all its processes carry.
    pub launch: String,
    /// The address of its control port.
    pub control: SocketAddr,
    /// What its owner has to bring along there.
    pub token: String,
    /// The folder that it holds.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
}

impl fmt::Debug for RunningApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningApp").field("pid", &self.pid).finish_non_exhaustive()
    }
}

/// A data folder that is held until this is dropped, or the process ends.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Home {
    /// Makes the app's folders and takes hold of the data folder.
    pub(crate) fn take(name: &str, folders: &Folders) -> Result<Self, LaunchError> {
        for folder in [&folders.data, &folders.config, &folders.cache, &folders.logs] {
            make_private(folder)?;
        }
        let folder = own_folder(folders);
        make_private(&folder)?;
        let lock = lock(name, &folder)?;
        let home = Self { folder, _lock: lock };
        home.clear_up();
        finish_import(&folders.data, &home.folder)
            .map_err(|error| LaunchError::Folder { path: folders.data.clone(), error })?;
        Ok(home)
    }

    /// The folder of Ensconce's own files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn state_file(&self) -> StateFile {
        StateFile::new(&self.folder)
    }

    /// Tells others how to reach this copy.
    pub(crate) fn announce(&self, running: &RunningApp) -> io::Result<()> {
        let text = serde_json::to_vec(running)?;
        write_private(&running_file(&self.folder), &text, Lasting::Process)
    }

    /// Makes the private folder of this run's sockets.
    pub(crate) fn make_run_folder(&self) -> io::Result<TempDir> {
        let note = |path: &Path| {
            let text = path.to_string_lossy();
            write_private(&self.folder.join(RUN_NOTE), text.as_bytes(), Lasting::Process)
        };
        run_folder(note)
    }

    /// Removes what a copy that was killed has left of its own.
    fn remove_run_folder(&self) {
        let note = self.folder.join(RUN_NOTE);
        let former = fs::read_to_string(&note).map(PathBuf::from).unwrap_or_default();
        if is_run_folder(&former) {
            let _ = fs::remove_dir_all(&former);
        }
        let _ = fs::remove_file(note);
    }

    /// Lets go of the folder when nothing of the app is alive. When this is only dropped, the file
    /// stays, for the next start to end what may be left. After a crash, databases are looked at
    /// until the app `was_up` once more: a look that found damage must not be the last one.
    pub(crate) fn release(self, was_up: bool) {
        if was_up {
            let _ = fs::remove_file(unclean_file(&self.folder));
        }
        let _ = fs::remove_file(running_file(&self.folder));
        let _ = fs::remove_file(self.folder.join(RUN_NOTE));
    }

    /// Ends what a copy that was killed may have left.
    fn clear_up(&self) {
        if let Some(former) = running(&self.folder) {
            // Databases are looked at before they are used, until an app was up and ended in order.
            let _ = File::create(unclean_file(&self.folder));
            ensconce_supervisor::kill_leftovers(&former.launch);
        }
        self.remove_run_folder();
        let _ = fs::remove_file(running_file(&self.folder));
        clear_leftovers(&running_file(&self.folder));
        self.state_file().clear_up();
    }
}

/// The folder of Ensconce's own files, beside the app's data.
pub(crate) fn own_folder(folders: &Folders) -> PathBuf {
    folders.data.join(".ensconce")
}

fn lock(name: &str, folder: &Path) -> Result<File, LaunchError> {
    let path = folder.join("lock");
    let failed = |error| LaunchError::Folder { path: folder.to_owned(), error };
    let file =
        File::options().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match patient_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let running = wait_for_announcement(folder).map(Box::new);
            Err(LaunchError::AlreadyRunning { name: name.to_owned(), running })
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Finds the copy of an app that runs, and gives the app's name; what a killed copy has left does
/// not count.
///
/// # Errors
/// When the manifest cannot be read, or has mistakes.
pub fn find_running(
    manifest: &Path,
    data_dir: Option<&Path>,
) -> Result<(String, Option<RunningApp>), LaunchError> {
    let plan = crate::plan_for(manifest, Mode::Run, data_dir)?;
    let folder = own_folder(&plan.folders);
    let running = running(&folder).filter(|_| is_held(&folder));
    Ok((plan.app.name, running))
}

impl RunningApp {
    /// Waits until it has ended, all its processes included; tells whether that came true in time.
    pub fn wait_until_gone(&self, limit: Duration) -> bool {
        let begun = Instant::now();
        while is_held(&self.folder) {
            if begun.elapsed() > limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

fn patient_lock(file: &File) -> Result<(), TryLockError> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOOK_LIMIT => {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// Tells whether a copy that runs holds a folder. Nothing is made, and the lock is taken only for
/// a moment, if it is free.
fn is_held(folder: &Path) -> bool {
    let file = File::options().write(true).open(folder.join("lock"));
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// The file that is there after a copy was killed.
pub(crate) fn unclean_file(folder: &Path) -> PathBuf {
    folder.join("unclean")
}

fn running_file(folder: &Path) -> PathBuf {
    folder.join("running.json")
}

fn running(folder: &Path) -> Option<RunningApp> {
    let app: RunningApp = serde_json::from_slice(&fs::read(running_file(folder)).ok()?).ok()?;
    Some(RunningApp { folder: folder.to_owned(), ..app })
}

/// Two starts at once: the one that was faster may not have said yet who it is.
fn wait_for_announcement(folder: &Path) -> Option<RunningApp> {
    let begun = Instant::now();
    loop {
        let found = running(folder);
        if found.is_some() || begun.elapsed() > ANNOUNCE_LIMIT {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn make_private(folder: &Path) -> Result<(), LaunchError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| LaunchError::Folder { path: folder.to_owned(), error })
}
