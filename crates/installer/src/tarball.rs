//! A compressed folder: unpack it anywhere and run the program in it.

use std::path::Path;

use crate::frames::Codec;
use crate::output::Output;
use crate::tree::Entry;
use crate::{BuiltPackage, InstallerError, Package, PackageOptions, frames, layout};

/// Writes `NAME-VERSION-linux-ARCH.tar.zst` with the one folder `NAME-VERSION/`.
pub(crate) fn write(
    package: &Package,
    app: Vec<Entry>,
    options: &PackageOptions<'_>,
    target: &Path,
) -> Result<BuiltPackage, InstallerError> {
    let top = format!("{}-{}", package.name, package.version);
    let parts = layout::portable(package, app, &top)?;
    let stream = frames::compress(Codec::Zstd, &parts, package.time, options)?;
    let mut output = Output::begin(target)?;
    stream.copy(output.file(), target)?;
    output.finish(false)
}
