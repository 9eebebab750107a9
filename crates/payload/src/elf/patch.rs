//! Changes where an ELF file looks for libraries.

use std::ffi::CString;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;

use elb::{DynamicTag, Elf, ElfPatcher};

use super::binary::Binary;
use crate::PayloadError;

/// Makes a file look in a folder too, which is relative to its own.
///
/// Absolute folders go: they are of the build machine.
pub(super) fn add_search_path(path: &Path, relative: &str) -> Result<(), PayloadError> {
    let wrong = |why: String| PayloadError::Patch { path: path.to_owned(), why };
    let before = read(path)?.ok_or_else(|| wrong("It is no ELF file".to_owned()))?;
    if has_appendix(path)? {
        return Err(wrong("Something is appended to it, which would be lost".to_owned()));
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
    let wanted = Wanted { tag, value: &value, before: &before };
    // The crate cannot change every file; what cannot be read afterwards is not kept.
    let changed = replace(path, |copy| set(copy, tag, &value).and_then(|()| wanted.check(copy)));
    let Err(PayloadError::Patch { why, .. }) = changed else { return changed };
    tracing::debug!(path = %path.display(), why, "patchelf is tried");
    replace(path, |copy| run_patchelf(copy, tag, &value).and_then(|()| wanted.check(copy)))
}

/// What a changed file must be like.
struct Wanted<'a> {
    tag: DynamicTag,
    value: &'a str,
    before: &'a Binary,
}

impl Wanted<'_> {
    fn check(&self, path: &Path) -> Result<(), String> {
        let after = Binary::read(path).map_err(|error| error.to_string())?;
        let after = after.ok_or("The changed file cannot be read")?;
        let is_rpath = matches!(self.tag, DynamicTag::Rpath);
        let now = if is_rpath { &after.rpath } else { &after.runpath };
        let before = self.before;
        if now.join(":") != self.value
            || after.needed != before.needed
            || after.soname != before.soname
        {
            return Err("Its dynamic table cannot be changed".to_owned());
        }
        Ok(())
    }
}

fn run_patchelf(path: &Path, tag: DynamicTag, value: &str) -> Result<(), String> {
    let mut command = Command::new("patchelf");
    if matches!(tag, DynamicTag::Rpath) {
        command.arg("--force-rpath");
    }
    let output = command.args(["--set-rpath", value]).arg(path).output();
    let output = output.map_err(|error| {
        format!("It needs the program `patchelf`, which does not start: {error}")
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("patchelf: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn read(path: &Path) -> Result<Option<Binary>, PayloadError> {
    Binary::read(path).map_err(PayloadError::file("read", path))
}

/// Changes a copy and puts it in the file's place, so that other links to the file stay as they are.
fn replace(
    path: &Path,
    change: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), PayloadError> {
    let error = || PayloadError::file("write", path);
    let copy = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(path)).map_err(error())?;
    fs::copy(path, copy.path()).map_err(error())?;
    change(copy.path()).map_err(|why| PayloadError::Patch { path: path.to_owned(), why })?;
    copy.persist(path).map_err(|failed| error()(failed.error))?;
    Ok(())
}

fn set(path: &Path, tag: DynamicTag, value: &str) -> Result<(), String> {
    let value = CString::new(value).map_err(|error| error.to_string())?;
    let open = OpenOptions::new().read(true).write(true).open(path);
    let mut file = open.map_err(|error| error.to_string())?;
    let elf = Elf::read(&mut file, PAGE_SIZE).map_err(|error| error.to_string())?;
    let mut patcher = ElfPatcher::new(elf, file);
    patcher.set_page_size(PAGE_SIZE);
    patcher.set_dynamic_tag(tag, value.as_c_str()).map_err(|error| error.to_string())?;
    patcher.finish().map(drop).map_err(|error| error.to_string())
}

/// What new parts are aligned to: the largest page that kernels for the processor use.
const PAGE_SIZE: u64 = if cfg!(target_arch = "aarch64") { 65536 } else { 4096 };

/// Tells whether something follows the last part that the file itself knows of, as in programs of
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
    // Linkers round up to the alignment of the last part.
    Ok(bytes.len() as u64 > end.next_multiple_of(16))
}
