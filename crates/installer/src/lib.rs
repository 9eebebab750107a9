//! Turns a folder that is ready to run into what people install: `.deb`, `.rpm`, AppImage, tar.
//!
//! It knows nothing of manifests, and does not look at what is in the folder.

mod error;

pub use error::InstallerError;

use std::path::PathBuf;

/// An app that is ready to be packed.
#[derive(Debug, Clone)]
pub struct Package {
    /// Name of the package and of its program, such as `items`.
    pub name: String,
    /// Reverse-DNS name, such as `com.example.items`.
    pub id: String,
    /// The name that people see.
    pub title: String,
    /// Semantic version.
    pub version: String,
    /// One line that says what it is for; the title when the app does not say.
    pub description: String,
    /// `Name <address@example.com>`.
    pub publisher: Option<String>,
    /// Address of the home page.
    pub homepage: Option<String>,
    /// SPDX expression.
    pub license: Option<String>,
    /// Categories of freedesktop.org.
    pub categories: Vec<String>,
    /// A square PNG.
    pub icon: Option<PathBuf>,
    /// Kinds of files that it opens.
    pub file_types: Vec<FileType>,
    /// Schemes of addresses that it opens.
    pub schemes: Vec<String>,
    /// Packages of the system that it needs, besides those of the shell; by kind of package.
    pub deb_depends: Vec<String>,
    /// As `deb_depends`, for RPM.
    pub rpm_requires: Vec<String>,
    /// The folder: in it the program `name`, `ensconce-guard`, `app/` and `runtime/`.
    pub folder: PathBuf,
    /// The processor, as Rust names it: `x86_64`, `aarch64`.
    pub arch: String,
    /// The time that all files get, in seconds since 1970.
    pub time: u64,
}

/// A kind of files that an app opens.
#[derive(Debug, Clone)]
pub struct FileType {
    /// MIME type.
    pub mime: String,
    /// Extensions without the dot.
    pub extensions: Vec<String>,
    /// What people call such a file.
    pub name: Option<String>,
}
