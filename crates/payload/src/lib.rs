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
//! 4. `runtime/programs.json` says where the installed app's programs are.
//! 5. Every binary is inspected for shared libraries that a user's machine may not have.

mod appimage;
mod assemble;
mod beam;
mod cache;
mod copy;
mod elf;
mod error;
mod fetch;
mod files;
mod other_machines;
mod runtime;
mod sbom;
mod steps;
mod tool;
mod unpack;
mod walk;

pub use appimage::appimage_runtime;
pub use assemble::assemble;
pub use cache::{Cache, Key, Scratch};
pub use elf::Missing;
pub use ensconce_plan::Programs;
pub use error::{FetchFault, PayloadError};
pub use runtime::python::PythonError;
pub use sbom::sbom;

use std::path::{Path, PathBuf};

use ensconce_manifest::{Manifest, Platform};
use serde::{Deserialize, Serialize};

/// What to assemble, and where.
pub struct Request<'a> {
    /// The checked manifest.
    pub manifest: &'a Manifest,
    /// The manifest's folder, absolute.
    pub folder: &'a Path,
    /// The target.
    pub target: &'a Target,
    /// What was made before.
    pub cache: &'a Cache,
    /// An empty folder, which gets `app/` and `runtime/`.
    pub out: &'a Path,
    /// The folder that finished packages are in, absolute: they do not go into the next ones.
    pub packages: &'a Path,
    /// Receives the progress.
    pub progress: &'a dyn Progress,
}

impl Request<'_> {
    /// The folders that builds write, which are not part of the app, wherever they are.
    pub(crate) fn written(&self) -> Vec<PathBuf> {
        [self.out, self.cache.root(), self.packages].map(Path::to_owned).to_vec()
    }
}

/// A target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its operating system.
    pub platform: Platform,
    /// Its processor, as Rust names it: `x86_64`, `aarch64`.
    pub arch: &'static str,
    /// Its full name, such as `x86_64-unknown-linux-gnu`.
    pub triple: &'static str,
}

impl Target {
    /// The machines that are like this one.
    pub fn host() -> Self {
        let platform = if cfg!(windows) {
            Platform::Windows
        } else if cfg!(target_os = "macos") {
            Platform::Macos
        } else {
            Platform::Linux
        };
        Self { platform, arch: std::env::consts::ARCH, triple: env!("TARGET_TRIPLE") }
    }

    /// The machines of a triple that apps are made for, this machine's among them.
    pub fn named(triple: &str) -> Option<Self> {
        Self::all().into_iter().find(|target| target.triple == triple)
    }

    /// All that apps are made for.
    pub fn all() -> Vec<Self> {
        let known =
            KNOWN.into_iter().map(|(platform, arch, triple)| Self { platform, arch, triple });
        let host = Self::host();
        let others = known.filter(|target| target.triple != host.triple);
        std::iter::once(host.clone()).chain(others).collect()
    }

    /// The usual machines of a platform: this one, or those that most people have.
    pub fn usual(platform: Platform) -> Self {
        let all = Self::all();
        all.into_iter().find(|target| target.platform == platform).unwrap_or_else(Self::host)
    }

    /// Reports whether programs for it run here.
    pub fn is_here(&self) -> bool {
        let host = Self::host();
        self.platform == host.platform && self.arch == host.arch
    }
}

/// What apps are made for; of each platform, what most people have stands first.
const KNOWN: [(Platform, &str, &str); 7] = [
    (Platform::Linux, "x86_64", "x86_64-unknown-linux-gnu"),
    (Platform::Linux, "aarch64", "aarch64-unknown-linux-gnu"),
    (Platform::Windows, "x86_64", "x86_64-pc-windows-msvc"),
    (Platform::Windows, "aarch64", "aarch64-pc-windows-msvc"),
    (Platform::Windows, "x86_64", "x86_64-pc-windows-gnu"),
    (Platform::Macos, "aarch64", "aarch64-apple-darwin"),
    (Platform::Macos, "x86_64", "x86_64-apple-darwin"),
];

/// Receives the progress of a build, from any thread.
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
#[derive(Debug, Default)]
pub struct Payload {
    /// Its parts, such as `Python`, for the summary.
    pub parts: Vec<Part>,
    /// The third-party packages inside, for the SBOM.
    pub components: Vec<Component>,
    /// The oldest glibc, such as 2.34, on which all that was assembled runs; none when nothing in
    /// it needs one.
    pub glibc: Option<(u32, u32)>,
}

/// A part of the payload.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name for people.
    pub name: String,
    /// Its folder, below [`Request::out`].
    pub folder: PathBuf,
}

/// A third-party package that is inside.
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
