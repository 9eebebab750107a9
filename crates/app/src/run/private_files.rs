//! Private files that hold a secret or an answer, for services that take a file.

use std::io;
use std::path::{Path, PathBuf};

use ensconce_store::{Lasting, write_private};

/// The folder of such files; it is gone with the run folder, when the app ends.
#[derive(Debug, Clone)]
pub(crate) struct PrivateFiles(PathBuf);

impl PrivateFiles {
    /// Below a private folder of this launch.
    pub(crate) fn below(run: &Path) -> Self {
        Self(run.join("values"))
    }

    /// Writes a value, for this user only; returns the path of its file.
    pub(crate) fn put(&self, kind: &str, name: &str, value: &str) -> io::Result<String> {
        std::fs::create_dir_all(&self.0)?;
        let path = self.0.join(format!("{kind}-{name}"));
        write_private(&path, value.as_bytes(), Lasting::Process)?;
        Ok(path.display().to_string())
    }
}
