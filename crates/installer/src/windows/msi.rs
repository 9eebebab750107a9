//! A package of Windows Installer, for administrators who hand out software by it.
//!
//! The database is written by the crate `msi`, and the files in it are packed by `cab`: no other
//! program is needed, on any system. `wixl`, Debian's tool for it, makes GUIDs and times of its own
//! at each run, and ends in a crash on some of what is said here.
//!
//! # Theory of operation
//!
//! 1. Each folder is a component, whose mark is a value in the user's registry, as Windows wants it
//!    for what is installed for one user.
//! 2. All GUIDs are made of names and contents. The product's is another for each package, so that
//!    any package replaces any other of the same app, which goes before its files come.
//! 3. A running app is ended by Windows itself, whose restart manager sees who holds a file.

mod database;
mod rows;

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cab::{CabinetBuilder, CompressionType};
use uuid::Uuid;

use super::{Contents, files};
use crate::tree::Contents as Data;
use crate::{InstallerError, icon, names};

/// A cabinet's folder holds less than 2 GiB; a new one begins before that.
const MOST_IN_A_FOLDER: u64 = 1 << 30;

/// Makes the package, and says where it is.
pub(super) fn make(contents: &Contents<'_>) -> Result<PathBuf, InstallerError> {
    let work = contents.work.path();
    let path = work.join("app.msi");
    let failed = |error: io::Error| InstallerError::file("write", &path)(error);
    let cabinet = work.join("app.cab");
    pack(contents, &cabinet)?;
    let guids = Guids::of(contents)?;
    let icon = icon::ico(contents.package)?;
    database::write(contents, &guids, &cabinet, icon.as_deref(), &path).map_err(failed)?;
    set_time(&path, contents.package.time).map_err(failed)?;
    Ok(path)
}

/// The names by which Windows knows things.
struct Guids {
    /// The app, in all versions.
    app: Uuid,
    /// What is installed: this version with these contents.
    product: Uuid,
    /// This file.
    package: Uuid,
}

impl Guids {
    fn of(contents: &Contents<'_>) -> Result<Self, InstallerError> {
        let package = contents.package;
        let app = Uuid::new_v5(&Uuid::NAMESPACE_DNS, package.id.as_bytes());
        let mut hash = blake3::Hasher::new();
        // What stands in the registry and in menus is part of it.
        hash.update(format!("{:?}", (&package.title, &package.version, &package.arch)).as_bytes());
        hash.update(format!("{:?}", (&package.file_types, &package.schemes)).as_bytes());
        hash.update(format!("{:?}", (&package.publisher, &package.homepage)).as_bytes());
        for file in &contents.files {
            hash.update(file.path.as_bytes()).update(&[0]).update(&file.bytes.to_le_bytes());
            match &file.contents {
                Data::Bytes(data) => hash.update(data),
                Data::Path { path, .. } => {
                    let open = File::open(path).map_err(InstallerError::file("read", path))?;
                    hash.update_reader(open).map_err(InstallerError::file("read", path))?
                }
            };
        }
        let hash = hash.finalize();
        let of = |what: &[u8]| Uuid::new_v5(&app, &[what, hash.as_bytes()].concat());
        Ok(Self { app, product: of(b"product"), package: of(b"package") })
    }

    /// That of a folder's component.
    fn component(&self, folder: &str) -> Uuid {
        Uuid::new_v5(&self.app, format!("folder {folder}").as_bytes())
    }
}

/// Packs all files into one cabinet, each under its number.
fn pack(contents: &Contents<'_>, cabinet: &Path) -> Result<(), InstallerError> {
    let failed = |error: io::Error| InstallerError::file("write", cabinet)(error);
    let time = names::date(contents.package.time);
    let mut builder = CabinetBuilder::new();
    let mut index = 0;
    while index < contents.files.len() {
        let folder = builder.add_folder(CompressionType::MsZip);
        let mut bytes = 0;
        while let Some(file) = contents.files.get(index)
            && (bytes == 0 || bytes + file.bytes <= MOST_IN_A_FOLDER)
        {
            let added = folder.add_file(rows::file_key(index));
            if let Some(time) = time {
                added.set_datetime(time);
            }
            bytes += file.bytes;
            index += 1;
        }
    }
    let mut writer = builder.build(File::create(cabinet).map_err(failed)?).map_err(failed)?;
    let mut index = 0;
    while let Some(mut into) = writer.next_file().map_err(failed)? {
        let path = contents.work.path().join(files::collected(index));
        let mut from =
            BufReader::new(File::open(&path).map_err(InstallerError::file("read", &path))?);
        io::copy(&mut from, &mut into).map_err(failed)?;
        index += 1;
    }
    writer.finish().map(drop).map_err(failed)
}

/// The container has times of its own, which its library takes from the clock.
fn set_time(path: &Path, time: u64) -> io::Result<()> {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time);
    let file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let mut container = cfb::CompoundFile::open(file)?;
    container.set_modified_time("/", time)?;
    container.flush()
}
