//! Where a database is, as seen from the data folder.
//!
//! The manifest may name a file in the data folder or elsewhere, and somebody may have moved a
//! database, or a folder with one, to another disk and left a link. Content of the data folder is
//! swapped with it; what lies elsewhere is swapped where it lies, and a link to it stays a link.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::name;
use crate::error::WorkError;
use crate::files;
use crate::sqlite::restore::place_of;

/// The place of a database.
pub(super) enum DatabasePlace {
    /// A path below the data folder.
    Inside(PathBuf),
    /// A file elsewhere.
    Outside { file: PathBuf, link: Option<Link> },
}

/// A link in the data folder that leads out of it, to a database or to a folder with one.
#[derive(Clone)]
pub(super) struct Link {
    /// Its path below the data folder.
    pub(super) below: PathBuf,
    /// The path of the database below the data folder.
    pub(super) database: PathBuf,
    /// Where it is now.
    path: PathBuf,
}

impl DatabasePlace {
    /// Finds the place of a database file.
    pub(super) fn of(file: &Path, data: &Path) -> Result<Self, WorkError> {
        let (real, real_data) = (place_of(file)?, files::real(data));
        let below = below(file, data).map(Path::to_owned);
        match (below, real.strip_prefix(&real_data)) {
            // A link within the folder gives way to the file.
            (Some(below), Ok(_)) => Ok(Self::Inside(below)),
            (None, Ok(below)) => Ok(Self::Inside(below.to_owned())),
            (below, Err(_)) => {
                let link = below.and_then(|below| Link::on_the_way(&real_data, &below));
                Ok(Self::Outside { file: real, link })
            }
        }
    }
}

/// Returns the path of a file below the data folder, as the manifest names it.
fn below<'a>(file: &'a Path, data: &Path) -> Option<&'a Path> {
    file.strip_prefix(data).or_else(|_| file.strip_prefix(files::real(data))).ok()
}

/// Returns the name of a database in an export: its place in the data folder, if the manifest has
/// it there.
pub(super) fn name_in_export(file: &Path, data: &Path) -> Option<String> {
    let real = files::real(file);
    let below = below(file, data).or_else(|| real.strip_prefix(files::real(data)).ok());
    below.and_then(name::of)
}

impl Link {
    /// Finds the first link on the way from a folder to a database in it.
    fn on_the_way(folder: &Path, database: &Path) -> Option<Self> {
        let steps: Vec<&Path> = database.ancestors().collect();
        let is_link = |step: &&&Path| folder.join(step).is_symlink();
        let below = steps.iter().rev().skip(1).find(is_link)?;
        let (below, database) = (below.to_path_buf(), database.to_owned());
        Some(Self { path: folder.join(&below), below, database })
    }

    /// Makes the same link at another path.
    pub(super) fn make_at(&self, path: &Path) -> io::Result<()> {
        let target = fs::read_link(&self.path)?;
        #[cfg(unix)]
        return std::os::unix::fs::symlink(target, path);
        #[cfg(windows)]
        return match self.path.is_dir() {
            true => std::os::windows::fs::symlink_dir(target, path),
            false => std::os::windows::fs::symlink_file(target, path),
        };
    }
}
