//! What one ELF file says about itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use goblin::elf::Elf;
use goblin::elf::header::{EM_X86_64, ET_DYN, ET_EXEC};

/// What one ELF file says about itself.
#[derive(Debug, Clone)]
pub(super) struct Binary {
    /// The processor, class and byte order: libraries fit programs that have the same.
    pub(super) machine: Machine,
    pub(super) soname: Option<String>,
    pub(super) needed: Vec<String>,
    pub(super) rpath: Vec<String>,
    pub(super) runpath: Vec<String>,
    /// Whether it can be started.
    pub(super) is_program: bool,
    /// The newest version of glibc's symbols that it uses.
    pub(super) glibc: Option<(u32, u32)>,
    /// Whether it is linked to another C library than glibc.
    pub(super) is_foreign: bool,
}

/// The processor, class and byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) processor: u16,
    pub(super) is_64: bool,
    pub(super) is_little_endian: bool,
}

impl Machine {
    /// The processor that this program itself runs on, or an unknown one.
    pub(super) fn own() -> Self {
        let processor = match std::env::consts::ARCH {
            "x86_64" => EM_X86_64,
            "aarch64" => goblin::elf::header::EM_AARCH64,
            "riscv64" => goblin::elf::header::EM_RISCV,
            _ => 0,
        };
        Self { processor, is_64: true, is_little_endian: true }
    }
}

impl Binary {
    /// Reads a file; none if it is not an ELF file that can be loaded.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut magic = [0; 4];
        match file.read_exact(&mut magic) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        if magic != *b"\x7fELF" {
            return Ok(None);
        }
        let mut bytes = magic.to_vec();
        file.read_to_end(&mut bytes)?;
        // What cannot be read cannot be loaded either: test data of packages, mostly.
        Ok(Elf::parse(&bytes).ok().and_then(|elf| Self::of(&elf)))
    }

    fn of(elf: &Elf<'_>) -> Option<Self> {
        if !matches!(elf.header.e_type, ET_DYN | ET_EXEC) {
            return None;
        }
        let needed: Vec<String> = elf.libraries.iter().map(|name| (*name).to_owned()).collect();
        let interpreter = elf.interpreter.unwrap_or_default();
        let is_foreign = interpreter.contains("ld-musl")
            || needed.iter().any(|name| name.starts_with("libc.musl-") || name == "libc.so");
        Some(Self {
            machine: Machine {
                processor: elf.header.e_machine,
                is_64: elf.is_64,
                is_little_endian: elf.little_endian,
            },
            soname: elf.soname.map(str::to_owned),
            rpath: split(&elf.rpaths),
            runpath: split(&elf.runpaths),
            is_program: elf.interpreter.is_some() || elf.header.e_type == ET_EXEC,
            glibc: glibc(elf),
            is_foreign,
            needed,
        })
    }
}

fn split(paths: &[&str]) -> Vec<String> {
    let parts = paths.iter().flat_map(|paths| paths.split(':'));
    parts.filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

/// Expands the folder of a search path; none when it is not relative to the file.
pub(super) fn expand(entry: &str, origin: &Path) -> Option<PathBuf> {
    let rest = entry.strip_prefix("$ORIGIN").or_else(|| entry.strip_prefix("${ORIGIN}"))?;
    if rest.is_empty() {
        return Some(origin.to_owned());
    }
    Some(origin.join(rest.strip_prefix('/')?))
}

fn glibc(elf: &Elf<'_>) -> Option<(u32, u32)> {
    let needs = elf.verneed.as_ref()?;
    needs
        .iter()
        .flat_map(|library| library.iter().collect::<Vec<_>>())
        .filter_map(|version| elf.dynstrtab.get_at(version.vna_name))
        .filter_map(glibc_version)
        .max()
}

fn glibc_version(symbol_version: &str) -> Option<(u32, u32)> {
    let mut parts = symbol_version.strip_prefix("GLIBC_")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
