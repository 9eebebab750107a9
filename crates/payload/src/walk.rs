//! Walks through an app's folder, past what never belongs into a package.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

use crate::{CacheKey, PayloadError};

/// Names of files and folders that are of tools, of editors, or of one machine.
const OUT: [&str; 20] = [
    ".git",
    ".hg",
    ".svn",
    ".idea",
    ".vscode",
    ".vs",
    "__pycache__",
    ".DS_Store",
    "Thumbs.db",
    ".gitignore",
    // Credentials of whoever builds.
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    ".ssh",
    ".aws",
    ".gnupg",
    ".kube",
    "id_rsa",
    "id_ed25519",
];

/// What a walk leaves out.
pub(crate) struct Walk<'a> {
    /// Whether what git ignores is left out, and `node_modules`.
    pub(crate) with_ignored: bool,
    /// Folders that are left out.
    pub(crate) without: &'a [PathBuf],
}

impl Walk<'_> {
    /// Lists the files and links below a folder, or the file itself, sorted.
    pub(crate) fn files(&self, root: &Path) -> Result<Vec<PathBuf>, PayloadError> {
        let with_ignored = self.with_ignored;
        let without = self.without.to_vec();
        // As git does, look no higher than the repository; where there is none, at each folder.
        let in_git = root.ancestors().any(|folder| folder.join(".git").exists());
        let walk = WalkBuilder::new(root)
            .standard_filters(false)
            .git_ignore(!with_ignored)
            .parents(!with_ignored)
            .require_git(in_git)
            .filter_entry(move |entry| {
                entry.depth() == 0
                    || !(is_out(entry)
                        || without.iter().any(|path| path == entry.path())
                        || (!with_ignored && entry.file_name() == "node_modules"))
            })
            .build();
        let mut files = Vec::new();
        for entry in walk {
            let entry = entry.map_err(|error| {
                PayloadError::file("read", root)(std::io::Error::other(error.to_string()))
            })?;
            if entry.file_type().is_some_and(|kind| kind.is_file() || kind.is_symlink()) {
                files.push(entry.into_path());
            }
        }
        files.sort();
        Ok(files)
    }
}

fn is_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    OUT.contains(&name.as_ref())
        || name.starts_with(".env")
        || name.ends_with(".pyc")
        || entry.path().join("pyvenv.cfg").is_file()
}

/// Reads patterns, as in `.gitignore`.
pub(crate) fn patterns(
    folder: &Path,
    key: &str,
    lines: &[String],
) -> Result<Gitignore, PayloadError> {
    let wrong = |error: ignore::Error| {
        PayloadError::manifest(key, error.to_string(), "Patterns are written as in `.gitignore`")
    };
    let mut builder = GitignoreBuilder::new(folder);
    for line in lines {
        builder.add_line(None, line).map_err(wrong)?;
    }
    builder.build().map_err(wrong)
}

/// Adds all that is at a path, or that nothing is there.
pub(crate) fn key_of_tree(key: CacheKey, path: &Path) -> Result<CacheKey, PayloadError> {
    if path.symlink_metadata().is_err() {
        return Ok(key.with("nothing"));
    }
    let mut files = Vec::new();
    for entry in WalkBuilder::new(path).standard_filters(false).build() {
        let entry = entry.map_err(|error| {
            PayloadError::file("read", path)(std::io::Error::other(error.to_string()))
        })?;
        if entry.file_type().is_some_and(|kind| kind.is_file() || kind.is_symlink()) {
            files.push(entry.into_path());
        }
    }
    files.sort();
    key_of_files(key, path, &files)
}

/// Adds files: their names below a folder, and what is in them.
pub(crate) fn key_of_files(
    mut key: CacheKey,
    folder: &Path,
    files: &[PathBuf],
) -> Result<CacheKey, PayloadError> {
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(file);
        key = key.with(name.as_os_str().as_encoded_bytes());
        key = match std::fs::read_link(file) {
            Ok(target) => key.with(target.as_os_str().as_encoded_bytes()),
            Err(_) => {
                let executable = crate::copy::is_executable(file);
                let executable = executable.map_err(PayloadError::file("read", file))?;
                key.with([u8::from(executable)]).with_file(file)?
            }
        };
    }
    Ok(key)
}
