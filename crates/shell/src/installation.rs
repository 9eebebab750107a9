//! The app that this program was installed with.

use std::path::PathBuf;

/// Where an app's files are, if this program was installed with one.
pub(crate) struct Installation {
    /// Its manifest, whose location determines where everything else is.
    pub(crate) manifest: PathBuf,
    /// The programs that it brings along.
    pub(crate) runtimes: PathBuf,
}

impl Installation {
    /// Returns the location beside this program, wherever links to it are.
    pub(crate) fn of_this_program() -> Self {
        let programs = programs();
        // In a macOS bundle, programs and the rest are kept apart.
        let folder = match cfg!(target_os = "macos") {
            true => programs.with_file_name("Resources"),
            false => programs,
        };
        let manifest = folder.join("app").join("ensconce.toml");
        Self { manifest, runtimes: folder.join("runtime") }
    }

    /// Reports whether there is an app. One that cannot be accessed counts.
    pub(crate) fn is_there(&self) -> bool {
        self.manifest.try_exists().unwrap_or(true)
    }
}

/// Returns the folder of this program and what belongs to it.
pub(crate) fn programs() -> PathBuf {
    let program = std::env::current_exe();
    // On Windows this would return `\\?\C:\…`, which many programs do not accept.
    let program =
        if cfg!(windows) { program } else { program.and_then(|program| program.canonicalize()) };
    // Without a location there is no app: the current folder's must never be taken.
    let mut folder = program.unwrap_or_else(|_| PathBuf::from("/nonexistent/program"));
    folder.pop();
    folder
}
