//! The files that Windows gets: their names, which have rules of their own, and no links.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::tree::{Contents, Entry, Node};
use crate::{InstallerError, Package, icon};

/// What names of files cannot have on Windows, besides control characters.
pub(super) const FORBIDDEN: &str = "<>:\"/\\|?*";

/// Paths of 260 characters are too long for many programs, and what stands before these, such as
/// `C:\Users\NAME\AppData\Local\Programs\APP`, takes its part.
const LONGEST: usize = 190;

/// Names that are devices, with whatever extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A file to install.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Where it lies below the app's folder, with `/` between its parts.
    pub(super) path: String,
    /// What is in it.
    pub(super) contents: Contents,
    /// Its length in bytes.
    pub(super) bytes: u64,
}

impl File {
    /// The folder that it lies in; empty at the top.
    pub(super) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its own name.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }
}

/// Files and folders, each sorted by path.
pub(super) struct Listed {
    pub(super) files: Vec<File>,
    pub(super) folders: Vec<String>,
}

/// Lists what is installed; a link becomes a copy of the file that it leads to.
pub(super) fn list(package: &Package, app: Vec<Entry>) -> Result<Listed, InstallerError> {
    let mut listed = Listed { files: Vec::new(), folders: Vec::new() };
    let mut seen = HashSet::new();
    for entry in app {
        check_path(package, &entry.path, &mut seen)?;
        match entry.node {
            Node::Folder => listed.folders.push(entry.path),
            Node::File { bytes, contents, .. } => {
                listed.files.push(File { path: entry.path, contents, bytes });
            }
            Node::Link(_) => listed.files.push(followed(package, entry.path)?),
        }
    }
    if let Some(icon) = icon::ico(package)? {
        let path = super::picture(package);
        check_path(package, &path, &mut seen)?;
        let bytes = icon.len() as u64;
        listed.files.push(File { path, contents: Contents::Bytes(icon), bytes });
    }
    listed.files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(listed)
}

/// Windows has links, but makes them for administrators only.
fn followed(package: &Package, path: String) -> Result<File, InstallerError> {
    let link = package.folder.join(&path);
    let file = link.canonicalize().map_err(InstallerError::file("read", &link))?;
    let metadata = fs::metadata(&file).map_err(InstallerError::file("read", &file))?;
    if !metadata.is_file() {
        return Err(unpackable(
            &link,
            "it is a link to a folder, which users of Windows cannot create",
        ));
    }
    let contents = Contents::Path { path: file, shared: true };
    Ok(File { path, contents, bytes: metadata.len() })
}

fn check_path(
    package: &Package,
    path: &str,
    seen: &mut HashSet<String>,
) -> Result<(), InstallerError> {
    let place = package.folder.join(path);
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_lowercase();
    let is_port = |prefix: &str| {
        let number = stem.strip_prefix(prefix).unwrap_or_default();
        number.len() == 1 && number.chars().all(|c| c.is_ascii_digit())
    };
    let reason = if name.contains(|c: char| FORBIDDEN.contains(c)) {
        "Windows allows none of < > : \" \\ | ? * in names"
    } else if name.ends_with(['.', ' ']) {
        "Windows allows no dot or space at the end of a name"
    } else if DEVICES.contains(&stem.as_str()) || is_port("com") || is_port("lpt") {
        "Windows reserves this name for a device"
    } else if name.contains("${") {
        "`${` has a meaning in NSIS"
    } else if path.encode_utf16().count() > LONGEST {
        "its path is too long for Windows: at most 190 characters fit below the user's folder"
    } else if path.eq_ignore_ascii_case("uninstall.exe") {
        "the uninstaller uses this name"
    } else if !seen.insert(path.to_lowercase()) {
        "another name differs from it only in case, which Windows ignores"
    } else {
        return Ok(());
    };
    Err(unpackable(&place, reason))
}

fn unpackable(path: &Path, reason: &'static str) -> InstallerError {
    InstallerError::Unpackable { path: path.to_owned(), reason }
}

/// The name that a file has among those that a tool packs: its number.
///
/// The tools take `*`, `[` and letters of other languages in the names of what they read for
/// something else; what is installed has its own name all the same.
pub(super) fn collected(index: usize) -> String {
    format!("files/{index}")
}

/// Puts all files under their numbers into a folder.
pub(super) fn collect(files: &[File], work: &Path) -> Result<(), InstallerError> {
    let folder = work.join("files");
    fs::create_dir_all(&folder).map_err(InstallerError::file("make", &folder))?;
    for (index, file) in files.iter().enumerate() {
        let to = work.join(collected(index));
        place(&file.contents, &to)?;
    }
    Ok(())
}

/// Links are enough: nothing here is changed. Where disks have none, it is a copy.
fn place(contents: &Contents, to: &Path) -> Result<(), InstallerError> {
    let placed = match contents {
        Contents::Bytes(data) => fs::write(to, data),
        Contents::Path { path, .. } => {
            fs::hard_link(path, to).or_else(|_| fs::copy(path, to).map(drop))
        }
    };
    placed.map_err(InstallerError::file("write", to))
}

/// All folders, those on the way to files too, the outer ones first.
pub(super) fn all_folders(files: &[File], folders: &[String]) -> BTreeSet<String> {
    let ways = files.iter().map(|file| file.folder().to_owned());
    let mut all = BTreeSet::new();
    for folder in ways.chain(folders.iter().cloned()) {
        let mut at = Some(Path::new(&folder));
        while let Some(path) = at.filter(|path| !path.as_os_str().is_empty()) {
            all.insert(path.to_string_lossy().replace('\\', "/"));
            at = path.parent();
        }
    }
    all
}

/// The place of a file in the folder that it was read from or made in.
pub(super) fn source(file: &File) -> Option<PathBuf> {
    match &file.contents {
        Contents::Path { path, .. } => Some(path.clone()),
        Contents::Bytes(_) => None,
    }
}
