//! Files that are there as a whole or not at all, also when the power fails.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file beside its place, makes it durable, and moves it there.
pub(crate) fn write_whole(file: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder_of(file);
    let mut beside = tempfile::Builder::new().prefix(".new-").tempfile_in(&folder)?;
    beside.write_all(content)?;
    beside.as_file().sync_all()?;
    beside.persist(file)?;
    sync_folder(&folder)
}

/// Makes a file's content durable.
pub(crate) fn sync(file: &Path) -> io::Result<()> {
    // Windows syncs only what may be written.
    File::options().read(true).write(true).open(file)?.sync_all()
}

/// Makes durable which files a folder has.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows keeps that in the journal of its file system.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a folder, and those above it, that only its owner can look into; one that exists is taken.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Returns the folder that a file is in.
pub(crate) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Returns the path with something written behind it.
pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Returns a file's name for people.
pub(crate) fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

/// Removes a file, if it is there.
pub(crate) fn remove(file: &Path) -> io::Result<()> {
    absent_is_fine(fs::remove_file(file))
}

/// Moves a file, if it is there.
pub(crate) fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    absent_is_fine(fs::rename(from, to))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
