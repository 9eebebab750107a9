//! Everything that can keep a payload from being made.

use std::io;
use std::path::PathBuf;

/// What keeps a payload from being made.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// A file or folder could not be read or written.
    #[error("Cannot {what} {}: {error}", path.display())]
    File {
        /// `read`, `write`, …
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The app's own Python could not be made.
    #[error(transparent)]
    Python(#[from] crate::PythonError),
}

impl PayloadError {
    /// What can be done about it, one sentence each.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::File { error, .. } if error.kind() == io::ErrorKind::StorageFull => {
                vec!["Make room on the disk; what was built before is kept".to_owned()]
            }
            Self::File { .. } => Vec::new(),
            Self::Python(error) => error.hints(),
        }
    }
}
