//! Where an app keeps its things, on each platform.

use std::io;
use std::path::{Path, PathBuf};

use ensconce_plan::Folders;
use tempfile::TempDir;

use crate::error::AppError;

/// Returns the folders of an app: the platform's own, or all below `data_dir`. Makes none.
///
/// # Errors
/// When the user has no home folder.
pub fn app_folders(id: &str, data_dir: Option<&Path>, run: PathBuf) -> Result<Folders, AppError> {
    if let Some(folder) = data_dir {
        let sub = |name| folder.join(name);
        let (data, config) = (sub("data"), sub("config"));
        return Ok(Folders { data, config, cache: sub("cache"), logs: sub("logs"), run });
    }
    own_folders(id, run).ok_or(AppError::NoHome)
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
pub(crate) fn key_file() -> Result<PathBuf, AppError> {
    Ok(dirs::config_dir().ok_or(AppError::NoHome)?.join("ensconce").join("vault.key"))
}

/// Makes a folder, and those above it, that only its owner can look into; one that exists is taken.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// How run folders begin; nothing else is ever removed as one.
const RUN_PREFIX: &str = "ensconce-";

/// How many random characters follow.
const RANDOM_CHARACTERS: usize = 8;

/// Longer paths leave no room for a socket's name in the 104 bytes that macOS allows. There are no
/// such sockets on Windows, where a user's temporary folder may well be longer.
const LONGEST_BASE: usize = if cfg!(unix) { 40 } else { usize::MAX };

/// Makes a private folder for sockets, with a short path. It is noted before it is there, so that
/// whoever is killed in between leaves none that nobody knows.
pub(crate) fn run_folder(note: impl Fn(&Path) -> io::Result<()>) -> io::Result<TempDir> {
    let short = |folder: &PathBuf| folder.as_os_str().len() <= LONGEST_BASE;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for base in run_bases().filter(short) {
        let name = format!("{RUN_PREFIX}{}", random_name()?);
        note(&base.join(&name))?;
        match make_run_folder(&name, &base) {
            Ok(folder) => return Ok(folder),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Without a mode of its own, others could reach the sockets: a base such as `/tmp` is theirs, too.
fn make_run_folder(name: &str, base: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(name).rand_bytes(0);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(base)
}

fn random_name() -> io::Result<String> {
    let mut bytes = [0; RANDOM_CHARACTERS / 2];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Where run folders are made, the best place first.
fn run_bases() -> impl Iterator<Item = PathBuf> {
    let runtime = dirs::runtime_dir().filter(|folder| folder.is_dir());
    runtime.into_iter().chain([std::env::temp_dir(), "/tmp".into()])
}

/// Returns whether a folder can be one that [`run_folder`] has made: what a file says that others
/// may have written is not removed on its word alone.
pub(crate) fn is_run_folder(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    let random = name.and_then(|name| name.strip_prefix(RUN_PREFIX)).unwrap_or_default();
    let in_base = run_bases().any(|base| folder.parent() == Some(&base));
    let is_folder = std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    in_base && is_folder && random.len() == RANDOM_CHARACTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_as_a_run_folder_is_one() {
        let noted = std::cell::RefCell::new(PathBuf::new());
        let note = |path: &Path| {
            assert!(!path.exists());
            noted.replace(path.to_owned());
            Ok(())
        };
        let made = run_folder(note).unwrap();
        assert_eq!(*noted.borrow(), made.path());
        assert!(is_run_folder(made.path()));
        #[cfg(unix)]
        {
            let mode = std::fs::metadata(made.path()).unwrap().permissions();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o700);
        }
        let elsewhere = tempfile::tempdir().unwrap();
        let lookalike = elsewhere.path().join("ensconce-12345678");
        std::fs::create_dir(&lookalike).unwrap();
        assert!(!is_run_folder(&lookalike));
        assert!(!is_run_folder(Path::new("/tmp/ensconce-main")));
        assert!(!is_run_folder(Path::new("/")));
    }
}
