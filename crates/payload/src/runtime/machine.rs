//! Finds out what machines a program is for, by its first bytes.

use std::fs;
use std::path::Path;

use ensconce_manifest::Platform;
use goblin::Object;
use goblin::mach::{Mach, cputype};

use crate::{BuildTarget, PayloadError};

/// Refuses a program of another platform or processor.
///
/// Scripts, and what nobody knows, pass.
pub(crate) fn check(path: &Path, target: &BuildTarget) -> Result<(), PayloadError> {
    let bytes = fs::read(path).map_err(PayloadError::file("read", path))?;
    let Some((platform, processors)) = machines(&bytes) else { return Ok(()) };
    if platform == target.platform && processors.iter().any(|name| name == target.arch) {
        return Ok(());
    }
    Err(PayloadError::OtherMachine {
        path: path.to_owned(),
        found: format!("{} on {}", processors.join(" or "), name_of(platform)),
        wanted: format!("{} on {}", target.arch, name_of(target.platform)),
    })
}

pub(crate) fn name_of(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => "Linux",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    }
}

/// The platform that a binary is for; none when it is none that is known.
pub(crate) fn platform(bytes: &[u8]) -> Option<Platform> {
    machines(bytes).map(|(platform, _)| platform)
}

fn machines(bytes: &[u8]) -> Option<(Platform, Vec<String>)> {
    match Object::parse(bytes).ok()? {
        Object::Elf(elf) => {
            use goblin::elf::header::{EM_386, EM_AARCH64, EM_ARM, EM_RISCV, EM_X86_64};
            let name = match elf.header.e_machine {
                EM_X86_64 => "x86_64",
                EM_AARCH64 => "aarch64",
                EM_386 => "i686",
                EM_ARM => "arm",
                EM_RISCV => "riscv64",
                _ => "another processor",
            };
            Some((Platform::Linux, vec![name.to_owned()]))
        }
        Object::PE(pe) => {
            use goblin::pe::header::{COFF_MACHINE_ARM64, COFF_MACHINE_X86, COFF_MACHINE_X86_64};
            let name = match pe.header.coff_header.machine {
                COFF_MACHINE_X86_64 => "x86_64",
                COFF_MACHINE_ARM64 => "aarch64",
                COFF_MACHINE_X86 => "i686",
                _ => "another processor",
            };
            Some((Platform::Windows, vec![name.to_owned()]))
        }
        Object::Mach(Mach::Binary(binary)) => {
            Some((Platform::Macos, vec![apple(binary.header.cputype).to_owned()]))
        }
        Object::Mach(Mach::Fat(fat)) => {
            let parts = fat.iter_arches().flatten();
            Some((Platform::Macos, parts.map(|part| apple(part.cputype).to_owned()).collect()))
        }
        _ => None,
    }
}

fn apple(processor: u32) -> &'static str {
    match processor {
        cputype::CPU_TYPE_X86_64 => "x86_64",
        cputype::CPU_TYPE_ARM64 => "aarch64",
        _ => "another processor",
    }
}
