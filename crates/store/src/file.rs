//! Files that are written whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// The ending of temporary files.
const SUFFIX: &str = ".tmp";

/// How many random characters are in their names.
const RANDOM_CHARACTERS: usize = 8;

/// A clean-up may remove a file between its creation and its lock, but not again and again.
const MOST_TRIES: usize = 8;

/// How many files of one name are set aside at most; a user with more has another problem.
const MOST_ASIDE: usize = 1000;

/// What a written file survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// A power failure: file and folder are on the disk before the call returns.
    PowerCut,
    /// Only the end of the process; for what a power failure ends anyway.
    Process,
}

/// Writes a file whole or not at all, readable by its owner only. Creates its folder.
///
/// # Errors
/// When it cannot be written; the file is then as it was.
pub fn write_private(path: &Path, content: &[u8], lasting: Lasting) -> io::Result<()> {
    put(path, content, lasting, |file| file.persist(path).map_err(Into::into))
}

/// Does the same, durably, for a file that does not exist yet; an existing one stays as it is.
///
/// # Errors
/// When it cannot be written, and `AlreadyExists` if it exists.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    put(path, content, Lasting::PowerCut, |file| file.persist_noclobber(path).map_err(Into::into))
}

/// Removes what killed writers of this file have left.
pub fn clear_leftovers(path: &Path) {
    let Some((folder, prefix)) = folder_and_prefix(path) else { return };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_temporary(entry.file_name().to_str(), &prefix)) {
        let leftover = entry.path();
        let free = File::options()
            .write(true)
            .open(&leftover)
            .is_ok_and(|file| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if free {
            let _ = fs::remove_file(&leftover);
        }
    }
}

/// Moves a file to `NAME.broken`, or `NAME.broken-2` and so on; nothing is ever overwritten.
///
/// # Errors
/// When it cannot be moved.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    for count in 1..=MOST_ASIDE {
        let mut name = path.as_os_str().to_owned();
        name.push(if count == 1 { ".broken".to_owned() } else { format!(".broken-{count}") });
        let aside = PathBuf::from(name);
        // Takes the name first, so that two processes that do this at once get two names.
        match File::create_new(&aside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(taken) => {
                // Windows does not replace a file that is open.
                drop(taken);
                if let Err(error) = fs::rename(path, &aside) {
                    let _ = fs::remove_file(&aside);
                    return Err(error);
                }
                return Ok(aside);
            }
        }
    }
    Err(io::Error::other("too many files have been set aside"))
}

/// Creates a folder, and those above it, that only their owner can read.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn put(
    path: &Path,
    content: &[u8],
    lasting: Lasting,
    place: impl Fn(NamedTempFile) -> io::Result<File>,
) -> io::Result<()> {
    let (folder, prefix) = folder_and_prefix(path).ok_or(io::ErrorKind::InvalidInput)?;
    make_private_folder(folder)?;
    let mut tries = 1;
    loop {
        let file = write_beside(folder, &prefix, content, lasting)?;
        match place(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && tries < MOST_TRIES => {
                tries += 1;
            }
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    if lasting == Lasting::PowerCut { keep_names(folder) } else { Ok(()) }
}

fn write_beside(
    folder: &Path,
    prefix: &str,
    content: &[u8],
    lasting: Lasting,
) -> io::Result<NamedTempFile> {
    // Temporary files are made with mode 0600, which survives the renaming.
    let mut file = Builder::new()
        .prefix(prefix)
        .suffix(SUFFIX)
        .rand_bytes(RANDOM_CHARACTERS)
        .tempfile_in(folder)?;
    // On a file system without locks, leftovers stay, or are removed and written again.
    let _ = file.as_file().lock();
    file.write_all(content)?;
    if lasting == Lasting::PowerCut {
        file.as_file().sync_all()?;
    }
    Ok(file)
}

/// Flushes the names in a folder to the disk; otherwise a file is renamed only in memory.
fn keep_names(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn folder_and_prefix(path: &Path) -> Option<(&Path, String)> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let here = Path::new(".");
    Some((if folder.as_os_str().is_empty() { here } else { folder }, format!(".{name}.")))
}

fn is_temporary(name: Option<&str>, prefix: &str) -> bool {
    let random = name.and_then(|name| name.strip_prefix(prefix)?.strip_suffix(SUFFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM_CHARACTERS && random.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/file");
        for (content, lasting) in [("first", Lasting::PowerCut), ("second", Lasting::Process)] {
            write_private(&path, content.as_bytes(), lasting).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_exists_is_not_created_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create_private(&path, b"first").unwrap();
        let error = create_private(&path, b"second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_what_a_killed_writer_of_this_file_has_left_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let left = |name: &str| folder.path().join(name);
        let strangers = [
            "state.json",
            ".state.json.tmp",
            ".other.json.abcdefgh.tmp",
            ".state.json.long12345.tmp",
        ];
        for name in strangers.iter().chain(&[".state.json.abcdefgh.tmp"]) {
            fs::write(left(name), "x").unwrap();
        }
        let held = write_beside(folder.path(), ".state.json.", b"y", Lasting::Process).unwrap();
        clear_leftovers(&path);
        assert!(!left(".state.json.abcdefgh.tmp").exists());
        assert!(held.path().exists(), "it is being written");
        assert!(strangers.iter().all(|name| left(name).exists()));
    }

    #[test]
    fn a_writer_whose_file_was_taken_away_writes_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let first = std::cell::Cell::new(true);
        put(&path, b"whole", Lasting::Process, |file| {
            if first.take() {
                fs::remove_file(file.path()).unwrap();
            }
            file.persist(&path).map_err(Into::into)
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn what_is_set_aside_never_overwrites_what_was_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        for (content, name) in
            [("a", "state.json.broken"), ("b", "state.json.broken-2"), ("c", "state.json.broken-3")]
        {
            fs::write(&path, content).unwrap();
            assert_eq!(set_aside(&path).unwrap(), folder.path().join(name));
        }
        assert_eq!(fs::read_to_string(folder.path().join("state.json.broken")).unwrap(), "a");
        assert!(set_aside(&path).is_err(), "there is nothing to set aside");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
