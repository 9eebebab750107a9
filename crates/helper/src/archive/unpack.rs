//! Unpacks an export beside the data folder, and checks everything in it.

use std::fs;
use std::path::{Path, PathBuf};

use ensconce_protocol::{DataRecord, DatabaseFile, HelperAnswer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::head::{DATA, FileEntry, Head};
use super::reading::{Reading, allowed, damaged};
use super::{has_room, staged_beside, unpacking_folder};
use crate::answer::Answering;
use crate::error::WorkError;
use crate::sqlite::replace::real;
use crate::swap::remove_folder;
use crate::{clock, files};

/// The name of the list of what was unpacked, which is written last.
const LIST: &str = "unpacked.json";

/// What to unpack.
pub(crate) struct Unpacking {
    pub(crate) from: PathBuf,
    pub(crate) app_id: String,
    pub(crate) data: PathBuf,
    pub(crate) leave_out: Vec<String>,
    pub(crate) databases: Vec<DatabaseFile>,
}

/// What was unpacked, and is durable.
#[derive(Serialize, Deserialize)]
pub(super) struct Unpacked {
    /// Every file, where it lies now.
    pub(super) files: Vec<UnpackedFile>,
    /// The databases that lie outside the data folder.
    pub(super) elsewhere: Vec<PathBuf>,
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

/// Unpacks; what cannot be imported is refused, and nothing stays of it.
pub(crate) fn unpack(request: &Unpacking) -> Result<HelperAnswer, WorkError> {
    let mut reading = Reading::open(&request.from)?;
    let head = reading.head(&request.app_id)?;
    is_movable(&request.data)?;
    let folder = unpacking_folder(&request.data);
    remove_folder(&folder)?;
    if let Err(error) = unpack_into(&folder, request, &head, &mut reading) {
        let _ = remove_folder(&folder);
        return Err(error);
    }
    let mut answer = HelperAnswer::good("The file is whole.");
    answer.archive = Some(head.info());
    Ok(answer)
}

/// Checks that folders beside the data folder are on the same file system, so that moving is
/// renaming.
fn is_movable(data: &Path) -> Result<(), WorkError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
        let beside = device(&files::folder_of(data)).map_err(WorkError::file(data))?;
        if device(data).map_err(WorkError::file(data))? != beside {
            return Err(WorkError::Mounted(data.to_owned()));
        }
    }
    #[cfg(not(unix))]
    let _ = data;
    Ok(())
}

fn unpack_into(
    folder: &Path,
    request: &Unpacking,
    head: &Head,
    reading: &mut Reading,
) -> Result<(), WorkError> {
    let bytes = head.files.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add);
    has_room(&files::folder_of(folder), bytes)?;
    make_private(&folder.join(DATA))?;
    for name in &head.folders {
        make_private(&folder.join(allowed(name, &request.leave_out)?))?;
    }
    reading.files(head, &request.leave_out, folder)?;
    let placed = Placing { folder, request, head }.databases()?;
    sync_all(&folder.join(DATA))?;
    let list = folder.join(LIST);
    let text = serde_json::to_vec(&placed).map_err(std::io::Error::from);
    text.and_then(|text| files::write_whole(&list, &text)).map_err(WorkError::file(&list))
}

fn make_private(folder: &Path) -> Result<(), WorkError> {
    files::make_private(folder).map_err(WorkError::file(folder))
}

/// Puts databases where this version of the app has them.
struct Placing<'a> {
    folder: &'a Path,
    request: &'a Unpacking,
    head: &'a Head,
}

impl Placing<'_> {
    fn databases(&self) -> Result<Unpacked, WorkError> {
        let mut files = self.files()?;
        let mut elsewhere = Vec::new();
        for database in &self.request.databases {
            let entry = self.head.databases.iter().find(|entry| entry.name == database.name);
            let Some(entry) = entry else { continue };
            let unpacked = self.folder.join(allowed(&entry.path, &self.request.leave_out)?);
            let place = self.place(database, &unpacked, &mut elsewhere)?;
            let listed = files.iter_mut().find(|file| file.path == unpacked);
            let missing = || damaged(format!("the database {} is missing", database.name));
            listed.ok_or_else(missing)?.path = place;
        }
        Ok(Unpacked {
            files,
            elsewhere,
            leave_out: self.request.leave_out.clone(),
            settings: self.head.settings.clone(),
            record: self.head.record.clone(),
        })
    }

    fn files(&self) -> Result<Vec<UnpackedFile>, WorkError> {
        let file = |entry: &FileEntry| {
            let path = self.folder.join(allowed(&entry.path, &self.request.leave_out)?);
            Ok(UnpackedFile { path, bytes: entry.bytes, sha256: entry.sha256.clone() })
        };
        self.head.files.iter().map(file).collect()
    }

    /// Moves a database to its place in the new content, or beside its place elsewhere.
    fn place(
        &self,
        database: &DatabaseFile,
        unpacked: &Path,
        elsewhere: &mut Vec<PathBuf>,
    ) -> Result<PathBuf, WorkError> {
        if !unpacked.is_file() {
            return Err(damaged(format!("the database {} is missing", database.name)));
        }
        if let Ok(below) = database.file.strip_prefix(&self.request.data) {
            let place = self.folder.join(DATA).join(below);
            make_private(&files::folder_of(&place))?;
            fs::rename(unpacked, &place).map_err(WorkError::file(&place))?;
            return Ok(place);
        }
        let file = real(&database.file);
        make_private(&files::folder_of(&file))?;
        let new = staged_beside(&file);
        files::remove(&new).map_err(WorkError::file(&new))?;
        fs::copy(unpacked, &new).map_err(WorkError::file(&new))?;
        files::sync(&new).map_err(WorkError::file(&new))?;
        elsewhere.push(file);
        Ok(new)
    }
}

/// Makes all that was unpacked durable: the files were when they were written.
fn sync_all(folder: &Path) -> Result<(), WorkError> {
    let failed = WorkError::file(folder);
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        if entry.file_type().map_err(&failed)?.is_dir() {
            sync_all(&entry.path())?;
        }
    }
    files::sync_folder(folder).map_err(&failed)
}

impl Unpacked {
    /// Reads the list of what was unpacked.
    pub(super) fn read(folder: &Path) -> Result<Self, WorkError> {
        let list = folder.join(LIST);
        let incomplete = || WorkError::Incomplete(format!("`{}` is missing", list.display()));
        let text = fs::read(&list).map_err(|_| incomplete())?;
        serde_json::from_slice(&text).map_err(|_| incomplete())
    }
}

/// Returns where the present data goes: a name that is free.
pub(super) fn aside_of(data: &Path) -> PathBuf {
    let moment = clock::now();
    let numbers = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
    let names =
        numbers.map(|number| files::with_suffix(data, &format!(".before-import-{moment}{number}")));
    { names }.find(|name| fs::symlink_metadata(name).is_err()).unwrap_or_default()
}
