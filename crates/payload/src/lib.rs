//! Assembles what an installed app is made of: its files, and the runtimes that they need.
//!
//! It reads the manifest's `[build]` and writes a folder; what kind of package that becomes is the
//! installer's business.
//!
//! # Theory of operation
//!
//! 1. The build steps run, those whose inputs have changed.
//! 2. Files are chosen ([`Request::out`]`/app`): the layout of the app's own folder, so that every
//!    relative path of the manifest holds in the installed app too.
//! 3. Each runtime (Python, Node, a program) is made once into the cache, by a key of everything
//!    that decides what it is, and copied to `runtime/`.
//! 4. `runtime/programs.json` tells the installed app which program is where.
//! 5. Every binary is looked through for shared libraries that a user's machine may not have.

mod cache;
mod copy;
mod elf;
mod error;
mod fetch;
mod runtime;
mod tool;
mod unpack;

pub use cache::{Cache, Key};
pub use elf::Missing;
pub use error::{FetchFault, PayloadError};
pub use runtime::python::PythonError;

use std::path::{Path, PathBuf};

use ensconce_manifest::{Manifest, Platform};
use serde::{Deserialize, Serialize};

/// What to assemble, and where.
pub struct Request<'a> {
    /// The checked manifest.
    pub manifest: &'a Manifest,
    /// The manifest's folder, absolute.
    pub folder: &'a Path,
    /// What machines it is for.
    pub target: &'a Target,
    /// What was made before.
    pub cache: &'a Cache,
    /// An empty folder, which gets `app/` and `runtime/`.
    pub out: &'a Path,
    /// Is told how it goes.
    pub progress: &'a dyn Progress,
}

/// A kind of machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its operating system.
    pub platform: Platform,
    /// Its processor, as Rust names it: `x86_64`, `aarch64`.
    pub arch: &'static str,
    /// Its full name, such as `x86_64-unknown-linux-gnu`.
    pub triple: &'static str,
}

/// Is told how a build goes; any thread may tell it.
pub trait Progress: Sync {
    /// A piece of work begins; the one before it is done.
    fn begin(&self, what: &str);
    /// So many bytes of it are done, of so many if that is known.
    fn bytes(&self, done: u64, total: Option<u64>);
    /// A line that a tool has written.
    fn line(&self, line: &str);
    /// Something that the developer should know when it is over.
    fn warn(&self, text: &str);
}

/// What was assembled.
#[derive(Debug)]
pub struct Payload {
    /// Its parts, such as `Python`, for the summary.
    pub parts: Vec<Part>,
    /// The packages of others inside, for the SBOM.
    pub components: Vec<Component>,
}

/// A part of the payload.
#[derive(Debug, Clone)]
pub struct Part {
    /// What people call it.
    pub name: String,
    /// Its folder, below [`Request::out`].
    pub folder: PathBuf,
}

/// A package of someone else that is inside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// Its package URL, such as `pkg:pypi/fastapi@0.115.0`.
    pub purl: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SPDX expression of its licence, when it says one.
    pub license: Option<String>,
}

/// Which program of the installed app is where: what `runtime/programs.json` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    /// The name that commands use (`python`, `node`, that of a `[build.program]`), and the file,
    /// relative to `runtime/`, with `/` on every platform.
    pub programs: std::collections::BTreeMap<String, String>,
}
