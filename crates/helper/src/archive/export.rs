//! Writes an export: lists and hashes everything, then packs it, then puts it in its place.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ensconce_protocol::{ArchivedApp, DataRecord, DatabaseFile, HelperAnswer};
use serde_json::Value;

use super::hash::Hashing;
use super::head::{DATA, DATABASES, DatabaseEntry, FORMAT, FileEntry, Head, NAME};
use super::place;
use crate::answer::Answering;
use crate::error::{WorkError, megabytes};
use crate::sqlite::backup::backup;
use crate::sqlite::progress::Progress;
use crate::{clock, files, room};

mod found;

use found::{Found, Source};

/// Behind the name of the file until it is whole.
const PART: &str = ".ensconce-part";
/// Behind the name of the file for the folder of copies of databases meanwhile.
const COPIES: &str = ".ensconce-databases";
/// How hard to compress: the default of zstd.
const LEVEL: i32 = 3;
/// How much is hashed between two lines of progress.
const PIECE: usize = 1 << 20;

/// What to export. No `Debug`: it holds settings.
pub(crate) struct Exporting {
    pub(crate) to: PathBuf,
    pub(crate) app: ArchivedApp,
    pub(crate) data: PathBuf,
    pub(crate) leave_out: Vec<String>,
    pub(crate) databases: Vec<DatabaseFile>,
    pub(crate) settings: Value,
    pub(crate) record: DataRecord,
    pub(crate) secrets: Option<String>,
}

/// Checks whether an export can be written to a file, as far as that can be known before.
pub(crate) fn check(to: &Path, data: &Path) -> Result<HelperAnswer, WorkError> {
    let folder = folder_for(to, data)?;
    let part = files::with_suffix(to, PART);
    let writable = files::remove(&part).and_then(|()| files::create_private(&part)).map(drop);
    writable.and_then(|()| files::remove(&part)).map_err(WorkError::file(to))?;
    room::check(&folder, 0)?;
    Ok(HelperAnswer::good("The data can be exported there."))
}

/// Exports; the file is there when it is whole and durable, or not at all.
pub(crate) fn export(request: &Exporting) -> Result<HelperAnswer, WorkError> {
    let to = &request.to;
    let folder = folder_for(to, &request.data)?;
    let (part, copies) = (files::with_suffix(to, PART), files::with_suffix(to, COPIES));
    clear(&part, &copies)?;
    let result = pack(request, &folder, &part, &copies).and_then(|packed| {
        files::rename(&part, to).map_err(WorkError::file(to))?;
        files::sync_folder(&folder).map_err(WorkError::file(&folder))?;
        Ok(packed)
    });
    let cleared = clear(&part, &copies);
    let (found, bytes) = result?;
    cleared?;
    let mut message = format!("The data is in `{}` ({}).", to.display(), megabytes(bytes));
    if let Some(first) = found.odd.first() {
        let more = if found.odd.len() > 1 { " and others" } else { "" };
        let left_out = format!(" Left out, because it is not a file: `{}`{more}.", first.display());
        message.push_str(&left_out);
    }
    let files = found.sources.len();
    Ok(HelperAnswer::good(message).with("bytes", bytes).with("files", files))
}

/// Finds the folder that the file goes to, which must not be the data itself.
fn folder_for(to: &Path, data: &Path) -> Result<PathBuf, WorkError> {
    if to.is_dir() {
        return Err(WorkError::IsFolder(to.to_owned()));
    }
    let folder = files::folder_of(to);
    let real = fs::canonicalize(&folder).map_err(WorkError::file(&folder))?;
    let data = fs::canonicalize(data).map_err(WorkError::file(data))?;
    if real.starts_with(&data) {
        return Err(WorkError::IntoItself);
    }
    Ok(folder)
}

/// Removes what is left of an export that was killed.
fn clear(part: &Path, copies: &Path) -> Result<(), WorkError> {
    files::remove(part).map_err(WorkError::file(part))?;
    files::remove_folder(copies).map_err(WorkError::file(copies))
}

fn pack(
    request: &Exporting,
    folder: &Path,
    part: &Path,
    copies: &Path,
) -> Result<(Found, u64), WorkError> {
    let databases = request.databases.iter().filter(|one| one.file.is_file());
    let databases: Vec<&DatabaseFile> = databases.collect();
    let mut found = Found::in_folder(&request.data, &request.leave_out, &databases)?;
    let size = |one: &&DatabaseFile| fs::metadata(&one.file).map_err(WorkError::file(&one.file));
    let sizes = databases.iter().map(|one| size(one).map(|metadata| metadata.len()));
    let sizes = sizes.sum::<Result<u64, WorkError>>()?;
    // The copies of the databases lie beside the file for a while.
    room::check(folder, found.bytes + 2 * sizes)?;
    files::make_private(copies).map_err(WorkError::file(copies))?;
    let mut entries = Vec::new();
    for database in databases {
        entries.push(add_database(&request.data, database, copies, &mut found)?);
    }
    let mut progress = Telling::new(found.bytes.saturating_mul(2));
    let listed = found.sources.iter().map(|source| list(source, &mut progress));
    let head = Head {
        format: FORMAT,
        app: request.app.clone(),
        made: clock::now(),
        databases: entries,
        settings: request.settings.clone(),
        record: request.record.clone(),
        secrets: request.secrets.clone(),
        folders: std::mem::take(&mut found.folders),
        files: listed.collect::<Result<_, _>>()?,
    };
    let bytes = write(&head, &found.sources, part, &mut progress)?;
    Ok((found, bytes))
}

/// Copies a database, and adds the copy to what goes in.
fn add_database(
    data: &Path,
    database: &DatabaseFile,
    copies: &Path,
    found: &mut Found,
) -> Result<DatabaseEntry, WorkError> {
    let path = copies.join(format!("{}.sqlite", database.name));
    let mut progress = Progress::new(&files::name_of(&database.file));
    found.bytes += backup(&database.file, &path, &mut progress)?.bytes;
    let name = match place::name_in_export(&database.file, data) {
        Some(below) => format!("{DATA}/{below}"),
        None => format!("{DATABASES}/{}", database.name),
    };
    found.sources.push(Source { path, name: name.clone() });
    Ok(DatabaseEntry { name: database.name.clone(), path: name })
}

/// Hashes a file.
fn list(source: &Source, progress: &mut Telling) -> Result<FileEntry, WorkError> {
    let mut hashing = Hashing::new(source.open()?);
    let mut buffer = vec![0; PIECE];
    loop {
        match hashing.read(&mut buffer).map_err(WorkError::file(&source.path))? {
            0 => break,
            count => progress.add(count as u64),
        }
    }
    let (bytes, sha256) = hashing.finish();
    Ok(FileEntry { path: source.name.clone(), bytes, sha256 })
}

fn write(
    head: &Head,
    sources: &[Source],
    part: &Path,
    progress: &mut Telling,
) -> Result<u64, WorkError> {
    let failed = WorkError::file(part);
    let file = files::create_private(part).map_err(&failed)?;
    let mut encoder = zstd::Encoder::new(file, LEVEL).map_err(&failed)?;
    encoder.include_checksum(true).map_err(&failed)?;
    let mut archive = tar::Builder::new(encoder);
    let text = serde_json::to_vec_pretty(head).map_err(io::Error::from).map_err(&failed)?;
    let mut header = header_of(text.len() as u64, 0o600);
    archive.append_data(&mut header, NAME, text.as_slice()).map_err(&failed)?;
    for (entry, source) in head.files.iter().zip(sources) {
        let file = source.open()?;
        let mut header = header_of(entry.bytes, mode_of(&file));
        let mut content = Hashing::new(Counted { inner: file.take(entry.bytes), progress });
        let appended = archive.append_data(&mut header, &entry.path, &mut content);
        appended.map_err(&failed)?;
        if content.finish() != (entry.bytes, entry.sha256.clone()) {
            return Err(WorkError::Changed(source.path.clone()));
        }
    }
    let file = archive.into_inner().and_then(zstd::Encoder::finish).map_err(&failed)?;
    files::make_durable(&file).map_err(&failed)?;
    Ok(file.metadata().map_err(&failed)?.len())
}

fn header_of(bytes: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(mode);
    header
}

/// Who else may read a file differs from machine to machine; whether it is a program does not.
fn mode_of(file: &File) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map(|metadata| metadata.permissions().mode()).unwrap_or(0);
        if mode & 0o100 != 0 { 0o700 } else { 0o600 }
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        0o600
    }
}

/// Tells how much of all is done.
struct Telling {
    progress: Progress,
    all: u64,
    done: u64,
}

impl Telling {
    fn new(all: u64) -> Self {
        Self { progress: Progress::new("the data"), all: all.max(1), done: 0 }
    }

    fn add(&mut self, bytes: u64) {
        self.done += bytes;
        let percent = self.done.saturating_mul(100) / self.all;
        self.progress.tell(u32::try_from(percent).unwrap_or(100));
    }
}

/// Tells how much was read.
struct Counted<'a, T> {
    inner: T,
    progress: &'a mut Telling,
}

impl<T: Read> Read for Counted<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}
