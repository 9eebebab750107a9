//! Files that are there as a whole or not at all, also when the power fails.
//!
//! A file is durable when its content is, and the entry in its folder, and the entry of that folder
//! in the one above. Each function says which of these it takes care of.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Behind the name of a file in a folder of Ensconce's own, until it is whole.
const NEW: &str = ".new";
/// How long Windows is asked again for a file that another program has open for a moment.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is between two of these questions.
const PAUSE: Duration = Duration::from_millis(20);
/// How many links are followed that lead to each other, or to nothing.
const MOST_LINKS: usize = 16;

/// Writes a file of Ensconce's own beside its place, makes it durable, and moves it there.
///
/// The name beside its place is always the same, so that a kill leaves one file at most, which the
/// next call takes.
pub(crate) fn write_whole(file: &Path, content: &[u8]) -> io::Result<()> {
    let beside = with_suffix(file, NEW);
    remove(&beside)?;
    let written = create_private(&beside)
        .and_then(|mut new| new.write_all(content).and_then(|()| make_durable(&new)))
        .and_then(|()| rename(&beside, file))
        .and_then(|()| sync_folder(&folder_of(file)));
    if written.is_err() {
        // On a full disk, half a file would only be in the way.
        let _ = remove(&beside);
    }
    written
}

/// Removes what a kill during [`write_whole`] may have left.
pub(crate) fn remove_unfinished(file: &Path) -> io::Result<()> {
    remove(&with_suffix(file, NEW))
}

/// Returns whether a name is one that a kill during [`write_whole`] leaves.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.ends_with(NEW)
}

/// Creates a file that only its owner can read; one that exists is an error, and so is a link.
pub(crate) fn create_private(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// Makes the content of a file durable.
pub(crate) fn sync(file: &Path) -> io::Result<()> {
    // Windows syncs only what may be written.
    make_durable(&File::options().read(true).write(true).open(file)?)
}

/// Makes the content of an open file durable, as far as its file system can.
pub(crate) fn make_durable(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // macOS asks the disk itself to write what it holds back, which a network drive cannot.
        #[cfg(unix)]
        Err(error) if is_unsupported(&error) => Ok(rustix::fs::fsync(file)?),
        result => result,
    }
}

/// Makes durable which files a folder has.
///
/// Some file systems, of networks above all, cannot do that; nothing more can be done there.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match make_durable(&File::open(folder)?) {
        Err(error) if is_unsupported(&error) => Ok(()),
        result => result,
    }
}

/// Windows keeps that in the journal of its file system.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

/// Creates a folder, and those above it, that only its owner can look into; one that exists is
/// taken as it is. Whoever fills it makes it durable.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates a folder as [`make_private`] does; it, and those above it, outlast a loss of power.
pub(crate) fn make_durable_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|one| !one.is_dir()).collect();
    make_private(folder)?;
    missing.iter().try_for_each(|one| sync_folder(&folder_of(one)))
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

/// Returns whether there is anything at a path, if only a link to nothing.
pub(crate) fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Returns a path at which there is nothing: this one, or this one with a number behind it.
pub(crate) fn free(path: PathBuf) -> PathBuf {
    let mut free = path.clone();
    let mut number = 2;
    while is_taken(&free) {
        free = with_suffix(&path, &format!("-{number}"));
        number += 1;
    }
    free
}

/// Returns the path of the file itself, where links lead to it; the file need not exist.
pub(crate) fn real(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = dunce::canonicalize(&path) {
            return real;
        }
        let Ok(target) = fs::read_link(&path) else { break };
        path = folder_of(&path).join(target);
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder != Path::new("") => real(folder).join(name),
        _ => path,
    }
}

/// Removes a file, if it is there.
pub(crate) fn remove(file: &Path) -> io::Result<()> {
    absent_is_fine(patiently(|| fs::remove_file(file)))
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
    absent_is_fine(patiently(|| fs::remove_dir_all(folder)))
}

/// Moves a file or a folder; what may be at the other place is for the caller to know.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| fs::rename(from, to))
}

/// Moves a file, if it is there.
pub(crate) fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    absent_is_fine(rename(from, to))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Tries again while another program has a file open.
///
/// Windows refuses to move or remove it then, and virus scanners open whatever is new. On other
/// systems nobody is in the way.
fn patiently(mut work: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match work() {
            Err(error) if is_held(&error) && begun.elapsed() < PATIENCE => thread::sleep(PAUSE),
            result => return result,
        }
    }
}

/// Returns whether Windows says ERROR_ACCESS_DENIED or ERROR_SHARING_VIOLATION.
fn is_held(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_path_is_found_beside_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        assert_eq!(free(path.clone()), path);
        fs::write(&path, "").unwrap();
        fs::create_dir(folder.path().join("kept-2")).unwrap();
        assert_eq!(free(path), folder.path().join("kept-3"));
    }

    #[test]
    fn a_file_is_written_over_what_a_kill_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note.json");
        fs::write(folder.path().join("note.json.new"), "half").unwrap();
        fs::write(&file, "old").unwrap();
        write_whole(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(!is_taken(&folder.path().join("note.json.new")));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_also_to_what_is_not_there() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("disk")).unwrap();
        fs::write(root.join("disk/there.db"), "").unwrap();
        symlink("disk/there.db", root.join("link")).unwrap();
        symlink("disk/missing.db", root.join("dangling")).unwrap();
        symlink("disk", root.join("folder")).unwrap();
        symlink("circle", root.join("circle")).unwrap();
        assert_eq!(real(&root.join("link")), root.join("disk/there.db"));
        assert_eq!(real(&root.join("dangling")), root.join("disk/missing.db"));
        assert_eq!(real(&root.join("folder/a/b.db")), root.join("disk/a/b.db"));
        assert_eq!(real(&root.join("circle")), root.join("circle"));
    }
}
