//! What the app's files need to run: each runtime is a module behind [`Runtime`].

pub(crate) mod machine;
pub(crate) mod node;
pub(crate) mod program;
pub(crate) mod pyinstaller;
pub(crate) mod python;

use std::path::Path;

use crate::{Component, Key, PayloadError, Request};

/// Something that is made once and then taken from the cache.
pub(crate) trait Runtime {
    /// Its name for people, such as `Python 3.12.12`.
    fn name(&self) -> String;

    /// Its folder below `runtime/`, such as `python`.
    fn folder(&self) -> &str;

    /// Everything that determines what [`Runtime::make`] makes.
    ///
    /// # Errors
    /// When a file that decides cannot be read, or is wrong.
    fn key(&self, request: &Request<'_>) -> Result<Key, PayloadError>;

    /// Makes it in an empty folder.
    ///
    /// # Errors
    /// When it cannot be made; what is in the folder then does not matter.
    fn make(&self, request: &Request<'_>, into: &Path) -> Result<Made, PayloadError>;
}

/// What a runtime has made.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Made {
    /// The names that commands use, and the files, relative to the runtime's folder.
    pub(crate) programs: std::collections::BTreeMap<String, String>,
    /// The third-party packages inside.
    pub(crate) components: Vec<Component>,
}
