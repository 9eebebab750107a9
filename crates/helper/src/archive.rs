//! All data of an app in one file, to keep or to take to another machine.
//!
//! The file is a tar archive within zstd. Its first entry, [`head::NAME`], says what it is and
//! lists everything else with its SHA-256. Databases are in it as copies of one moment.
//!
//! An import unpacks beside the data folder, checks everything, and only then [swaps](crate::swap).
//!
//! While an export to `FILE` is written, `FILE.ensconce-part` and `FILE.ensconce-databases` lie
//! beside it. They are the only names that are taken for Ensconce's own wherever they are, which is
//! why they say whose they are: what an export that was killed has left is replaced by the next.

use std::path::{Path, PathBuf};

use crate::files;

mod export;
mod hash;
mod head;
mod import;
mod list;
mod name;
mod place;
mod placing;
mod reading;
mod unpack;

pub(crate) use export::{check as check_export, export};
pub(crate) use import::import;
pub(crate) use name::is_in;
pub(crate) use reading::inspect;
pub(crate) use unpack::unpack;

/// Behind the name of what is unpacked, until it is in its place.
const IMPORTING: &str = ".importing";

/// Returns the folder that data is unpacked into.
fn unpacking_folder(data: &Path) -> PathBuf {
    files::with_suffix(data, IMPORTING)
}

/// Returns where a database outside the data folder is unpacked to.
fn staged_beside(file: &Path) -> PathBuf {
    files::with_suffix(file, IMPORTING)
}
