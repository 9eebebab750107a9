//! All data of an app in one file, to keep or to take to another machine.
//!
//! The file is a tar archive within zstd. Its first entry, [`head::NAME`], says what it is and
//! lists everything else with its SHA-256. Databases are in it as copies of one moment.
//!
//! An import unpacks beside the data folder, checks everything, and only then [swaps](crate::swap).

use std::path::{Path, PathBuf};

use crate::error::WorkError;
use crate::files;

mod export;
mod hash;
mod head;
mod import;
mod name;
mod reading;
mod unpack;

pub(crate) use export::{check as check_export, export};
pub(crate) use head::DATA;
pub(crate) use import::import;
pub(crate) use name::is_in;
pub(crate) use reading::inspect;
pub(crate) use unpack::{Unpacking, unpack};

/// Behind the name of what is unpacked, until it is in its place.
const IMPORTING: &str = ".importing";

/// Returns the folder that data is unpacked into.
pub(crate) fn unpacking_folder(data: &Path) -> PathBuf {
    files::with_suffix(data, IMPORTING)
}

/// Returns where a database outside the data folder is unpacked to.
pub(crate) fn staged_beside(file: &Path) -> PathBuf {
    files::with_suffix(file, IMPORTING)
}

fn has_room(folder: &Path, bytes: u64) -> Result<(), WorkError> {
    /// What a disk should have left.
    const SPARE: u64 = 16 << 20;
    let free = fs4::available_space(folder).map_err(WorkError::file(folder))?;
    let needed = bytes.saturating_add(SPARE);
    if free >= needed {
        return Ok(());
    }
    Err(WorkError::NoRoom { folder: folder.to_owned(), needed, free })
}
