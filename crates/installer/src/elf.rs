//! Reads which libraries of the system the app's own programs are linked to.
//!
//! Everything else in the folder is up to the payload, which includes its libraries or declares
//! what it needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use goblin::elf::Elf;

use crate::{InstallerError, Package};

/// What programs need of the system.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Such as `libgtk-3.so.0`, without the loader.
    pub(crate) libraries: BTreeSet<String>,
    /// The newest version of glibc that one asks for, such as `(2, 34)`.
    pub(crate) glibc: Option<(u32, u32)>,
    /// Whether they are 64-bit programs.
    pub(crate) wide: bool,
}

/// Reads the programs of Ensconce; one that is not an ELF file, such as a script, needs nothing.
pub(crate) fn needs(package: &Package) -> Result<Needs, InstallerError> {
    let mut needs = Needs::default();
    let own = ["ensconce-guard", "ensconce-helper", "libensconce_window.so"];
    for name in [package.name.as_str()].into_iter().chain(own) {
        let path = package.folder.join(name);
        if path.exists() {
            read(&path, &mut needs)?;
        }
    }
    Ok(needs)
}

fn read(path: &Path, needs: &mut Needs) -> Result<(), InstallerError> {
    let data = fs::read(path).map_err(InstallerError::file("read", path))?;
    if !data.starts_with(b"\x7fELF") {
        return Ok(());
    }
    let elf = Elf::parse(&data).map_err(|_| InstallerError::Unpackable {
        path: path.to_owned(),
        reason: "it is a damaged ELF file",
    })?;
    needs.wide |= elf.is_64;
    let loader = |name: &&&str| !name.starts_with("ld-");
    needs.libraries.extend(elf.libraries.iter().filter(loader).map(|name| (*name).to_owned()));
    let versions = elf.verneed.iter().flat_map(|needed| needed.iter());
    for version in versions.flat_map(|needed| needed.iter().collect::<Vec<_>>()) {
        let name = elf.dynstrtab.get_at(version.vna_name).unwrap_or_default();
        needs.glibc = needs.glibc.max(glibc(name));
    }
    Ok(())
}

/// `(2, 34)` of `GLIBC_2.34`.
fn glibc(name: &str) -> Option<(u32, u32)> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
