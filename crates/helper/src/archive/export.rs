//! Writes an export: lists and hashes everything, then packs it, then puts it in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ensconce_protocol::{ArchivedApp, DataRecord, DatabaseFile, HelperAnswer, HelperWork};
use serde_json::Value;

use super::hash::Hashing;
use super::head::{DATA, DATABASES, DatabaseEntry, FORMAT, FileEntry, Head, NAME};
use super::{has_room, name};
use crate::answer::Answering;
use crate::error::{WorkError, megabytes};
use crate::sqlite::SIDES;
use crate::sqlite::backup::backup;
use crate::sqlite::progress::Progress;
use crate::{clock, files};

/// What the file is called until it is whole.
const PART: &str = ".part";
/// What the folder of copies of databases is called meanwhile.
const COPIES: &str = ".part-databases";
/// How hard to compress: the default of zstd.
const LEVEL: i32 = 3;
/// How much is written between two lines of progress.
const PIECE: usize = 1 << 20;

/// What to export. No `Debug`: it holds settings.
struct Exporting {
    to: PathBuf,
    app: ArchivedApp,
    data: PathBuf,
    leave_out: Vec<String>,
    databases: Vec<DatabaseFile>,
    settings: Value,
    record: DataRecord,
    secrets: Option<String>,
}

/// A file that goes in.
struct Source {
    path: PathBuf,
    /// Its name in the archive.
    name: String,
}

/// What there is to export.
#[derive(Default)]
struct Found {
    folders: Vec<String>,
    sources: Vec<Source>,
    databases: Vec<DatabaseEntry>,
    /// Links, sockets and the like, which only mean something here.
    odd: Vec<PathBuf>,
    bytes: u64,
}

/// Checks whether an export can be written to a file, as far as that can be known before.
pub(crate) fn check(to: &Path, data: &Path) -> Result<HelperAnswer, WorkError> {
    let folder = place(to, data)?;
    let part = files::with_suffix(to, PART);
    let writable = File::create(&part).map(drop).and_then(|()| files::remove(&part));
    writable.map_err(WorkError::file(to))?;
    has_room(&folder, 0)?;
    Ok(HelperAnswer::good("The data can be exported there."))
}

/// Exports; the file is there when it is whole and durable, or not at all.
pub(crate) fn export(work: HelperWork) -> Result<HelperAnswer, WorkError> {
    let HelperWork::Export { to, app, data, leave_out, databases, settings, record, secrets } =
        work
    else {
        return Ok(HelperAnswer::bad("bad_request", "This is no export."));
    };
    let request = Exporting { to, app, data, leave_out, databases, settings, record, secrets };
    let to = &request.to;
    let folder = place(to, &request.data)?;
    let (part, copies) = (files::with_suffix(to, PART), files::with_suffix(to, COPIES));
    clear(&part, &copies)?;
    let result = pack(&request, &folder, &part, &copies).and_then(|packed| {
        fs::rename(&part, to).map_err(WorkError::file(to))?;
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
fn place(to: &Path, data: &Path) -> Result<PathBuf, WorkError> {
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
    match fs::remove_dir_all(copies) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(WorkError::file(copies)(error))
        }
        _ => Ok(()),
    }
}

fn pack(
    request: &Exporting,
    folder: &Path,
    part: &Path,
    copies: &Path,
) -> Result<(Found, u64), WorkError> {
    let databases = request.databases.iter().filter(|one| one.file.is_file());
    let databases: Vec<&DatabaseFile> = databases.collect();
    let mut found = Found::default();
    let data = request.data.as_path();
    walk(request, &databases, data, &mut found)?;
    let sizes = databases.iter().map(|one| Ok(fs::metadata(&one.file)?.len()));
    let sizes: u64 = sizes.sum::<io::Result<u64>>().map_err(WorkError::file(data))?;
    // The copies of the databases lie beside the file for a while.
    has_room(folder, found.bytes + 2 * sizes)?;
    files::make_private(copies).map_err(WorkError::file(copies))?;
    for database in databases {
        let copy = copies.join(format!("{}.sqlite", database.name));
        let mut progress = Progress::new(&files::name_of(&database.file));
        backup(&database.file, &copy, &mut progress)?;
        let name = name_of_database(data, database);
        found.bytes += fs::metadata(&copy).map_err(WorkError::file(&copy))?.len();
        found.databases.push(DatabaseEntry { name: database.name.clone(), path: name.clone() });
        found.sources.push(Source { path: copy, name });
    }
    let mut progress = Telling::new(found.bytes.saturating_mul(2));
    let listed = found.sources.iter().map(|source| source.listed(&mut progress));
    let head = Head {
        format: FORMAT,
        app: request.app.clone(),
        made: clock::now(),
        databases: std::mem::take(&mut found.databases),
        settings: request.settings.clone(),
        record: request.record.clone(),
        secrets: request.secrets.clone(),
        folders: std::mem::take(&mut found.folders),
        files: listed.collect::<Result<_, _>>()?,
    };
    let bytes = write(&head, &found.sources, part, &mut progress)?;
    Ok((found, bytes))
}

/// Its place in the data folder, if it is there, else one of its own.
fn name_of_database(data: &Path, database: &DatabaseFile) -> String {
    let below = database.file.strip_prefix(data).ok().and_then(name::of);
    match below {
        Some(below) => format!("{DATA}/{below}"),
        None => format!("{DATABASES}/{}", database.name),
    }
}

/// Lists a folder and all below it, in the order of the names.
fn walk(
    request: &Exporting,
    databases: &[&DatabaseFile],
    folder: &Path,
    found: &mut Found,
) -> Result<(), WorkError> {
    let entries = fs::read_dir(folder).map_err(WorkError::file(folder))?;
    let mut entries: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()
        .map_err(WorkError::file(folder))?;
    entries.sort();
    for path in entries {
        let below = path.strip_prefix(&request.data).unwrap_or(&path);
        let first = below.to_str().unwrap_or_default();
        if name::is_in(first, &request.leave_out) || is_of_database(&path, databases) {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).map_err(WorkError::file(&path))?;
        if !metadata.is_dir() && !metadata.is_file() {
            found.odd.push(path);
            continue;
        }
        let name = name::of(below).ok_or_else(|| WorkError::OddName(path.clone()))?;
        let name = format!("{DATA}/{name}");
        if metadata.is_dir() {
            found.folders.push(name);
            walk(request, databases, &path, found)?;
        } else {
            found.bytes += metadata.len();
            found.sources.push(Source { path, name });
        }
    }
    Ok(())
}

/// Databases are copied another way, and what lies beside them is in the copies.
fn is_of_database(path: &Path, databases: &[&DatabaseFile]) -> bool {
    let sides = || SIDES.iter().chain(&[""]);
    databases.iter().any(|one| sides().any(|side| files::with_suffix(&one.file, side) == *path))
}

impl Source {
    fn listed(&self, progress: &mut Telling) -> Result<FileEntry, WorkError> {
        let mut hashing = Hashing::new(self.open()?);
        let mut buffer = vec![0; PIECE];
        loop {
            match hashing.read(&mut buffer).map_err(WorkError::file(&self.path))? {
                0 => break,
                count => progress.add(count as u64),
            }
        }
        let (bytes, sha256) = hashing.finish();
        Ok(FileEntry { path: self.name.clone(), bytes, sha256 })
    }

    fn open(&self) -> Result<File, WorkError> {
        File::open(&self.path).map_err(WorkError::file(&self.path))
    }
}

fn write(
    head: &Head,
    sources: &[Source],
    part: &Path,
    progress: &mut Telling,
) -> Result<u64, WorkError> {
    let failed = WorkError::file(part);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(part).map_err(&failed)?;
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
    file.sync_all().map_err(&failed)?;
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
