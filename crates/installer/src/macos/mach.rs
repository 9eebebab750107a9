//! Finds what has to be signed: programs and libraries, wherever they lie, by their first bytes.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use goblin::mach::header::MH_EXECUTE;
use goblin::mach::{Mach, MultiArch, SingleArch};

use crate::InstallerError;

/// The first bytes of a program or library for one processor, in both orders.
const THIN: [[u8; 4]; 4] = [
    [0xfe, 0xed, 0xfa, 0xce],
    [0xfe, 0xed, 0xfa, 0xcf],
    [0xce, 0xfa, 0xed, 0xfe],
    [0xcf, 0xfa, 0xed, 0xfe],
];

/// The first bytes of one for several processors, and, alas, of Java's classes.
const FAT: [u8; 4] = [0xca, 0xfe, 0xba, 0xbe];

/// Java counts its versions where the number of processors stands, from 45 on.
const MOST_PROCESSORS: u8 = 44;

/// A program or library.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) path: PathBuf,
    /// Whether it can be started, and so needs permissions of its own.
    pub(super) is_program: bool,
}

/// All programs and libraries below a folder, those that lie deepest first.
pub(super) fn inside_out(folder: &Path) -> Result<Vec<Binary>, InstallerError> {
    let mut found = Vec::new();
    search(folder, &mut found)?;
    let depth = |binary: &Binary| binary.path.components().count();
    found.sort_by(|one, other| {
        depth(other).cmp(&depth(one)).then_with(|| one.path.cmp(&other.path))
    });
    Ok(found)
}

fn search(folder: &Path, found: &mut Vec<Binary>) -> Result<(), InstallerError> {
    for entry in fs::read_dir(folder).map_err(InstallerError::file("read", folder))? {
        let entry = entry.map_err(InstallerError::file("read", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(InstallerError::file("read", &path))?;
        if kind.is_dir() {
            search(&path, found)?;
        } else if kind.is_file() && is_binary(&path)? {
            let data = fs::read(&path).map_err(InstallerError::file("read", &path))?;
            found.push(Binary { is_program: is_program(&data), path });
        }
    }
    Ok(())
}

fn is_binary(path: &Path) -> Result<bool, InstallerError> {
    let mut first = Vec::new();
    let file = fs::File::open(path).map_err(InstallerError::file("read", path))?;
    file.take(8).read_to_end(&mut first).map_err(InstallerError::file("read", path))?;
    Ok(match first.as_slice() {
        [a, b, c, d, rest @ ..] => {
            let magic = [*a, *b, *c, *d];
            let is_fat = magic == FAT
                && matches!(rest, [0, 0, 0, processors] if *processors <= MOST_PROCESSORS);
            THIN.contains(&magic) || is_fat
        }
        _ => false,
    })
}

fn is_program(data: &[u8]) -> bool {
    match Mach::parse(data) {
        Ok(Mach::Binary(binary)) => binary.header.filetype == MH_EXECUTE,
        Ok(Mach::Fat(parts)) => has_program(&parts),
        Err(_) => false,
    }
}

fn has_program(parts: &MultiArch<'_>) -> bool {
    parts.into_iter().flatten().any(
        |part| matches!(part, SingleArch::MachO(binary) if binary.header.filetype == MH_EXECUTE),
    )
}
