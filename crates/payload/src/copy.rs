//! Copies files and folders: fast where the file system can, with modes that are the same on every
//! machine.

use std::fs;
use std::path::Path;

use ensconce_manifest::Platform;

use crate::PayloadError;

/// A way to copy a file.
type CopyFile = fn(&Path, &Path) -> Result<(), PayloadError>;

/// Copies a folder with all that is in it; symbolic links stay links.
pub(crate) fn tree(from: &Path, to: &Path) -> Result<(), PayloadError> {
    tree_by(file, from, to)
}

/// Copies a folder of the cache into a payload.
///
/// For Linux its files get one more name instead: making thousands of files is what costs time.
/// Nothing may write into them after that, only put others in their places. For other systems
/// programs are signed in place later, so there they are copies.
pub(crate) fn cached(from: &Path, to: &Path, target: Platform) -> Result<(), PayloadError> {
    tree_by(if target == Platform::Linux { share } else { file }, from, to)
}

/// Copies a file, a folder or a link.
pub(crate) fn any(from: &Path, to: &Path) -> Result<(), PayloadError> {
    any_by(file, from, to)
}

fn tree_by(copy: CopyFile, from: &Path, to: &Path) -> Result<(), PayloadError> {
    folder(to)?;
    for entry in fs::read_dir(from).map_err(PayloadError::file("read", from))? {
        let entry = entry.map_err(PayloadError::file("read", from))?;
        any_by(copy, &entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn any_by(copy: CopyFile, from: &Path, to: &Path) -> Result<(), PayloadError> {
    let kind = fs::symlink_metadata(from).map_err(PayloadError::file("read", from))?.file_type();
    if kind.is_symlink() {
        link(from, to)
    } else if kind.is_dir() {
        tree_by(copy, from, to)
    } else if kind.is_file() {
        copy(from, to)
    } else {
        let error = std::io::Error::other("It is neither a file nor a folder");
        Err(PayloadError::file("copy", from)(error))
    }
}

/// Copies a file; what links lead to, not links. The folder is made if it is missing.
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

/// Adds a hard link to a file, or copies it where that is not possible.
fn share(from: &Path, to: &Path) -> Result<(), PayloadError> {
    let has_usual_mode = has_usual_mode(from).map_err(PayloadError::file("read", from))?;
    // The mode belongs to the file, not to the name: changing it would change the cache's file too.
    if has_usual_mode && fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    file(from, to)
}

/// Creates a folder, and those above it.
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

/// Reports whether a file has the mode that a copy of it would get.
#[cfg(unix)]
fn has_usual_mode(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(matches!(fs::metadata(path)?.permissions().mode() & 0o7777, 0o755 | 0o644))
}

#[cfg(not(unix))]
fn has_usual_mode(_path: &Path) -> std::io::Result<bool> {
    Ok(true)
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use ensconce_manifest::Platform;

    use super::cached;

    #[test]
    fn a_cached_file_is_shared_only_when_nothing_will_write_into_it() {
        let world = tempfile::tempdir().unwrap();
        let cache = world.path().join("cache");
        fs::create_dir(&cache).unwrap();
        for (name, mode) in [("data", 0o644), ("program", 0o755), ("odd", 0o600), ("read", 0o555)] {
            fs::write(cache.join(name), name).unwrap();
            fs::set_permissions(cache.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let shared_in = |target, folder: &str| {
            let to = world.path().join(folder);
            cached(&cache, &to, target).unwrap();
            let look = |name: &str| {
                let (here, there) = (fs::metadata(to.join(name)), fs::metadata(cache.join(name)));
                assert_eq!(fs::read_to_string(to.join(name)).unwrap(), name);
                let here = here.unwrap();
                (here.ino() == there.unwrap().ino(), here.mode() & 0o7777)
            };
            ["data", "program", "odd", "read"].map(look)
        };
        let modes = [0o644, 0o755, 0o644, 0o755];
        let expected = |shared: [bool; 4]| [0, 1, 2, 3].map(|index| (shared[index], modes[index]));
        assert_eq!(shared_in(Platform::Linux, "a"), expected([true, true, false, false]));
        assert_eq!(shared_in(Platform::Macos, "b"), expected([false; 4]));
        assert_eq!(fs::metadata(cache.join("odd")).unwrap().mode() & 0o7777, 0o600);
    }
}
