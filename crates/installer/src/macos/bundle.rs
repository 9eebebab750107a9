//! The bundle: a folder `TITLE.app`, really there, because the tools that sign want one.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::info;
use crate::tree::{Contents, Entry, Node};
use crate::{InstallerError, Package, icon};

/// A bundle in a folder of its own, which is gone with it.
pub(super) struct Bundle {
    work: TempDir,
    name: String,
    program: String,
}

/// Refuses titles that no bundle can have.
pub(super) fn check(package: &Package) -> Result<(), InstallerError> {
    let reason = if package.title.contains(['/', ':']) {
        "macOS allows neither `/` nor `:` in an app's name"
    } else if package.title.starts_with('.') {
        "macOS hides an app whose name begins with a dot"
    } else {
        return Ok(());
    };
    Err(InstallerError::Invalid { what: "title", value: package.title.clone(), reason })
}

impl Bundle {
    /// Copies everything into its place.
    pub(super) fn make(
        package: &Package,
        app: Vec<Entry>,
        work: TempDir,
    ) -> Result<Self, InstallerError> {
        let name = format!("{}.app", package.title);
        let bundle = Self { work, name, program: package.program() };
        let contents = bundle.path().join("Contents");
        for folder in ["MacOS", "Resources"] {
            let folder = contents.join(folder);
            fs::create_dir_all(&folder).map_err(InstallerError::file("make", &folder))?;
        }
        for entry in &app {
            put(entry, &contents.join(place(entry)).join(&entry.path))?;
        }
        for made in own_files(package)? {
            put(&made, &contents.join(&made.path))?;
        }
        Ok(bundle)
    }

    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        self.folder().join(&self.name)
    }

    /// The folder that it lies in, alone.
    pub(super) fn folder(&self) -> PathBuf {
        self.work.path().join("image")
    }

    /// A folder for what is made on the way.
    pub(super) fn work(&self) -> &Path {
        self.work.path()
    }

    /// The program that starts the app, which is signed together with the bundle.
    pub(super) fn program(&self) -> PathBuf {
        self.path().join("Contents/MacOS").join(&self.program)
    }
}

/// Programs and their libraries lie at the top of the app's folder, everything else in folders.
fn place(entry: &Entry) -> &'static str {
    let is_file = matches!(entry.node, Node::File { .. });
    if is_file && !entry.path.contains('/') { "MacOS" } else { "Resources" }
}

/// What a bundle has besides the app.
fn own_files(package: &Package) -> Result<Vec<Entry>, InstallerError> {
    let mut files = vec![
        Entry::made("Info.plist", info::write(package)?),
        // A type and a creator, as of old; some tools look for it.
        Entry::made("PkgInfo", "APPL????"),
    ];
    if let Some(icon) = icon::icns(package)? {
        files.push(Entry::made(format!("Resources/{}", info::ICON), icon));
    }
    Ok(files)
}

/// Puts one entry into its place, a copy: signing changes it.
fn put(entry: &Entry, to: &Path) -> Result<(), InstallerError> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(InstallerError::file("make", folder))?;
    let done = match &entry.node {
        Node::Folder => fs::create_dir_all(to),
        Node::Link(target) => link(target, to),
        Node::File { contents: Contents::Bytes(data), .. } => fs::write(to, data),
        Node::File { contents: Contents::Path { path, .. }, .. } => fs::copy(path, to).map(drop),
    };
    done.and_then(|()| set_mode(entry, to)).map_err(InstallerError::file("write", to))
}

#[cfg(unix)]
fn link(target: &str, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, to)
}

#[cfg(unix)]
fn set_mode(entry: &Entry, to: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if matches!(entry.node, Node::Link(_)) {
        return Ok(());
    }
    fs::set_permissions(to, fs::Permissions::from_mode(entry.mode()))
}

/// Windows keeps neither the links nor the modes that an app of macOS has.
#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("apps for macOS are made on macOS or Linux"))
}

#[cfg(not(unix))]
fn set_mode(_: &Entry, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("apps for macOS are made on macOS or Linux"))
}
