//! Unpacks third-party archives, and keeps everything within the folder.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use tar::EntryType;

use crate::PayloadError;

/// How an archive is packed, recognised by its first bytes.
enum Kind {
    Tar,
    Gzip,
    Xz,
    Zstd,
    Zip,
}

/// Unpacks an archive into an empty folder, without the one folder in which all of it may be.
pub(crate) fn unpack(archive: &Path, into: &Path) -> Result<(), PayloadError> {
    let fault = |fault: Fault| match fault {
        Fault::Archive(why) => PayloadError::Archive { archive: archive.to_owned(), why },
        Fault::Disk(error) => PayloadError::file("write", into)(error),
    };
    let kind = kind(archive).map_err(PayloadError::file("read", archive))?;
    let Some(kind) = kind else {
        return Err(fault(Fault::Archive("It is not an archive of a known kind".to_owned())));
    };
    let file = File::open(archive).map_err(PayloadError::file("read", archive))?;
    let result = match kind {
        Kind::Tar => unpack_tar(BufReader::new(file), into),
        Kind::Gzip => unpack_tar(flate2::read::MultiGzDecoder::new(BufReader::new(file)), into),
        Kind::Xz => unpack_tar(lzma_rust2::XzReader::new(BufReader::new(file), true), into),
        Kind::Zstd => ruzstd::decoding::StreamingDecoder::new(BufReader::new(file))
            .map_err(|error| Fault::Archive(error.to_string()))
            .and_then(|decoder| unpack_tar(decoder, into)),
        Kind::Zip => unpack_zip(file, into),
    };
    result.and_then(|()| check_links(into)).and_then(|()| strip_top(into)).map_err(fault)
}

/// Reports whether a file is an archive that [`unpack`] takes.
pub(crate) fn is_archive(path: &Path) -> Result<bool, PayloadError> {
    Ok(kind(path).map_err(PayloadError::file("read", path))?.is_some())
}

fn kind(path: &Path) -> io::Result<Option<Kind>> {
    let mut first = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut first)?;
    Ok(match first.as_slice() {
        [0x1f, 0x8b, ..] => Some(Kind::Gzip),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Kind::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        [b'P', b'K', 3, 4, ..] => Some(Kind::Zip),
        block if block.get(257..262) == Some(b"ustar") => Some(Kind::Tar),
        _ => None,
    })
}

/// Keeps what is wrong with the archive apart from what is wrong with this disk.
enum Fault {
    Archive(String),
    Disk(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::PermissionDenied => Self::Disk(error),
            _ => Self::Archive(full(&error)),
        }
    }
}

/// Returns an error with its causes, which `tar` keeps behind its own.
fn full(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", full(cause)),
        None => error.to_string(),
    }
}

fn unpack_tar(reader: impl Read, into: &Path) -> Result<(), Fault> {
    let mut archive = tar::Archive::new(reader);
    archive.set_preserve_mtime(false);
    for entry in archive.entries()? {
        let mut entry = entry.map_err(tar_fault)?;
        let path = entry.path()?.into_owned();
        let named = path.display().to_string();
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => {}
            EntryType::GNUSparse => {}
            EntryType::Symlink => {
                let target = entry.link_name()?.unwrap_or_default().into_owned();
                check_target(&path, &target)?;
            }
            EntryType::Link => {
                check_inside(&entry.link_name()?.unwrap_or_default())?;
            }
            EntryType::XGlobalHeader => continue,
            _ => {
                return Err(Fault::Archive(format!("{named} is a device or another special file")));
            }
        }
        check_inside(&path)?;
        if !entry.unpack_in(into).map_err(tar_fault)? {
            return Err(leaves(&path));
        }
    }
    Ok(())
}

fn tar_fault(error: io::Error) -> Fault {
    // `tar` wraps what the disk said, and keeps its kind.
    Fault::from(error)
}

fn unpack_zip(file: File, into: &Path) -> Result<(), Fault> {
    let wrong = |error: zip::result::ZipError| match error {
        zip::result::ZipError::Io(error) => Fault::from(error),
        other => Fault::Archive(other.to_string()),
    };
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(wrong)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(wrong)?;
        let path = PathBuf::from(entry.name().map_err(wrong)?.as_ref());
        check_inside(&path)?;
        let to = into.join(&path);
        check_parent(&to, into, &path)?;
        if entry.is_dir() {
            fs::create_dir_all(&to)?;
        } else if entry.is_symlink() {
            let mut target = String::new();
            entry.read_to_string(&mut target)?;
            check_target(&path, Path::new(&target))?;
            symlink(&target, &to)?;
        } else {
            io::copy(&mut entry, &mut File::create_new(&to)?)?;
            set_executable(&to, entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0))?;
        }
    }
    Ok(())
}

/// Makes the folder of a file, unless a link that came before leads it elsewhere.
fn check_parent(to: &Path, into: &Path, named: &Path) -> Result<(), Fault> {
    let parent = to.parent().unwrap_or(into);
    fs::create_dir_all(parent)?;
    if fs::canonicalize(parent)?.starts_with(fs::canonicalize(into)?) {
        return Ok(());
    }
    Err(leaves(named))
}

#[cfg(unix)]
fn set_executable(path: &Path, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

#[cfg(not(unix))]
fn set_executable(_path: &Path, _executable: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &str, link: &Path) -> io::Result<()> {
    Err(io::Error::other(format!("{} is a symbolic link", link.display())))
}

fn leaves(path: &Path) -> Fault {
    Fault::Archive(format!("{} would be outside its folder", path.display()))
}

fn check_inside(path: &Path) -> Result<(), Fault> {
    let inside = |component| matches!(component, Component::Normal(_) | Component::CurDir);
    if path.components().all(inside) && !path.as_os_str().is_empty() {
        return Ok(());
    }
    Err(leaves(path))
}

/// Refuses links that are absolute or climb too far.
fn check_target(link: &Path, target: &Path) -> Result<(), Fault> {
    let mut depth = link.components().filter(|part| matches!(part, Component::Normal(_))).count();
    depth = depth.saturating_sub(1);
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => {
                let (link, target) = (link.display(), target.display());
                return Err(Fault::Archive(format!("The link {link} leads outside: {target}")));
            }
        }
    }
    Ok(())
}

/// Refuses links that leave only by way of other links.
fn check_links(folder: &Path) -> Result<(), Fault> {
    let root = fs::canonicalize(folder)?;
    for path in links(&root)? {
        if fs::canonicalize(&path).is_ok_and(|target| !target.starts_with(&root)) {
            return Err(leaves(path.strip_prefix(&root).unwrap_or(&path)));
        }
    }
    Ok(())
}

fn links(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_symlink() {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}

/// Moves everything up when one folder is all there is.
fn strip_top(folder: &Path) -> Result<(), Fault> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    if entries.is_empty() {
        return Err(Fault::Archive("There is nothing in it".to_owned()));
    }
    let top = match entries.pop() {
        Some(top) if entries.is_empty() && top.file_type()?.is_dir() => top.path(),
        _ => return Ok(()),
    };
    // The folder may hold something of its own name.
    let aside = tempfile::tempdir_in(folder)?;
    let moved = aside.path().join("top");
    fs::rename(&top, &moved)?;
    for entry in fs::read_dir(&moved)? {
        let entry = entry?;
        fs::rename(entry.path(), folder.join(entry.file_name()))?;
    }
    Ok(aside.close()?)
}

#[cfg(test)]
mod tests;
