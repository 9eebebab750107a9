//! Folders: copied, walked through in one order, and thinned out by patterns.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;

use crate::{PayloadError, walk};

/// The entries of a folder by name; none when there is no such folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, PayloadError> {
    let read = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(PayloadError::file("read", folder))?,
    };
    let paths = read.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.collect::<Result<_, _>>().map_err(PayloadError::file("read", folder))?;
    paths.sort();
    Ok(paths)
}

/// All files below a folder, by name, links to files among them; links to folders are not followed.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, PayloadError> {
    files_but(folder, &|_| false)
}

/// As [`files`], but for entries that `leave_out` names.
pub(super) fn files_but(
    folder: &Path,
    leave_out: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, PayloadError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)?.into_iter().filter(|path| !leave_out(path)) {
            if is_folder(&path) { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Reports whether it is a folder itself, not a link to one.
pub(super) fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_dir())
}

/// Copies a folder's contents with their links, but for entries that `leave_out` names.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    leave_out: &dyn Fn(&Path) -> bool,
) -> Result<(), PayloadError> {
    crate::copy::folder(to)?;
    for path in entries(from)? {
        let Some(name) = path.file_name() else { continue };
        let place = to.join(name);
        if leave_out(&path) {
            continue;
        } else if is_folder(&path) {
            copy(&path, &place, leave_out)?;
        } else if let Some(target) = inner_link(&path, from) {
            link(&target, &place)?;
        } else if path.is_file() {
            crate::copy::file(&path, &place)?;
        }
    }
    Ok(())
}

/// What a link says, when that is a name in its own folder; files are copied for all others.
fn inner_link(path: &Path, folder: &Path) -> Option<PathBuf> {
    let target = fs::read_link(path).ok()?;
    (target.components().count() == 1 && folder.join(&target).exists()).then_some(target)
}

/// Makes a link.
#[cfg(unix)]
pub(super) fn link(target: &Path, place: &Path) -> Result<(), PayloadError> {
    std::os::unix::fs::symlink(target, place).map_err(PayloadError::file("link", place))
}

/// Copies, where links are for administrators only.
#[cfg(not(unix))]
pub(super) fn link(target: &Path, place: &Path) -> Result<(), PayloadError> {
    let target = place.parent().unwrap_or(place).join(target);
    fs::copy(&target, place).map(drop).map_err(PayloadError::file("copy", place))
}

/// Removes a file or a whole folder.
pub(super) fn remove(path: &Path) -> Result<(), PayloadError> {
    let removed = if is_folder(path) { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(PayloadError::file("remove", path))
}

/// Patterns as in `.gitignore`, of which the last that fits decides.
#[derive(Debug)]
pub(super) struct Patterns(Gitignore);

impl Patterns {
    /// Reads patterns that begin at a folder.
    pub(super) fn new(root: &Path, own: &str, more: &[String]) -> Result<Self, PayloadError> {
        let lines = own.lines().map(str::to_owned).chain(more.iter().cloned());
        walk::patterns(root, "build.python.exclude", &lines.collect::<Vec<_>>()).map(Self)
    }

    /// Reports whether a pattern says that it stays.
    pub(super) fn keep(&self, path: &Path) -> bool {
        self.0.matched(path, is_folder(path)).is_whitelist()
    }

    /// Removes what the patterns name, below a folder.
    pub(super) fn thin_out(&self, folder: &Path) -> Result<(), PayloadError> {
        for path in entries(folder)? {
            if self.0.matched(&path, is_folder(&path)).is_ignore() {
                remove(&path)?;
            } else if is_folder(&path) {
                self.thin_out(&path)?;
            }
        }
        Ok(())
    }
}

/// Reports whether it is a symbolic link.
pub(super) fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_symlink())
}
