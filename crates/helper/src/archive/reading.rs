//! Reads an export, from its beginning to its end.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use ensconce_protocol::{ArchiveInfo, HelperAnswer};

use super::hash::HashingReader;
use super::head::{AnyHead, ArchiveHead, DATA, DATABASES, FORMAT, FileEntry, NAME};
use super::name;
use crate::answer::Answering;
use crate::error::WorkError;
use crate::files;
use crate::progress::ByteProgress;

/// A head that is larger than this is none of ours: it lists a million files in less.
const LARGEST_HEAD: u64 = 512 << 20;

/// Reads what an export of an app says about itself.
pub(crate) fn inspect(from: &Path, app_id: &str) -> Result<HelperAnswer, WorkError> {
    let head = ArchiveReader::open(from)?.head(app_id)?;
    let mut answer = HelperAnswer::good("This file holds data of the app.");
    answer.archive = Some(head.info());
    Ok(answer)
}

impl ArchiveHead {
    /// Returns what the app has to know before it decides.
    pub(super) fn info(&self) -> ArchiveInfo {
        let version = self.record.version.as_ref().unwrap_or(&self.app.version).clone();
        ArchiveInfo { version, secrets: self.secrets.clone() }
    }
}

/// A file that is read once, from its beginning to its end.
pub(super) struct ArchiveReader {
    archive: tar::Archive<zstd::Decoder<'static, BufReader<File>>>,
    path: PathBuf,
}

impl ArchiveReader {
    pub(super) fn open(path: &Path) -> Result<Self, WorkError> {
        if path.is_dir() {
            return Err(WorkError::IsFolder(path.to_owned()));
        }
        let decoder =
            File::open(path).and_then(zstd::Decoder::new).map_err(WorkError::file(path))?;
        Ok(Self { archive: tar::Archive::new(decoder), path: path.to_owned() })
    }

    fn not_an_export<T>(&self) -> impl Fn(T) -> WorkError + use<T> {
        let path = self.path.clone();
        move |_| WorkError::NotAnExport(path.clone())
    }

    /// Reads the first entry, of an export of this app.
    ///
    /// The archive is read as a whole by [`ArchiveReader::files`] afterwards, from a new beginning: its
    /// entries can be asked for only once.
    pub(super) fn head(&mut self, app_id: &str) -> Result<ArchiveHead, WorkError> {
        let not_an_export = self.not_an_export();
        let first = self.archive.entries().map_err(&not_an_export)?.next();
        let first = first.ok_or_else(|| WorkError::NotAnExport(self.path.clone()))?;
        let mut first = first.map_err(&not_an_export)?;
        if *first.path_bytes() != *NAME.as_bytes() || first.size() > LARGEST_HEAD {
            return Err(WorkError::NotAnExport(self.path.clone()));
        }
        let mut text = Vec::new();
        first.read_to_end(&mut text).map_err(broken)?;
        drop(first);
        let any: AnyHead = serde_json::from_slice(&text).map_err(self.not_an_export())?;
        if any.format > FORMAT {
            return Err(WorkError::Newer);
        }
        let head = serde_json::from_slice(&text);
        let head: ArchiveHead = head.map_err(|_| damaged("its list of files makes no sense"))?;
        if head.app.id != app_id {
            return Err(WorkError::OtherApp { found: head.app.name });
        }
        *self = Self::open(&self.path)?;
        Ok(head)
    }

    /// Unpacks all files into a new folder, and compares them with the list.
    pub(super) fn files(
        mut self,
        head: &ArchiveHead,
        leave_out: &[String],
        folder: &Path,
    ) -> Result<(), WorkError> {
        let mut listed: HashMap<&str, &FileEntry> =
            head.files.iter().map(|entry| (entry.path.as_str(), entry)).collect();
        if listed.len() != head.files.len() {
            return Err(damaged("its list has a file twice"));
        }
        let all = head.files.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add);
        let mut progress = ByteProgress::new(all);
        let mut entries = self.archive.entries().map_err(broken)?;
        // The head was read before.
        entries.next().transpose().map_err(broken)?;
        for entry in entries {
            let mut entry = entry.map_err(broken)?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let path = folder.join(allowed(&name, leave_out)?);
            let unlisted = || damaged(format!("`{name}` in it is not in its list"));
            let expected = listed.remove(name.as_str()).ok_or_else(unlisted)?;
            unpack(&mut entry, expected, &path)?;
            progress.add(expected.bytes);
        }
        if let Some(missing) = listed.keys().next() {
            return Err(damaged(format!("`{missing}` is missing in it")));
        }
        // What comes after the last entry belongs to the checksum of the whole.
        io::copy(&mut self.archive.into_inner(), &mut io::sink()).map(drop).map_err(broken)
    }
}

/// Writes an entry to its place, and compares it with what the list says.
fn unpack(
    entry: &mut tar::Entry<'_, impl Read>,
    expected: &FileEntry,
    path: &Path,
) -> Result<(), WorkError> {
    let name = &expected.path;
    if entry.header().entry_type() != tar::EntryType::Regular {
        return Err(damaged(format!("`{name}` in it is not a file")));
    }
    let altered = || damaged(format!("`{name}` in it is not as it was"));
    if entry.size() != expected.bytes {
        return Err(altered());
    }
    let mode = entry.header().mode().unwrap_or(0);
    let mut content = HashingReader::new(entry);
    write(path, &mut content, mode)?;
    if content.finish() == (expected.bytes, expected.sha256.clone()) {
        Ok(())
    } else {
        Err(altered())
    }
}

/// Reads a name as a path that an export may have.
pub(super) fn allowed(name: &str, leave_out: &[String]) -> Result<PathBuf, WorkError> {
    let odd = || damaged(format!("it has a file with the name `{}`", name.escape_debug()));
    let path = name::path(name).ok_or_else(odd)?;
    let (first, rest) = name.split_once('/').ok_or_else(odd)?;
    let is_fine = match first {
        DATA => !name::is_in(rest, leave_out),
        DATABASES => !rest.contains('/'),
        _ => false,
    };
    if is_fine { Ok(path) } else { Err(odd()) }
}

pub(super) fn damaged(why: impl Into<String>) -> WorkError {
    WorkError::DamagedExport(why.into())
}

/// Sorts an error of reading an archive.
fn broken(error: io::Error) -> WorkError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged("it is cut short"),
        _ => damaged("it cannot be read to its end"),
    }
}

/// Writes a new file, durably. A damaged archive and a full disk are different errors.
fn write(path: &Path, content: &mut impl Read, mode: u32) -> Result<(), WorkError> {
    let failed = WorkError::file(path);
    let folder = files::folder_of(path);
    files::make_private(&folder).map_err(WorkError::file(&folder))?;
    let mut file = files::create_private(path).map_err(|error| match error.kind() {
        // The folder is new; but where capitals do not count, two names may be one.
        io::ErrorKind::AlreadyExists => {
            damaged(format!("`{}` is in it twice", files::name_of(path)))
        }
        _ => failed(error),
    })?;
    #[cfg(unix)]
    if mode & 0o100 != 0 {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        file.set_permissions(rights).map_err(&failed)?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = content.read(&mut buffer).map_err(broken)?;
        if count == 0 {
            break;
        }
        io::Write::write_all(&mut file, &buffer[..count]).map_err(&failed)?;
    }
    files::make_durable(&file).map_err(&failed)
}
