//! Loads the window, a library beside the program.

use std::path::{Path, PathBuf};

use libloading::Library;

use crate::pipe::{Ends, RawEnds};

/// The function that the library exports. It runs the window on the calling thread, which must be
/// the program's first, until the window is closed, and returns the exit code.
pub type RunWindow = unsafe extern "C" fn(RawEnds) -> i32;

/// The name of that function.
const FUNCTION: &str = "ensconce_window";

/// A window's library, loaded.
pub struct WindowLibrary {
    path: PathBuf,
    library: Library,
}

/// Why there is no window.
#[derive(Debug)]
pub struct LibraryError {
    path: PathBuf,
    error: libloading::Error,
}

impl WindowLibrary {
    /// Loads the library from a folder.
    ///
    /// # Errors
    /// When it is missing, or something that it links to is.
    pub fn load(folder: &Path) -> Result<Self, LibraryError> {
        let path = folder.join(libloading::library_filename("ensconce_window"));
        // SAFETY: it is beside the program, and whoever can write there can replace the program
        // too.
        #[allow(unsafe_code)]
        let loaded = unsafe { Library::new(&path) };
        match loaded {
            Ok(library) => Ok(Self { path, library }),
            Err(error) => Err(LibraryError { path, error }),
        }
    }

    /// Runs the window; returns its exit code when it is closed.
    ///
    /// # Errors
    /// When the library is of another build.
    pub fn run(self, ends: Ends) -> Result<i32, LibraryError> {
        // SAFETY: the build that exports this name defines it with this type.
        #[allow(unsafe_code)]
        let found = unsafe { self.library.get::<RunWindow>(FUNCTION) };
        let run = match found {
            Ok(run) => *run,
            Err(error) => return Err(LibraryError { path: self.path, error }),
        };
        // SAFETY: the ends are new, and their ownership is passed on here.
        #[allow(unsafe_code)]
        let code = unsafe { run(ends.into_raw()) };
        // Its threads may still run: it is never unloaded.
        std::mem::forget(self.library);
        Ok(code)
    }
}

impl std::fmt::Display for LibraryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let detail = match &self.error {
            libloading::Error::DlOpen { source } => source.to_string(),
            other => other.to_string(),
        };
        write!(f, "The window's library {} cannot be loaded: {detail}", self.path.display())
    }
}

impl std::error::Error for LibraryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
