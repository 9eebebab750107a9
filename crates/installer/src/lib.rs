//! Turns a folder that is ready to run into what people install: `.deb`, `.rpm`, AppImage, tar;
//! installers for Windows; apps and disk images for macOS.
//!
//! It knows nothing of manifests, and does not look at what is in the folder but for the libraries
//! that the app's own program is linked to.
//!
//! # Theory of operation
//!
//! 1. All fields of a package are checked, so that nothing is half made because of a bad name.
//! 2. The folder becomes a sorted list of entries with fixed owners, modes and times; desktop
//!    files, icons and the like are added to it. The same list goes into every kind of package.
//! 3. Tar and `.deb` are compressed in parts, which are kept by the hash of what is in them: an app
//!    whose code has changed does not compress its Python again.
//! 4. The package is written beside its place and moved there when it is whole.

mod appimage;
mod archive;
mod checksums;
mod deb;
mod desktop;
mod elf;
mod error;
mod frames;
mod icon;
mod layout;
mod macos;
mod names;
mod output;
mod program;
mod rpm;
mod scratch;
mod scripts;
mod sign;
mod tarball;
mod tree;
mod windows;
mod xz;

pub use checksums::{checksums, document};
pub use error::InstallerError;
pub use macos::{MacosSigner, MacosTool, Notary};
pub use sign::{Gpg, sign};
pub use windows::{Certificate, WindowsSigner};

use std::path::{Path, PathBuf};

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
    /// A property list whose keys go into `Info.plist`, for macOS.
    pub info_plist: Option<PathBuf>,
    /// File types that it opens.
    pub file_types: Vec<FileType>,
    /// URL schemes that it opens.
    pub schemes: Vec<String>,
    /// Whether it has settings, which menus lead to.
    pub has_settings: bool,
    /// Packages of the system that it needs, besides those of the shell; by kind of package.
    pub deb_depends: Vec<String>,
    /// As `deb_depends`, for RPM.
    pub rpm_requires: Vec<String>,
    /// What it runs on.
    pub system: System,
    /// The folder: in it the program `name` (`name.exe` for Windows), `ensconce-guard`, `app/` and
    /// `runtime/`.
    pub folder: PathBuf,
    /// The processor, as Rust names it: `x86_64`, `aarch64`.
    pub arch: String,
    /// The time that all files get, in seconds since 1970. It is part of what is compressed: keep
    /// it from build to build, and what has not changed comes from the cache.
    pub time: u64,
}

impl Package {
    /// Returns the file name of the app's program.
    pub fn program(&self) -> String {
        match self.system {
            System::Windows => format!("{}.exe", self.name),
            System::Linux | System::Macos => self.name.clone(),
        }
    }
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

/// A file type that an app opens.
#[derive(Debug, Clone)]
pub struct FileType {
    /// MIME type.
    pub mime: String,
    /// Extensions without the dot.
    pub extensions: Vec<String>,
    /// What people call such a file.
    pub name: Option<String>,
}

/// A kind of package that people install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BundleKind {
    /// A package for Debian, Ubuntu and derivatives.
    Deb,
    /// A package for Fedora, openSUSE and derivatives.
    Rpm,
    /// One file that runs on most Linux systems.
    AppImage,
    /// A compressed folder.
    Tar,
    /// An installer for Windows, one `.exe`.
    Nsis,
    /// A Windows Installer package.
    Msi,
    /// A macOS app, compressed.
    App,
    /// A macOS disk image with the app in it.
    Dmg,
}

impl BundleKind {
    /// Returns the operating system that it is for.
    pub fn system(self) -> System {
        match self {
            Self::Deb | Self::Rpm | Self::AppImage | Self::Tar => System::Linux,
            Self::Nsis | Self::Msi => System::Windows,
            Self::App | Self::Dmg => System::Macos,
        }
    }
}

/// How packages are made.
pub struct Options<'a> {
    /// A folder for compressed parts, which is made if it is missing.
    pub cache: &'a Path,
    /// A folder to work in, on the same disk; what is left in it is of no use.
    pub scratch: &'a Path,
    /// The AppImage type-2 runtime of the package's processor.
    pub appimage_runtime: Option<PathBuf>,
    /// Signs `.deb` and `.rpm`.
    pub gpg: Option<&'a Gpg>,
    /// Signs installers for Windows, and the programs in them.
    pub windows_signer: Option<&'a WindowsSigner>,
    /// Signs apps for macOS.
    pub macos_signer: Option<&'a MacosSigner>,
    /// Called with the bytes done and in total, from any thread.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// A package that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of it, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// Checks all that can be known to be wrong before the folder is filled.
///
/// # Errors
/// When a field of the package is invalid, or a kind lacks what it needs.
pub fn check(
    kinds: &[BundleKind],
    package: &Package,
    options: &Options<'_>,
) -> Result<(), InstallerError> {
    let versions = names::check(package)?;
    for kind in kinds {
        check_system(*kind, package)?;
        names::file_name(*kind, package, &versions)?;
    }
    match package.system {
        System::Linux => {}
        System::Windows => windows::check(package)?,
        System::Macos => macos::check(package, options)?,
    }
    if kinds.contains(&BundleKind::AppImage) {
        appimage::read_runtime(package, options)?;
    }
    icon::sizes(package).map(|_| ())
}

/// Makes a package in the folder `out`, with the usual name of its kind.
///
/// An existing file of that name is replaced once the new one is complete, and kept otherwise.
///
/// # Errors
/// When a field of the package is invalid, or a file cannot be read or written.
pub fn write(
    kind: BundleKind,
    package: &Package,
    options: &Options<'_>,
    out: &Path,
) -> Result<Built, InstallerError> {
    check(&[kind], package, options)?;
    let versions = names::check(package)?;
    let target = out.join(names::file_name(kind, package, &versions)?);
    let app = tree::read(package)?;
    match kind {
        BundleKind::Deb => deb::write(package, &versions, app, options, &target),
        BundleKind::Rpm => rpm::write(package, &versions, app, options, &target),
        BundleKind::AppImage => appimage::write(package, app, options, &target),
        BundleKind::Tar => tarball::write(package, app, options, &target),
        BundleKind::Nsis => windows::write_nsis(package, app, options, &target),
        BundleKind::Msi => windows::write_msi(package, app, options, &target),
        BundleKind::App => macos::write_app(package, app, options, &target),
        BundleKind::Dmg => macos::write_dmg(package, app, options, &target),
    }
}

fn check_system(kind: BundleKind, package: &Package) -> Result<(), InstallerError> {
    if kind.system() == package.system {
        return Ok(());
    }
    Err(InstallerError::OtherSystem { kind, is_for: kind.system(), app: package.system })
}
