//! Reads a folder into a sorted list of entries, and refuses what packages cannot hold.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};

use crate::{InstallerError, Package, System};

/// A file, folder or link of a package; owner, mode and time are the same for all of a kind.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Where it lies, with `/` between its parts and without one at the beginning.
    pub(crate) path: String,
    /// What it is.
    pub(crate) node: Node,
}

/// What an entry is.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// A folder.
    Folder,
    /// A symbolic link, and what it says.
    Link(String),
    /// A file.
    File {
        /// Whether it can be run.
        executable: bool,
        /// Its length in bytes.
        bytes: u64,
        /// What is in it.
        contents: Contents,
    },
}

/// Where a file's contents come from.
#[derive(Debug, Clone)]
pub(crate) enum Contents {
    /// A file; `shared` when an entry before it is the same file by a hard link.
    Path { path: PathBuf, shared: bool },
    /// Made here.
    Bytes(Vec<u8>),
}

impl Entry {
    /// A folder.
    pub(crate) fn folder(path: impl Into<String>) -> Self {
        Self { path: path.into(), node: Node::Folder }
    }

    /// A symbolic link.
    pub(crate) fn link(path: impl Into<String>, to: impl Into<String>) -> Self {
        Self { path: path.into(), node: Node::Link(to.into()) }
    }

    /// A file that is made here.
    pub(crate) fn made(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        let contents = contents.into();
        let bytes = contents.len() as u64;
        let node = Node::File { executable: false, bytes, contents: Contents::Bytes(contents) };
        Self { path: path.into(), node }
    }

    /// Its length in bytes; 0 if it is not a file.
    pub(crate) fn bytes(&self) -> u64 {
        match self.node {
            Node::File { bytes, .. } => bytes,
            Node::Folder | Node::Link(_) => 0,
        }
    }

    /// The mode that it has in every package.
    pub(crate) fn mode(&self) -> u32 {
        match self.node {
            Node::Folder | Node::File { executable: true, .. } => 0o755,
            Node::File { executable: false, .. } => 0o644,
            Node::Link(_) => 0o777,
        }
    }
}

/// Reads the folder of an app, sorted by path; its program must be in it.
pub(crate) fn read(package: &Package) -> Result<Vec<Entry>, InstallerError> {
    let folder = package.folder.as_path();
    let start = folder.join(package.program());
    let kind = fs::metadata(&start).map_err(InstallerError::file("read", &start))?;
    // Windows decides by the name.
    let can_run = package.system == System::Windows || is_executable(&kind);
    if !kind.is_file() || !can_run {
        return Err(unpackable(&start, "the app's program must be a file that can be run"));
    }
    let mut reader = Reader { folder, entries: Vec::new(), seen: HashSet::new() };
    reader.folder("")?;
    reader.entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(reader.entries)
}

struct Reader<'a> {
    folder: &'a Path,
    entries: Vec<Entry>,
    seen: HashSet<(u64, u64)>,
}

impl Reader<'_> {
    fn folder(&mut self, below: &str) -> Result<(), InstallerError> {
        let path = self.folder.join(below);
        for child in fs::read_dir(&path).map_err(InstallerError::file("read", &path))? {
            let child = child.map_err(InstallerError::file("read", &path))?;
            let name = check_name(&child.path(), child.file_name().to_str())?.to_owned();
            let relative = if below.is_empty() { name } else { format!("{below}/{name}") };
            self.entry(&child.path(), relative)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, relative: String) -> Result<(), InstallerError> {
        let metadata = fs::symlink_metadata(path).map_err(InstallerError::file("read", path))?;
        if metadata.is_dir() {
            self.entries.push(Entry::folder(relative.clone()));
            return self.folder(&relative);
        }
        let node = if metadata.is_symlink() {
            Node::Link(read_link(path, &relative)?)
        } else if metadata.is_file() {
            let shared = !self.seen.insert(identity(&metadata));
            let contents = Contents::Path { path: path.to_owned(), shared };
            let executable = is_executable(&metadata);
            Node::File { executable, bytes: metadata.len(), contents }
        } else {
            return Err(unpackable(path, "it is not a file, folder or link"));
        };
        self.entries.push(Entry { path: relative, node });
        Ok(())
    }
}

fn check_name<'a>(path: &Path, name: Option<&'a str>) -> Result<&'a str, InstallerError> {
    match name {
        Some(name) if !name.chars().any(char::is_control) => Ok(name),
        Some(_) => Err(unpackable(path, "its name contains a control character")),
        None => Err(unpackable(path, "its name is not UTF-8")),
    }
}

/// Reads a link, which must stay in the folder wherever that is put.
fn read_link(path: &Path, relative: &str) -> Result<String, InstallerError> {
    let target = fs::read_link(path).map_err(InstallerError::file("read", path))?;
    let mut depth = relative.matches('/').count();
    for part in target.components() {
        match part {
            Component::Prefix(_) | Component::RootDir => {
                return Err(unpackable(path, "it is a link to an absolute path"));
            }
            Component::ParentDir if depth == 0 => {
                return Err(unpackable(path, "it is a link that leaves the folder"));
            }
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
        }
    }
    check_name(path, target.to_str()).map(str::to_owned)
}

fn unpackable(path: &Path, reason: &'static str) -> InstallerError {
    InstallerError::Unpackable { path: path.to_owned(), reason }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere files do not say so, and packages for Linux are not made there.
#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}
