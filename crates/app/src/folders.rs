//! Where an app keeps its things, on each platform.

use std::io;
use std::path::{Path, PathBuf};

use ensconce_plan::Folders;
use tempfile::TempDir;

use crate::LaunchError;

/// Gives the folders of an app: the platform's own, or all below `data_dir`. Makes none.
///
/// # Errors
/// When the user has no home folder.
pub fn app_folders(
    id: &str,
    data_dir: Option<&Path>,
    run: PathBuf,
) -> Result<Folders, LaunchError> {
    if let Some(folder) = data_dir {
        let sub = |name| folder.join(name);
        let (data, config) = (sub("data"), sub("config"));
        return Ok(Folders { data, config, cache: sub("cache"), logs: sub("logs"), run });
    }
    own_folders(id, run).ok_or(LaunchError::NoHome)
}

#[cfg(target_os = "linux")]
fn own_folders(id: &str, run: PathBuf) -> Option<Folders> {
    Some(Folders {
        data: dirs::data_dir()?.join(id),
        config: dirs::config_dir()?.join(id),
        cache: dirs::cache_dir()?.join(id),
        logs: dirs::state_dir()?.join(id).join("logs"),
        run,
    })
}

#[cfg(target_os = "macos")]
fn own_folders(id: &str, run: PathBuf) -> Option<Folders> {
    Some(Folders {
        data: dirs::data_dir()?.join(id),
        config: dirs::data_dir()?.join(id).join("config"),
        cache: dirs::cache_dir()?.join(id),
        logs: dirs::home_dir()?.join("Library/Logs").join(id),
        run,
    })
}

#[cfg(windows)]
fn own_folders(id: &str, run: PathBuf) -> Option<Folders> {
    Some(Folders {
        data: dirs::data_dir()?.join(id),
        config: dirs::data_dir()?.join(id).join("config"),
        cache: dirs::data_local_dir()?.join(id).join("cache"),
        logs: dirs::data_local_dir()?.join(id).join("logs"),
        run,
    })
}

/// The file of the key for encrypted files: one for each user, in no app's folder.
pub(crate) fn key_file() -> Result<PathBuf, LaunchError> {
    Ok(dirs::config_dir().ok_or(LaunchError::NoHome)?.join("ensconce").join("vault.key"))
}

/// How run folders begin; nothing else is ever removed as one.
pub(crate) const RUN_PREFIX: &str = "ensconce-";

/// Longer paths leave no room for a socket's name in the 104 bytes that macOS allows.
const LONGEST_BASE: usize = 40;

/// Makes a private folder for sockets, with a short path.
///
/// # Errors
/// When no folder can be made.
pub fn run_folder() -> io::Result<TempDir> {
    let runtime = dirs::runtime_dir().filter(|folder| folder.is_dir());
    let candidates = runtime.into_iter().chain([std::env::temp_dir(), "/tmp".into()]);
    let short = |folder: &PathBuf| folder.as_os_str().len() <= LONGEST_BASE;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for base in candidates.filter(short) {
        match tempfile::Builder::new().prefix(RUN_PREFIX).rand_bytes(8).tempdir_in(base) {
            Ok(folder) => return Ok(folder),
            Err(error) => last = error,
        }
    }
    Err(last)
}
