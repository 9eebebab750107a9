//! Apps of macOS: a bundle, alone and compressed, or in a disk image.
//!
//! The folder of the app is put apart: its programs go into `Contents/MacOS`, everything else into
//! `Contents/Resources`, where the shell looks for it.

mod bundle;
mod image;
mod info;
mod mach;
mod sign;
mod zip;

use std::path::Path;

pub use sign::{MacosSigner, MacosTool, Notary};

use crate::output::Output;
use crate::tree::Entry;
use crate::{Built, InstallerError, Options, Package};
use bundle::Bundle;

/// Writes `NAME-VERSION-macos-ARCH.zip`, which is the app when it is opened.
pub(crate) fn write_app(
    package: &Package,
    app: Vec<Entry>,
    options: &Options<'_>,
    target: &Path,
) -> Result<Built, InstallerError> {
    let bundle = signed(package, app, options)?;
    let mut output = Output::begin(target)?;
    zip::write(&bundle, package.time, &mut output)?;
    output.finish(false)
}

/// Writes `NAME-VERSION-macos-ARCH.dmg`, in which the app lies beside the folder for apps.
pub(crate) fn write_dmg(
    package: &Package,
    app: Vec<Entry>,
    options: &Options<'_>,
    target: &Path,
) -> Result<Built, InstallerError> {
    let bundle = signed(package, app, options)?;
    let image = image::make(&bundle, package)?;
    if let Some(signer) = options.macos_signer {
        signer.sign_image(&image)?;
    }
    let mut output = Output::begin(target)?;
    output.copy(&image)?;
    output.finish(false)
}

/// Checks what a bundle cannot hold, before anything is made.
pub(crate) fn check(package: &Package, options: &Options<'_>) -> Result<(), InstallerError> {
    bundle::check(package)?;
    info::check(package)?;
    options.macos_signer.map_or(Ok(()), MacosSigner::check)
}

/// Assembles the bundle, signed if that is wanted.
fn signed(
    package: &Package,
    app: Vec<Entry>,
    options: &Options<'_>,
) -> Result<Bundle, InstallerError> {
    let bundle = Bundle::make(package, app, crate::scratch::folder(options.scratch)?)?;
    if let Some(signer) = options.macos_signer {
        sign::bundle(signer, &bundle, package)?;
    }
    Ok(bundle)
}
