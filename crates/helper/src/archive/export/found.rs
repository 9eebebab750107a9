//! What there is in a data folder to export.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ensconce_protocol::DatabaseFile;

use crate::archive::head::DATA;
use crate::archive::name;
use crate::error::WorkError;
use crate::files;
use crate::sqlite::SIDES;

/// A file that goes in.
pub(super) struct ExportedFile {
    pub(super) path: PathBuf,
    /// Its name in the archive.
    pub(super) name: String,
}

impl ExportedFile {
    pub(super) fn open(&self) -> Result<File, WorkError> {
        File::open(&self.path).map_err(WorkError::file(&self.path))
    }
}

/// What there is to export.
#[derive(Default)]
pub(super) struct DataListing {
    pub(super) folders: Vec<String>,
    pub(super) sources: Vec<ExportedFile>,
    /// Links, sockets and the like, which only mean something here.
    pub(super) odd: Vec<PathBuf>,
    pub(super) bytes: u64,
}

impl DataListing {
    /// Lists a data folder, without its databases: these are copied another way, and what lies
    /// beside them is in the copies.
    pub(super) fn in_folder(
        data: &Path,
        leave_out: &[String],
        databases: &[&DatabaseFile],
    ) -> Result<Self, WorkError> {
        let data = files::real(data);
        let walking = DataWalk { leave_out, of_databases: of_databases(databases), data: &data };
        let mut found = Self::default();
        walking.walk(&data, &mut found)?;
        Ok(found)
    }
}

/// Returns the paths of the files of databases, whether they or links to them are named.
fn of_databases(databases: &[&DatabaseFile]) -> Vec<PathBuf> {
    let named = |file: &Path| {
        let name = file.file_name().unwrap_or_default();
        files::real(&files::folder_of(file)).join(name)
    };
    let both = databases.iter().flat_map(|one| [named(&one.file), files::real(&one.file)]);
    let sides =
        |file: PathBuf| SIDES.iter().chain(&[""]).map(move |side| files::with_suffix(&file, side));
    both.flat_map(sides).collect()
}

struct DataWalk<'a> {
    data: &'a Path,
    leave_out: &'a [String],
    of_databases: Vec<PathBuf>,
}

impl DataWalk<'_> {
    /// Lists a folder and all below it, in the order of the names.
    fn walk(&self, folder: &Path, found: &mut DataListing) -> Result<(), WorkError> {
        let entries = fs::read_dir(folder).map_err(WorkError::file(folder))?;
        let mut entries: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()
            .map_err(WorkError::file(folder))?;
        entries.sort();
        entries.into_iter().try_for_each(|path| self.add(path, found))
    }

    fn add(&self, path: PathBuf, found: &mut DataListing) -> Result<(), WorkError> {
        let below = path.strip_prefix(self.data).unwrap_or(&path);
        let first = below.to_str().unwrap_or_default();
        if name::is_in(first, self.leave_out) || self.of_databases.contains(&path) {
            return Ok(());
        }
        let metadata = fs::symlink_metadata(&path).map_err(WorkError::file(&path))?;
        if !metadata.is_dir() && !metadata.is_file() {
            found.odd.push(path);
            return Ok(());
        }
        let name = name::of(below).ok_or_else(|| WorkError::OddName(path.clone()))?;
        let name = format!("{DATA}/{name}");
        if metadata.is_dir() {
            found.folders.push(name);
            return self.walk(&path, found);
        }
        found.bytes += metadata.len();
        found.sources.push(ExportedFile { path, name });
        Ok(())
    }
}
