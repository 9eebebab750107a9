//! Installers for Windows, which need no Windows to be made: NSIS and Windows Installer.
//!
//! Both install for one user, below `%LOCALAPPDATA%\Programs`, and need no administrator.

mod files;
mod msi;
mod nsis;
mod registry;
mod sign;

use std::path::Path;

use tempfile::TempDir;

pub use sign::{Certificate, WindowsSigner};

use crate::output::Output;
use crate::tree::Entry;
use crate::{BuiltPackage, InstallerError, Package, PackageOptions};
use files::File;

/// So many letters of a title are in the name of its entry in the start menu.
const LONGEST_SHORTCUT: usize = 100;

/// What both kinds are made of.
struct Contents<'a> {
    package: &'a Package,
    options: &'a PackageOptions<'a>,
    /// Everything to install, sorted by path.
    files: Vec<File>,
    /// Folders that have nothing in them, and those on the way to files.
    folders: Vec<String>,
    /// A folder to work in.
    work: TempDir,
}

/// Writes `NAME-VERSION-ARCH-setup.exe`.
pub(crate) fn write_nsis(
    package: &Package,
    app: Vec<Entry>,
    options: &PackageOptions<'_>,
    target: &Path,
) -> Result<BuiltPackage, InstallerError> {
    let contents = contents(package, app, options)?;
    finish(&nsis::make(&contents)?, options, target)
}

/// Writes `NAME-VERSION-ARCH.msi`.
pub(crate) fn write_msi(
    package: &Package,
    app: Vec<Entry>,
    options: &PackageOptions<'_>,
    target: &Path,
) -> Result<BuiltPackage, InstallerError> {
    let contents = contents(package, app, options)?;
    finish(&msi::make(&contents)?, options, target)
}

/// Checks what these installers cannot hold, before anything is made.
pub(crate) fn check(package: &Package) -> Result<(), InstallerError> {
    nsis::check(package)?;
    crate::names::numbers(package).map(|_| ())
}

fn contents<'a>(
    package: &'a Package,
    app: Vec<Entry>,
    options: &'a PackageOptions<'a>,
) -> Result<Contents<'a>, InstallerError> {
    let work = crate::scratch::folder(options.scratch)?;
    let listed = files::list(package, app)?;
    let mut contents =
        Contents { package, options, files: listed.files, folders: listed.folders, work };
    if let Some(signer) = options.windows_signer {
        sign::files(signer, &mut contents.files, contents.work.path())?;
    }
    files::collect(&contents.files, contents.work.path())?;
    Ok(contents)
}

/// Signs what was made and puts it into its place.
fn finish(
    made: &Path,
    options: &PackageOptions<'_>,
    target: &Path,
) -> Result<BuiltPackage, InstallerError> {
    if let Some(signer) = options.windows_signer {
        signer.sign(made)?;
    }
    let mut output = Output::begin(target)?;
    output.copy(made)?;
    output.finish(false)
}

/// The picture of shortcuts and kinds of files: the icon, or else the program.
fn picture(package: &Package) -> String {
    match package.icon {
        Some(_) => format!("{}.ico", package.name),
        None => package.program(),
    }
}

/// The app's title as the name of a file.
fn shortcut(package: &Package) -> String {
    let plain = |c: char| if files::FORBIDDEN.contains(c) { '-' } else { c };
    let name: String = package.title.chars().map(plain).take(LONGEST_SHORTCUT).collect();
    name.trim_end_matches(['.', ' ']).trim().to_owned()
}
