//! A disk image: the app, and a link to the folder that it is dragged into.
//!
//! On macOS `hdiutil` makes it. Elsewhere it is a file system of CDs with the names and modes of
//! Unix, by `xorriso`, which macOS mounts as well: Bitcoin Core's images were made in this way.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::bundle::Bundle;
use crate::{InstallerError, Package, program};

/// Names of volumes on CDs have no more.
const LONGEST_NAME: usize = 32;

/// Makes the image, and says where it is.
pub(super) fn make(bundle: &Bundle, package: &Package) -> Result<PathBuf, InstallerError> {
    link_to_applications(bundle)?;
    let image = bundle.work().join("app.dmg");
    if cfg!(target_os = "macos") {
        program::run(&mut hdiutil(bundle, package, &image), None)?;
    } else {
        program::run(&mut xorriso(bundle, package, &image), Some("xorriso"))?;
    }
    Ok(image)
}

#[cfg(unix)]
fn link_to_applications(bundle: &Bundle) -> Result<(), InstallerError> {
    let link = bundle.folder().join("Applications");
    let made = std::os::unix::fs::symlink("/Applications", &link);
    made.map_err(InstallerError::file("make", &link))
}

#[cfg(not(unix))]
fn link_to_applications(bundle: &Bundle) -> Result<(), InstallerError> {
    let link = bundle.folder().join("Applications");
    let why = std::io::Error::other("images for macOS are made on macOS or Linux");
    Err(InstallerError::file("make", &link)(why))
}

fn hdiutil(bundle: &Bundle, package: &Package, image: &Path) -> Command {
    let mut command = Command::new("hdiutil");
    command.args(["create", "-quiet", "-ov", "-format", "UDZO", "-fs", "HFS+", "-volname"]);
    command.arg(&package.title).arg("-srcfolder").arg(bundle.folder()).arg(image);
    command
}

fn xorriso(bundle: &Bundle, package: &Package, image: &Path) -> Command {
    let time = package.time.to_string();
    let mut command = Command::new("xorrisofs");
    // It takes what is not said, such as the image's own number, from this time.
    command.env("SOURCE_DATE_EPOCH", &time);
    command.args(["-quiet", "-D", "-l", "-no-pad", "-r", "-dir-mode", "0755"]);
    command.arg("-V").arg(volume(package)).arg("-o").arg(image).arg(bundle.folder());
    command.args(["--", "-volume_date", "all_file_dates", &format!("={time}")]);
    command
}

/// The title, when a CD can have it as its name; else the name of the package.
fn volume(package: &Package) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    let fits = package.title.len() <= LONGEST_NAME && package.title.chars().all(plain);
    let name = if fits { &package.title } else { &package.name };
    name.chars().take(LONGEST_NAME).collect()
}
