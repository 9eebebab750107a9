//! Everything that can keep the app's own Python from being made.

use std::path::PathBuf;

/// What keeps the app's own Python from being made.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// The manifest does not say which interpreter.
    #[error("`[build.python]` does not say which interpreter to include: `{missing}` is missing")]
    NoVersion {
        /// The key that is missing.
        missing: &'static str,
    },
    /// The manifest does not say the hash of the interpreter's archive.
    #[error("`[build.python]` does not say the SHA-256 of `{archive}`")]
    NoHash {
        /// The archive.
        archive: String,
        /// What its release says, when it says it.
        sha256: Option<String>,
    },
    /// A release has no such interpreter.
    #[error("There is no `{archive}` in release `{release}` of python-build-standalone")]
    NoSuchArchive {
        /// The archive.
        archive: String,
        /// The release.
        release: String,
        /// The versions that it has for this kind of machines.
        versions: Vec<String>,
    },
    /// What is needed to make it runs on another kind of machines.
    #[error("Python for `{target}` cannot be assembled on `{machine}`")]
    OtherMachine {
        /// The kind of machines that the app is for.
        target: String,
        /// This machine.
        machine: String,
    },
    /// There is no interpreter.
    #[error("There is no Python interpreter: {looked_for}")]
    NoInterpreter {
        /// Where it was looked for.
        looked_for: String,
    },
    /// An interpreter does not run, or cannot be used.
    #[error("The Python interpreter {} cannot be used: {why}", path.display())]
    Interpreter {
        /// The interpreter.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The program that installs packages is missing.
    #[error("`uv`, which installs the app's Python packages, was not found")]
    NoUv,
    /// A program that is needed failed.
    #[error("{what} failed:\n{output}")]
    Tool {
        /// What was done.
        what: String,
        /// The last lines that it wrote.
        output: String,
    },
    /// A lock file is not what its project asks for.
    #[error("{} does not match {}", lock.display(), project.display())]
    LockMismatch {
        /// The lock file.
        lock: PathBuf,
        /// The project file.
        project: PathBuf,
        /// How the two are brought together.
        command: &'static str,
    },
    /// A lock file or project file cannot be used.
    #[error("{} cannot be used: {why}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
        /// What can be done about it.
        hint: &'static str,
    },
    /// Several folders say what the app depends on.
    #[error("Several files say which Python packages the app needs: {}", listed(files))]
    SeveralLocks {
        /// The files, relative to the manifest.
        files: Vec<PathBuf>,
    },
    /// There is no such extra or group.
    #[error("`[build.python] extras` names `{name}`, which {} does not have", path.display())]
    NoSuchExtra {
        /// The extra or group.
        name: String,
        /// The file that should have it.
        path: PathBuf,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A package is only a reference to a folder of this machine.
    #[error("`{package}` is installed in place, from {place}, and would be missing in the package")]
    Editable {
        /// The package, or the line that asks for it.
        package: String,
        /// The folder.
        place: String,
    },
    /// A package comes from outside the app's folder.
    #[error("`{package}` comes from {}, outside the app's folder", place.display())]
    Outside {
        /// The package, or the line that asks for it.
        package: String,
        /// The folder.
        place: PathBuf,
    },
}

impl PythonError {
    /// Reports whether the manifest or a lock file is wrong, and not this machine or a tool.
    pub(crate) fn is_mistake(&self) -> bool {
        !matches!(self, Self::Interpreter { .. } | Self::Tool { .. })
    }

    /// What can be done about it, one sentence each.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::NoVersion { .. } => "Give `version` and `release`, such as \
                 `version = \"3.12.12\"` and `release = \"20251014\"`, or `source = \"local\"` to \
                 take this machine's"
                .to_owned(),
            Self::NoHash { sha256: Some(sha256), .. } => format!(
                "If you trust the release, add to `[build.python]`: `sha256 = \"{sha256}\"`"
            ),
            Self::NoHash { sha256: None, .. } => {
                "Add `sha256` to `[build.python]`, from where the archive is published".to_owned()
            }
            Self::NoSuchArchive { versions, .. } if versions.is_empty() => {
                "See the releases at https://github.com/astral-sh/python-build-standalone/releases"
                    .to_owned()
            }
            Self::NoSuchArchive { versions, .. } => {
                format!("The release has {}", versions.join(", "))
            }
            Self::OtherMachine { target, .. } => format!("Build it on a machine for `{target}`"),
            Self::NoInterpreter { .. } => "Give `interpreter` in `[build.python]`, or make a \
                 virtual environment `.venv` beside the manifest"
                .to_owned(),
            Self::Interpreter { .. } => {
                "CPython 3.9 or newer is needed; set `interpreter` in `[build.python]`".to_owned()
            }
            Self::NoUv => {
                "Install it with `pip install uv`, or as https://docs.astral.sh/uv says".to_owned()
            }
            Self::Tool { .. } => return Vec::new(),
            Self::LockMismatch { command, .. } => format!("Run `{command}`, and build again"),
            Self::Lock { hint, .. } => (*hint).to_owned(),
            Self::SeveralLocks { .. } => {
                "Name the one to use with `dependencies` in `[build.python]`".to_owned()
            }
            Self::NoSuchExtra { known, .. } if known.is_empty() => {
                "It has no extras and no groups; remove `extras`".to_owned()
            }
            Self::NoSuchExtra { known, .. } => format!("It has {}", known.join(", ")),
            Self::Editable { .. } => "Take it out: the app's own files come with the app; set \
                 `PYTHONPATH = \"{resources}/src\"` in `env` if they are to be imported"
                .to_owned(),
            Self::Outside { .. } => {
                "Move it below the manifest's folder, or build a wheel from it".to_owned()
            }
        };
        vec![hint]
    }
}

fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|file| format!("`{}`", file.display())).collect::<Vec<_>>().join(", ")
}
