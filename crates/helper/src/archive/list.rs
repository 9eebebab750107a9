//! The list of what was unpacked, by which it is known again before it replaces anything.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ensconce_protocol::DataRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hash::HashingReader;
use super::head::{ArchiveHead, DATA, FileEntry};
use super::reading::allowed;
use crate::error::WorkError;
use crate::files;

/// The name of the list, which is written last.
const LIST: &str = "unpacked.json";

/// What was unpacked, and is durable.
#[derive(Serialize, Deserialize)]
pub(super) struct UnpackedData {
    /// Every file, where it lies now.
    pub(super) files: Vec<UnpackedFile>,
    /// Everything in the new content, as the file system lists it: some write names differently.
    content: BTreeMap<PathBuf, EntryKind>,
    /// The links of the present data that are a part of the new content.
    #[serde(skip)]
    pub(super) links: Vec<PathBuf>,
    /// The databases that lie outside the data folder.
    pub(super) outside: Vec<OutsideDatabase>,
    pub(super) leave_out: Vec<String>,
    pub(super) settings: Value,
    pub(super) record: DataRecord,
}

/// A file that was unpacked.
#[derive(Serialize, Deserialize)]
pub(super) struct UnpackedFile {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// A database outside the data folder.
#[derive(Serialize, Deserialize)]
pub(super) struct OutsideDatabase {
    /// Its place.
    pub(super) file: PathBuf,
    /// Where the new one lies, if there is one in the export.
    pub(super) new: Option<PathBuf>,
}

impl UnpackedData {
    /// Lists what was unpacked into a folder, where the export has it.
    pub(super) fn of(
        head: &ArchiveHead,
        folder: &Path,
        leave_out: &[String],
    ) -> Result<Self, WorkError> {
        let file = |entry: &FileEntry| {
            let path = folder.join(allowed(&entry.path, leave_out)?);
            Ok(UnpackedFile { path, bytes: entry.bytes, sha256: entry.sha256.clone() })
        };
        Ok(Self {
            files: head.files.iter().map(file).collect::<Result<_, WorkError>>()?,
            content: BTreeMap::new(),
            links: Vec::new(),
            outside: Vec::new(),
            leave_out: leave_out.to_vec(),
            settings: head.settings.clone(),
            record: head.record.clone(),
        })
    }

    /// Adds what the new content is, once it is complete.
    pub(super) fn list(&mut self, content: &Path) -> Result<(), WorkError> {
        walk(content, &mut self.content)
    }

    /// Writes the list into the folder of what was unpacked.
    pub(super) fn write(&self, folder: &Path) -> Result<(), WorkError> {
        let list = folder.join(LIST);
        let text = serde_json::to_vec(self).map_err(io::Error::from);
        text.and_then(|text| files::write_whole(&list, &text)).map_err(WorkError::file(&list))
    }

    /// Reads the list from there.
    pub(super) fn read(folder: &Path) -> Result<Self, WorkError> {
        let list = folder.join(LIST);
        let text = fs::read(&list).map_err(|_| changed(&list, "is missing"))?;
        serde_json::from_slice(&text).map_err(|_| changed(&list, "was changed"))
    }

    /// Checks that what lies there is what was unpacked: whoever changed, removed or added
    /// something since must not decide what the data is.
    pub(super) fn check(&self, folder: &Path) -> Result<(), WorkError> {
        self.files.iter().try_for_each(UnpackedFile::check)?;
        let mut found = BTreeMap::new();
        walk(&folder.join(DATA), &mut found)?;
        for (path, kind) in &found {
            match self.content.get(path) {
                None => return Err(changed(path, "was added")),
                Some(known) if known != kind => return Err(changed(path, "was changed")),
                Some(_) => {}
            }
        }
        match self.content.keys().find(|path| !found.contains_key(*path)) {
            Some(missing) => Err(changed(missing, "is missing")),
            None => Ok(()),
        }
    }
}

impl UnpackedFile {
    fn check(&self) -> Result<(), WorkError> {
        let unreadable = |_| changed(&self.path, "cannot be read");
        let mut content = HashingReader::new(File::open(&self.path).map_err(unreadable)?);
        io::copy(&mut content, &mut io::sink()).map_err(unreadable)?;
        if content.finish() == (self.bytes, self.sha256.clone()) {
            return Ok(());
        }
        Err(changed(&self.path, "was changed"))
    }
}

fn changed(path: &Path, how: &str) -> WorkError {
    WorkError::Incomplete(format!("`{}` {how}", path.display()))
}

/// What is found in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EntryKind {
    Folder,
    File,
    Link(PathBuf),
    Other,
}

/// Lists everything below a folder.
fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, EntryKind>) -> Result<(), WorkError> {
    let failed = WorkError::file(folder);
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(&failed)?);
        let kind = match kind {
            kind if kind.is_dir() => EntryKind::Folder,
            kind if kind.is_file() => EntryKind::File,
            kind if kind.is_symlink() => EntryKind::Link(fs::read_link(&path).map_err(&failed)?),
            _ => EntryKind::Other,
        };
        if kind == EntryKind::Folder {
            walk(&path, found)?;
        }
        found.insert(path, kind);
    }
    Ok(())
}
