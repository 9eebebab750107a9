//! Copies files and folders: fast where the file system can, with modes that are the same on every
//! machine.

use std::fs;
use std::path::Path;

use crate::PayloadError;

/// Copies a folder with all that is in it; symbolic links stay links.
pub(crate) fn tree(from: &Path, to: &Path) -> Result<(), PayloadError> {
    folder(to)?;
    for entry in fs::read_dir(from).map_err(PayloadError::file("read", from))? {
        let entry = entry.map_err(PayloadError::file("read", from))?;
        any(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Copies a file, a folder or a link.
pub(crate) fn any(from: &Path, to: &Path) -> Result<(), PayloadError> {
    let kind = fs::symlink_metadata(from).map_err(PayloadError::file("read", from))?.file_type();
    if kind.is_symlink() {
        link(from, to)
    } else if kind.is_dir() {
        tree(from, to)
    } else if kind.is_file() {
        file(from, to)
    } else {
        let error = std::io::Error::other("It is neither a file nor a folder");
        Err(PayloadError::file("copy", from)(error))
    }
}

/// Copies a file; what links lead to, not links. The folder is made when it is missing.
pub(crate) fn file(from: &Path, to: &Path) -> Result<(), PayloadError> {
    if let Some(parent) = to.parent() {
        folder(parent)?;
    }
    // The file of someone else may be read-only, and so would be its copy.
    remove(to)?;
    reflink_copy::reflink_or_copy(from, to).map_err(|error| {
        let path = if fs::metadata(from).is_err() { from } else { to };
        PayloadError::file("copy", path)(error)
    })?;
    let executable = is_executable(from).map_err(PayloadError::file("read", from))?;
    set_mode(to, if executable { 0o755 } else { 0o644 })
}

/// Makes a folder, and those above it.
pub(crate) fn folder(path: &Path) -> Result<(), PayloadError> {
    fs::create_dir_all(path).map_err(PayloadError::file("make", path))
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, contents: &[u8]) -> Result<(), PayloadError> {
    let parent = path.parent().unwrap_or(path);
    folder(parent)?;
    let error = || PayloadError::file("write", path);
    let mut file = tempfile::NamedTempFile::new_in(parent).map_err(error())?;
    std::io::Write::write_all(&mut file, contents).map_err(error())?;
    file.persist(path).map_err(|failed| error()(failed.error))?;
    set_mode(path, 0o644)
}

fn remove(path: &Path) -> Result<(), PayloadError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(PayloadError::file("replace", path)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<(), PayloadError> {
    if let Some(parent) = to.parent() {
        folder(parent)?;
    }
    let target = fs::read_link(from).map_err(PayloadError::file("read", from))?;
    remove(to)?;
    std::os::unix::fs::symlink(target, to).map_err(PayloadError::file("write", to))
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<(), PayloadError> {
    // Links need a privilege on Windows; what they lead to does not.
    let target = fs::canonicalize(from).map_err(PayloadError::file("read", from))?;
    any(&target, to)
}

#[cfg(unix)]
pub(crate) fn is_executable(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_executable(_path: &Path) -> std::io::Result<bool> {
    Ok(false)
}

/// Sets the mode of a file, where there is such a thing.
#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<(), PayloadError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(PayloadError::file("write", path))
}

/// Sets the mode of a file, where there is such a thing.
#[cfg(not(unix))]
pub(crate) fn set_mode(_path: &Path, _mode: u32) -> Result<(), PayloadError> {
    Ok(())
}
