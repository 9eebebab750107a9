//! Takes an app's data from an export, in place of the present data, which is kept beside it.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::hash::Hashing;
use super::head::{AnyHead, DATA, DATABASES, FORMAT, FileEntry, Head, NAME};
use super::swap::{Other, forget, make_private, recover, remove, swap, unpacking_folder};
use super::{Database, Trouble, has_room, name};
use crate::answer::Answer;
use crate::sqlite::progress::Progress;
use crate::sqlite::restore::settle;
use crate::{clock, files};

/// A head that is larger than this is none of ours: it lists a million files in less.
const LARGEST_HEAD: u64 = 512 << 20;

/// What to import.
#[derive(Deserialize)]
pub(super) struct Request {
    from: PathBuf,
    app_id: String,
    data: PathBuf,
    leave_out: Vec<String>,
    databases: Vec<Database>,
    need_secrets: bool,
}

/// Imports; what is in the file is looked at as a whole before anything is replaced.
pub(super) fn import(request: &Request) -> Result<Answer, Trouble> {
    let data = &request.data;
    recover(data)?;
    forget(data)?;
    let mut reading = Reading::open(&request.from)?;
    let head = reading.head()?;
    if head.app.id != request.app_id {
        return Err(Trouble::OtherApp { found: head.app.name });
    }
    if request.need_secrets && head.secrets.is_none() {
        return Err(Trouble::NoSecrets);
    }
    is_movable(data)?;
    let folder = unpacking_folder(data);
    let result = unpack(request, &head, &mut reading, &folder);
    let (aside, others) = match result {
        Ok(unpacked) => unpacked,
        Err(trouble) => {
            let _ = remove(&folder);
            return Err(trouble);
        }
    };
    swap(data, &aside, &request.leave_out, others, head.settings.clone())?;
    let message =
        format!("The data is imported. What was there before is in `{}`.", aside.display());
    Ok(Answer::good(message)
        .with("settings", head.settings)
        .with("secrets", head.secrets)
        .with("version", head.app.version)
        .with("kept", aside.to_string_lossy().into_owned()))
}

/// Whether folders beside the data folder are on the same file system, so that moving is renaming.
fn is_movable(data: &Path) -> Result<(), Trouble> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
        let beside = device(&files::folder_of(data)).map_err(Trouble::file(data))?;
        if device(data).map_err(Trouble::file(data))? != beside {
            return Err(Trouble::Mounted(data.to_owned()));
        }
    }
    Ok(())
}

/// Unpacks into a new folder, durably; gives where the present data is to go.
fn unpack(
    request: &Request,
    head: &Head,
    reading: &mut Reading,
    folder: &Path,
) -> Result<(PathBuf, Vec<Other>), Trouble> {
    let bytes = head.files.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add);
    has_room(&files::folder_of(folder), bytes)?;
    make_private(&folder.join(DATA))?;
    for name in &head.folders {
        make_private(&folder.join(allowed(name, &request.leave_out)?))?;
    }
    reading.files(head, request, folder)?;
    let moment = clock::now();
    let others = place_databases(request, head, folder, &moment)?;
    sync_all(&folder.join(DATA))?;
    // Another program that uses a database would go on writing to the file that is moved away.
    for database in request.databases.iter().filter(|one| one.file.exists()) {
        settle(&database.file)?;
    }
    Ok((free_name(&request.data, &moment), others))
}

fn free_name(data: &Path, moment: &str) -> PathBuf {
    let numbers = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
    let names =
        numbers.map(|number| files::with_suffix(data, &format!(".before-import-{moment}{number}")));
    { names }.find(|name| fs::symlink_metadata(name).is_err()).unwrap_or_default()
}

/// Puts databases where this version of the app has them.
fn place_databases(
    request: &Request,
    head: &Head,
    folder: &Path,
    moment: &str,
) -> Result<Vec<Other>, Trouble> {
    let mut others = Vec::new();
    for database in &request.databases {
        let entry = head.databases.iter().find(|entry| entry.name == database.name);
        let Some(entry) = entry else { continue };
        let unpacked = folder.join(allowed(&entry.path, &request.leave_out)?);
        if !unpacked.is_file() {
            return Err(damaged(format!("the database {} is missing", database.name)));
        }
        if let Ok(below) = database.file.strip_prefix(&request.data) {
            let place = folder.join(DATA).join(below);
            make_private(&files::folder_of(&place))?;
            fs::rename(&unpacked, &place).map_err(Trouble::file(&place))?;
            continue;
        }
        make_private(&files::folder_of(&database.file))?;
        let new = files::with_suffix(&database.file, ".importing");
        files::remove(&new).map_err(Trouble::file(&new))?;
        fs::copy(&unpacked, &new).map_err(Trouble::file(&new))?;
        files::sync(&new).map_err(Trouble::file(&new))?;
        let suffix = format!(".before-import-{moment}");
        others.push(Other {
            new,
            file: database.file.clone(),
            aside: files::with_suffix(&database.file, &suffix),
        });
    }
    Ok(others)
}

/// Makes all that was unpacked durable: the files were when they were written.
fn sync_all(folder: &Path) -> Result<(), Trouble> {
    let failed = Trouble::file(folder);
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        if entry.file_type().map_err(&failed)?.is_dir() {
            sync_all(&entry.path())?;
        }
    }
    files::sync_folder(folder).map_err(&failed)
}

/// Reads a name as a path that an export may have.
fn allowed(name: &str, leave_out: &[String]) -> Result<PathBuf, Trouble> {
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

fn damaged(why: impl Into<String>) -> Trouble {
    Trouble::Damaged(why.into())
}

/// A file that is read once, from its beginning to its end.
struct Reading {
    archive: tar::Archive<zstd::Decoder<'static, BufReader<File>>>,
    path: PathBuf,
}

impl Reading {
    fn open(path: &Path) -> Result<Self, Trouble> {
        if path.is_dir() {
            return Err(Trouble::IsFolder(path.to_owned()));
        }
        let decoder = File::open(path).and_then(zstd::Decoder::new).map_err(Trouble::file(path))?;
        Ok(Self { archive: tar::Archive::new(decoder), path: path.to_owned() })
    }

    fn no_export<T>(&self) -> impl Fn(T) -> Trouble + use<T> {
        let path = self.path.clone();
        move |_| Trouble::NoExport(path.clone())
    }

    /// Reads the first entry. The archive is read as a whole by [`Reading::files`] afterwards, from
    /// a new beginning: its entries can be asked for only once.
    fn head(&mut self) -> Result<Head, Trouble> {
        let no_export = self.no_export();
        let first = self.archive.entries().map_err(&no_export)?.next();
        let first = first.ok_or_else(|| Trouble::NoExport(self.path.clone()))?;
        let mut first = first.map_err(&no_export)?;
        if *first.path_bytes() != *NAME.as_bytes() || first.size() > LARGEST_HEAD {
            return Err(Trouble::NoExport(self.path.clone()));
        }
        let mut text = Vec::new();
        first.read_to_end(&mut text).map_err(broken)?;
        drop(first);
        let any: AnyHead = serde_json::from_slice(&text).map_err(self.no_export())?;
        if any.format > FORMAT {
            return Err(Trouble::Newer);
        }
        let head = serde_json::from_slice(&text);
        let head = head.map_err(|_| damaged("its list of files makes no sense"))?;
        *self = Self::open(&self.path)?;
        Ok(head)
    }

    /// Unpacks all files, and compares them with the list.
    fn files(&mut self, head: &Head, request: &Request, folder: &Path) -> Result<(), Trouble> {
        let mut listed: HashMap<&str, &FileEntry> =
            head.files.iter().map(|entry| (entry.path.as_str(), entry)).collect();
        let mut telling = Telling::new(head);
        let mut seen = HashSet::new();
        let mut entries = self.archive.entries().map_err(broken)?;
        // The head was read before.
        entries.next().transpose().map_err(broken)?;
        for entry in entries {
            let mut entry = entry.map_err(broken)?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let path = folder.join(allowed(&name, &request.leave_out)?);
            if entry.header().entry_type() != tar::EntryType::Regular {
                return Err(damaged(format!("`{name}` in it is no file")));
            }
            let unlisted = || damaged(format!("`{name}` in it is not in its list"));
            let expected = listed.remove(name.as_str()).ok_or_else(unlisted)?;
            // Where capitals do not count, two names may be one.
            if !seen.insert(name.to_lowercase()) && path.exists() {
                return Err(damaged(format!("`{name}` is in it twice")));
            }
            if entry.size() != expected.bytes {
                return Err(damaged(format!("`{name}` in it is not as it was")));
            }
            let mode = entry.header().mode().unwrap_or(0);
            let mut content = Hashing::new(&mut entry);
            write(&path, &mut content, mode)?;
            if content.finish() != (expected.bytes, expected.sha256.clone()) {
                return Err(damaged(format!("`{name}` in it is not as it was")));
            }
            telling.add(expected.bytes);
        }
        if let Some(missing) = listed.keys().next() {
            return Err(damaged(format!("`{missing}` is missing in it")));
        }
        self.end()
    }

    /// What comes after the last entry belongs to the checksum of the whole.
    fn end(&mut self) -> Result<(), Trouble> {
        let archive = std::mem::replace(&mut self.archive, Self::open(&self.path)?.archive);
        io::copy(&mut archive.into_inner(), &mut io::sink()).map(drop).map_err(broken)
    }
}

/// What cannot be read on from here.
fn broken(error: io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged("it is cut short"),
        _ => damaged("it cannot be read to its end"),
    }
}

/// Writes a new file, durably. A damaged archive is told from a disk that is full.
fn write(path: &Path, content: &mut impl Read, mode: u32) -> Result<(), Trouble> {
    let failed = Trouble::file(path);
    make_private(&files::folder_of(path))?;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        let mode = if mode & 0o100 != 0 { 0o700 } else { 0o600 };
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).map_err(&failed)?;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = content.read(&mut buffer).map_err(broken)?;
        if count == 0 {
            break;
        }
        io::Write::write_all(&mut file, &buffer[..count]).map_err(&failed)?;
    }
    file.sync_all().map_err(&failed)
}

/// Tells how much of all is done.
struct Telling {
    progress: Progress,
    all: u64,
    done: u64,
}

impl Telling {
    fn new(head: &Head) -> Self {
        let all = head.files.iter().map(|entry| entry.bytes).fold(1, u64::saturating_add);
        Self { progress: Progress::new("the data"), all, done: 0 }
    }

    fn add(&mut self, bytes: u64) {
        self.done += bytes;
        self.progress.tell(u32::try_from(self.done.saturating_mul(100) / self.all).unwrap_or(100));
    }
}
