//! Inspects ELF files for shared libraries that a user's machine may not have.
//!
//! # Theory of operation
//!
//! The rule is that of glibc's loader, with nothing of the machine in it but glibc itself and what
//! the manifest names:
//!
//! 1. A file's `NEEDED` library is found if one of that name is loaded already, which goes by the
//!    `SONAME`s of what was loaded before it, breadth first from the program.
//! 2. Else in the file's own `RUNPATH`; or, when it has none, in its `RPATH` and those of the files
//!    that loaded it, up to the program. `$ORIGIN` is the file's folder. Absolute folders do not
//!    count: they are of the build machine.
//! 3. Programs begin such a search. So does each library that no program's search has come to:
//!    something opens it while it runs. When its own paths do not lead to all it needs, each program
//!    of the same part (`app`, `runtime/NAME`; all programs, if the part has none) is taken for the
//!    one that opens it, with what that program has loaded at its start, and its `RPATH`. One that
//!    lets it find everything is enough.
//! 4. What is missing is then mended, where it can be: a library in the same part is made to be
//!    found, one of this machine is brought along.
//! 5. Files for another processor or another C library can never be loaded, and are left out.

mod binary;
mod bring;
mod patch;
mod tree;

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use bring::bring_along;
use tree::Tree;

use crate::PayloadError;

/// A library that a file needs and does not find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The file, relative to the payload.
    pub file: PathBuf,
    /// The library, such as `libpulse.so.0`.
    pub library: String,
    /// Where there is one, but not where the file looks.
    pub elsewhere: Option<PathBuf>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} needs {}", self.file.display(), self.library)?;
        match &self.elsewhere {
            Some(path) => write!(f, " (it does not look in {})", path.display()),
            None => Ok(()),
        }
    }
}

/// What a folder's ELF files ask of a machine.
#[derive(Debug)]
pub(crate) struct Needs {
    /// What they do not find.
    pub(crate) missing: Vec<Missing>,
    /// The oldest glibc that has all that they use.
    pub(crate) glibc: Option<(u32, u32)>,
}

/// Returns what a folder's ELF files ask of a machine that has the `system` libraries.
pub(crate) fn needs(root: &Path, system: &[String]) -> Result<Needs, PayloadError> {
    let tree = Tree::read(root)?;
    Ok(Needs { missing: tree.missing(system), glibc: tree.glibc() })
}

/// Reports whether a library is part of glibc, which every system brings itself.
fn is_glibc(library: &str) -> bool {
    const GLIBC: [&str; 9] = [
        "libc.so.6",
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "librt.so.1",
        "libresolv.so.2",
        "libutil.so.1",
        "libmvec.so.1",
        "libanl.so.1",
    ];
    GLIBC.contains(&library) || (library.starts_with("ld-linux") && library.contains(".so."))
}

#[cfg(test)]
mod tests;
