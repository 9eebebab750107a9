//! Changes where an ELF file looks for libraries.

use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::path::Path;

use elb::{DynamicTag, Elf, ElfPatcher};

use super::binary::Binary;
use crate::PayloadError;

/// Makes a file look in a folder too, which is relative to its own.
///
/// Absolute folders go: they are of the build machine.
pub(super) fn add_search_path(path: &Path, relative: &str) -> Result<(), PayloadError> {
    let wrong = |why: String| PayloadError::Patch { path: path.to_owned(), why };
    let before = read(path)?.ok_or_else(|| wrong("It is not an ELF file".to_owned()))?;
    if has_appendix(path)? {
        return Err(wrong("Data is appended to it, which would be lost".to_owned()));
    }
    // An RPATH counts for what the file loads too, and must stay one.
    let keeps_rpath = before.runpath.is_empty() && !before.rpath.is_empty();
    let (tag, old) = match keeps_rpath {
        true => (DynamicTag::Rpath, &before.rpath),
        false => (DynamicTag::Runpath, &before.runpath),
    };
    let added = if relative.is_empty() { "$ORIGIN".into() } else { format!("$ORIGIN/{relative}") };
    let mut entries: Vec<&str> =
        old.iter().map(String::as_str).filter(|entry| entry.starts_with('$')).collect();
    if !entries.contains(&added.as_str()) {
        entries.push(&added);
    }
    let value = entries.join(":");
    let change = Change { tag, value };
    if replace(path, |copy| set(copy, &change), &change)?.is_ok() {
        return Ok(());
    }
    // `elb` fails on some small files; patchelf is older, and need not be installed.
    replace(path, |copy| set_by_patchelf(copy, &change), &change)?.map_err(wrong)
}

/// The search path that a file gets.
struct Change {
    tag: DynamicTag,
    value: String,
}

fn read(path: &Path) -> Result<Option<Binary>, PayloadError> {
    Binary::read(path).map_err(PayloadError::file("read", path))
}

/// Changes a copy and puts it in the file's place, so that other links to the file stay as they
/// are.
///
/// The inner result says why it could not be changed; the file is as it was then.
fn replace(
    path: &Path,
    change_copy: impl FnOnce(&Path) -> Result<(), String>,
    change: &Change,
) -> Result<Result<(), String>, PayloadError> {
    let error = || PayloadError::file("write", path);
    let copy = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(path)).map_err(error())?;
    // The mode comes along.
    fs::copy(path, copy.path()).map_err(error())?;
    if let Err(why) = change_copy(copy.path()).and_then(|()| check(path, copy.path(), change)) {
        return Ok(Err(why));
    }
    copy.persist(path).map_err(|failed| error()(failed.error))?;
    Ok(Ok(()))
}

/// Checks that nothing but the search path is different.
fn check(before: &Path, after: &Path, change: &Change) -> Result<(), String> {
    let read = |path: &Path| {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let elf = goblin::elf::Elf::parse(&bytes).map_err(|error| error.to_string())?;
        let paths = match change.tag {
            DynamicTag::Rpath => elf.rpaths.join(":"),
            _ => elf.runpaths.join(":"),
        };
        let symbols = elf.dynsyms.iter();
        let names = symbols.map(|symbol| elf.dynstrtab.get_at(symbol.st_name).map(str::to_owned));
        let names: Vec<Option<String>> = names.collect();
        let needed: Vec<String> = elf.libraries.iter().map(|name| (*name).to_owned()).collect();
        Ok::<_, String>((paths, (names, needed, elf.soname.map(str::to_owned))))
    };
    let (_, before) = read(before)?;
    let (paths, after) = read(after)?;
    if paths == change.value && before == after {
        return Ok(());
    }
    Err("Its dynamic table cannot be changed".to_owned())
}

fn set_by_patchelf(path: &Path, change: &Change) -> Result<(), String> {
    let mut command = std::process::Command::new("patchelf");
    if matches!(change.tag, DynamicTag::Rpath) {
        command.arg("--force-rpath");
    }
    let output = command.arg("--set-rpath").arg(&change.value).arg(path).output();
    let output = output.map_err(|error| format!("`patchelf` is needed: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn set(path: &Path, change: &Change) -> Result<(), String> {
    let value = CString::new(change.value.as_str()).map_err(|error| error.to_string())?;
    let open = OpenOptions::new().read(true).write(true).open(path);
    let mut file = open.map_err(|error| error.to_string())?;
    let elf = Elf::read(&mut file, PAGE_SIZE).map_err(|error| error.to_string())?;
    let mut patcher = ElfPatcher::new(elf, file);
    patcher.set_page_size(PAGE_SIZE);
    patcher.set_dynamic_tag(change.tag, value.as_c_str()).map_err(|error| error.to_string())?;
    patcher.finish().map(drop).map_err(|error| error.to_string())
}

/// What new parts are aligned to: the largest page that kernels for the processor use.
const PAGE_SIZE: u64 = if cfg!(target_arch = "aarch64") { 65536 } else { 4096 };

/// Reports whether something follows the last part that the file itself knows of, as in programs of
/// PyInstaller, which find it by the end of the file.
fn has_appendix(path: &Path) -> Result<bool, PayloadError> {
    let bytes = fs::read(path).map_err(PayloadError::file("read", path))?;
    let Ok(elf) = goblin::elf::Elf::parse(&bytes) else { return Ok(false) };
    let header = &elf.header;
    let sections = elf.section_headers.iter();
    let end = sections
        .filter(|section| section.sh_type != goblin::elf::section_header::SHT_NOBITS)
        .map(|section| section.sh_offset.saturating_add(section.sh_size))
        .chain(elf.program_headers.iter().map(|part| part.p_offset.saturating_add(part.p_filesz)))
        .chain([header.e_shoff + u64::from(header.e_shnum) * u64::from(header.e_shentsize)])
        .max()
        .unwrap_or(0);
    // Linkers and other tools that patch fill up with zeros.
    let rest = bytes.get(usize::try_from(end).unwrap_or(usize::MAX)..).unwrap_or_default();
    Ok(rest.iter().any(|byte| *byte != 0))
}
