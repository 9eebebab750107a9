//! Writes an export: lists and hashes everything, then packs it, then puts it in its place.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ensconce_protocol::{DatabaseFile, ExportRequest, HelperAnswer};

use super::hash::HashingReader;
use super::head::{ArchiveHead, DATA, DATABASES, DatabaseEntry, FORMAT, FileEntry, NAME};
use super::place;
use crate::answer::Answering;
use crate::error::{WorkError, megabytes};
use crate::progress::{ByteProgress, Progress};
use crate::sqlite::backup::backup;
use crate::{clock, files, room};

mod found;

use found::{DataListing, ExportedFile};

/// Behind the name of the file until it is whole.
const PART: &str = ".ensconce-part";
/// Behind the name of the file for the folder of copies of databases meanwhile.
const COPIES: &str = ".ensconce-databases";
/// How hard to compress: the default of zstd.
const LEVEL: i32 = 3;
/// How much is hashed between two lines of progress.
const PIECE: usize = 1 << 20;

/// Checks whether an export can be written to a file, as far as that can be known before.
pub(crate) fn check(
    to: &Path,
    data: &Path,
    databases: &[DatabaseFile],
) -> Result<HelperAnswer, WorkError> {
    let folder = folder_for(to, data, databases)?;
    let part = files::with_suffix(to, PART);
    let writable = files::remove(&part).and_then(|()| files::create_private(&part)).map(drop);
    writable.and_then(|()| files::remove(&part)).map_err(WorkError::file(to))?;
    room::check(&folder, 0)?;
    Ok(HelperAnswer::good("The data can be exported there."))
}

/// Exports; the file is there when it is whole and durable, or not at all.
pub(crate) fn export(request: &ExportRequest) -> Result<HelperAnswer, WorkError> {
    let to = &request.to;
    let folder = folder_for(to, &request.data, &request.databases)?;
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

/// Finds the folder that the file goes to. Nothing that holds data is replaced by it, and no device
/// or pipe.
fn folder_for(to: &Path, data: &Path, databases: &[DatabaseFile]) -> Result<PathBuf, WorkError> {
    match fs::metadata(to) {
        Ok(found) if found.is_dir() => return Err(WorkError::IsFolder(to.to_owned())),
        Ok(found) if !found.is_file() => return Err(WorkError::IsNoFile(to.to_owned())),
        _ => {}
    }
    let folder = files::folder_of(to);
    let real = fs::canonicalize(&folder).map_err(WorkError::file(&folder))?;
    let data = fs::canonicalize(data).map_err(WorkError::file(data))?;
    if real.starts_with(&data) {
        return Err(WorkError::IntoItself);
    }
    let target = real.join(to.file_name().unwrap_or_default());
    if databases.iter().any(|database| is_part_of(&target, &database.file)) {
        return Err(WorkError::IsDatabase(to.to_owned()));
    }
    Ok(folder)
}

/// Returns whether a file is a database, or one of those that SQLite keeps beside it.
fn is_part_of(file: &Path, database: &Path) -> bool {
    // A link to a database stands for it.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let database = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let sides = ["", "-wal", "-shm", "-journal"];
    sides.iter().any(|side| files::with_suffix(&database, side) == file)
}

/// Removes what is left of an export that was killed.
fn clear(part: &Path, copies: &Path) -> Result<(), WorkError> {
    files::remove(part).map_err(WorkError::file(part))?;
    files::remove_folder(copies).map_err(WorkError::file(copies))
}

/// Returns the databases that exist: the app may not have made all of them yet. A link that leads
/// nowhere is another matter, for its disk may only be missing.
fn present(databases: &[DatabaseFile]) -> Result<Vec<&DatabaseFile>, WorkError> {
    let mut present = Vec::new();
    for database in databases {
        match fs::metadata(&database.file) {
            Ok(found) if found.is_file() => present.push(database),
            Ok(_) => return Err(WorkError::IsNoFile(database.file.clone())),
            Err(error) => {
                if fs::symlink_metadata(&database.file).is_ok() {
                    return Err(WorkError::file(&database.file)(error));
                }
            }
        }
    }
    Ok(present)
}

fn pack(
    request: &ExportRequest,
    folder: &Path,
    part: &Path,
    copies: &Path,
) -> Result<(DataListing, u64), WorkError> {
    let databases = present(&request.databases)?;
    let mut found = DataListing::in_folder(&request.data, &request.leave_out, &databases)?;
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
    let mut progress = ByteProgress::new(found.bytes.saturating_mul(2));
    let listed = found.sources.iter().map(|source| list(source, &mut progress));
    let head = ArchiveHead {
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
    found: &mut DataListing,
) -> Result<DatabaseEntry, WorkError> {
    let path = copies.join(format!("{}.sqlite", database.name));
    let mut progress = Progress::of(&database.file);
    found.bytes += backup(&database.file, &path, &mut progress)?.bytes;
    let name = match place::name_in_export(&database.file, data) {
        Some(below) => format!("{DATA}/{below}"),
        None => format!("{DATABASES}/{}", database.name),
    };
    found.sources.push(ExportedFile { path, name: name.clone() });
    Ok(DatabaseEntry { name: database.name.clone(), path: name })
}

/// Hashes a file.
fn list(source: &ExportedFile, progress: &mut ByteProgress) -> Result<FileEntry, WorkError> {
    let mut hashing = HashingReader::new(source.open()?);
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
    head: &ArchiveHead,
    sources: &[ExportedFile],
    part: &Path,
    progress: &mut ByteProgress,
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
        let mut content =
            HashingReader::new(CountingReader { inner: file.take(entry.bytes), progress });
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

/// Returns the permissions to write for a file: who else may read it differs from machine to
/// machine, but not whether it is a program.
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

/// Passes on what is read, and reports how much it was.
struct CountingReader<'a, T> {
    inner: T,
    progress: &'a mut ByteProgress,
}

impl<T: Read> Read for CountingReader<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}
