//! Everything that can keep a package from being made.

use std::io;
use std::path::{Path, PathBuf};

use crate::{BundleKind, System};

/// What keeps a package from being made.
#[derive(Debug, thiserror::Error)]
pub enum InstallerError {
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
    /// Something that the app says of itself has no place in a package.
    #[error("The {what} `{value}` cannot be in a package: {reason}")]
    Invalid {
        /// `name`, `version`, …
        what: &'static str,
        /// What it is.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file of the folder cannot be packed.
    #[error("Cannot pack {}: {reason}", path.display())]
    Unpackable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The icon is no square PNG of a useful size.
    #[error("The icon {} {reason}", path.display())]
    Icon {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The runtime that starts an AppImage was not given, or is none.
    #[error("An AppImage needs the type-2 runtime: {reason}")]
    AppImageRuntime {
        /// What is wrong.
        reason: String,
    },
    /// A program that is needed could not be started.
    #[error("Cannot run `{program}`: {error}")]
    Program {
        /// Its name or path.
        program: String,
        /// The Debian package that has it, if one has.
        debian: Option<&'static str>,
        /// Why.
        error: io::Error,
    },
    /// A program has failed.
    #[error("`{program}` failed ({status}):\n{output}")]
    Failed {
        /// Its name or path.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it wrote.
        output: String,
    },
    /// A property list of the app cannot be used.
    #[error("The property list {} cannot be used: {reason}", path.display())]
    PropertyList {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Apple has not notarised the app.
    #[error("Apple has not notarised the app:\n{answer}")]
    Notarised {
        /// What its tool has written.
        answer: String,
    },
    /// The kind of package is for another system than the app's files.
    #[error("{kind:?} is for {is_for:?}, and the app was made for {app:?}")]
    OtherSystem {
        /// The kind.
        kind: BundleKind,
        /// What it is for.
        is_for: System,
        /// What the app is for.
        app: System,
    },
    /// The RPM could not be put together.
    #[error("Cannot make the RPM: {0}")]
    Rpm(String),
}

impl InstallerError {
    /// Reports whether the app's own data is wrong, and not this machine or a tool.
    pub fn is_mistake(&self) -> bool {
        matches!(
            self,
            Self::Invalid { .. }
                | Self::Unpackable { .. }
                | Self::Icon { .. }
                | Self::AppImageRuntime { .. }
                | Self::OtherSystem { .. }
                | Self::PropertyList { .. }
        )
    }

    /// What can be done about it, one sentence each.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::File { error, .. } if error.kind() == io::ErrorKind::StorageFull => {
                "Free some disk space; what was built before is kept".to_owned()
            }
            Self::Invalid { what: "package name", .. } => {
                "Choose another with `name` in `[build]`, such as `items`".to_owned()
            }
            Self::Unpackable { .. } => {
                "Rename it, or leave it out with `exclude` in `[build]`".to_owned()
            }
            Self::Icon { .. } => {
                "Use a square PNG, ideally of 512 × 512 pixels, or remove `icon`".to_owned()
            }
            Self::AppImageRuntime { .. } => {
                "Name it in `[build.appimage]`: it is the file `runtime-ARCH` of \
                 https://github.com/AppImage/type2-runtime/releases"
                    .to_owned()
            }
            Self::Program { program, debian: None, .. } => {
                format!("Install `{program}`, and make sure that it is on PATH")
            }
            Self::Program { program, debian: Some(debian), .. } => {
                format!(
                    "Install `{program}`; on Debian and Ubuntu, it is in the package `{debian}`"
                )
            }
            Self::Notarised { .. } => {
                "See why with `xcrun notarytool log ID`, and the profile or key as for `submit`"
                    .to_owned()
            }
            Self::Failed { program, .. } if program.contains("gpg") || program == "rpmsign" => {
                "See with `gpg --list-secret-keys` whether the key of `[build.sign]` is here"
                    .to_owned()
            }
            Self::File { .. }
            | Self::Invalid { .. }
            | Self::Failed { .. }
            | Self::OtherSystem { .. }
            | Self::PropertyList { .. }
            | Self::Rpm(_) => {
                return Vec::new();
            }
        };
        vec![hint]
    }

    /// Returns a function that reports what could not be done with a file.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::File { what, path: path.to_owned(), error }
    }
}
