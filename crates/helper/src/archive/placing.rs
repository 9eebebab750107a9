//! Puts the databases of an export where this version of the app has them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::head::{ArchiveHead, DATA};
use super::list::{OutsideDatabase, UnpackedData};
use super::place::{DatabasePlace, Link};
use super::reading::{allowed, damaged};
use super::staged_beside;
use crate::error::WorkError;
use crate::{files, room};

/// The folder of databases that have left their place in the export for their place here.
const ON_THE_WAY: &str = "on-the-way";

/// What was unpacked.
pub(super) struct DatabasePlacement<'a> {
    pub(super) folder: &'a Path,
    pub(super) leave_out: &'a [String],
    pub(super) head: &'a ArchiveHead,
}

impl DatabasePlacement<'_> {
    /// Moves each database to its place in the new content, or beside its place elsewhere.
    pub(super) fn place(
        &self,
        places: &[(String, DatabasePlace)],
        unpacked: &mut UnpackedData,
    ) -> Result<(), WorkError> {
        // All leave their places first: two may have changed their names with each other.
        let waiting = self.folder.join(ON_THE_WAY);
        files::make_private(&waiting).map_err(WorkError::file(&waiting))?;
        let mut found = Vec::new();
        for (name, place) in places {
            found.push((self.take_out(name, &waiting, unpacked)?, place));
        }
        for (file, place) in found {
            match place {
                DatabasePlace::Inside(below) => self.inside(file, below, unpacked)?,
                DatabasePlace::Outside { file: to, link } => {
                    self.outside(file, to, link.as_ref(), unpacked)?;
                }
            }
        }
        unpacked.list(&self.folder.join(DATA))
    }

    /// Moves a database out of its place; returns its number in the list, if the export has it.
    fn take_out(
        &self,
        name: &str,
        waiting: &Path,
        unpacked: &mut UnpackedData,
    ) -> Result<Option<usize>, WorkError> {
        let entry = self.head.databases.iter().find(|entry| entry.name == name);
        let Some(entry) = entry else { return Ok(None) };
        let path = self.folder.join(allowed(&entry.path, self.leave_out)?);
        let number = unpacked.files.iter().position(|file| file.path == path);
        let missing = || damaged(format!("the database {name} is missing"));
        let number = number.ok_or_else(missing)?;
        let to = waiting.join(number.to_string());
        files::rename(&path, &to).map_err(WorkError::file(&path))?;
        unpacked.files[number].path = to;
        Ok(Some(number))
    }

    fn inside(
        &self,
        file: Option<usize>,
        below: &Path,
        unpacked: &mut UnpackedData,
    ) -> Result<(), WorkError> {
        let Some(number) = file else { return Ok(()) };
        let place = self.folder.join(DATA).join(below);
        if files::is_taken(&place) {
            return Err(damaged(format!("`{}` in it is not a database", below.display())));
        }
        let folder = files::folder_of(&place);
        files::make_private(&folder).map_err(WorkError::file(&folder))?;
        let from = &mut unpacked.files[number].path;
        files::rename(from, &place).map_err(WorkError::file(&place))?;
        *from = place;
        Ok(())
    }

    fn outside(
        &self,
        file: Option<usize>,
        to: &Path,
        link: Option<&Link>,
        unpacked: &mut UnpackedData,
    ) -> Result<(), WorkError> {
        if let Some(link) = link
            && !self.keep(link, unpacked)?
        {
            return self.inside(file, &link.database, unpacked);
        }
        let new = file.map(|number| {
            let new = staged_beside(to);
            let file = &mut unpacked.files[number];
            bring(&file.path, &new, file.bytes)?;
            file.path.clone_from(&new);
            Ok::<PathBuf, WorkError>(new)
        });
        // What the export does not have is moved aside as everything else.
        unpacked.outside.push(OutsideDatabase { file: to.to_owned(), new: new.transpose()? });
        Ok(())
    }

    /// Makes a link a part of the new content, unless that has something else in its place; returns
    /// whether it is there now.
    fn keep(&self, link: &Link, unpacked: &mut UnpackedData) -> Result<bool, WorkError> {
        let path = self.folder.join(DATA).join(&link.below);
        if unpacked.links.contains(&path) {
            return Ok(true);
        }
        // The folder that the database was in is empty now, if nothing else is in it.
        let _ = fs::remove_dir(&path);
        if files::is_taken(&path) {
            return Ok(false);
        }
        let folder = files::folder_of(&path);
        let made = files::make_private(&folder).and_then(|()| link.make_at(&path));
        made.map_err(WorkError::file(&path))?;
        unpacked.links.push(path);
        Ok(true)
    }
}

/// Brings a file to another place, perhaps on another disk, durably.
fn bring(from: &Path, to: &Path, bytes: u64) -> Result<(), WorkError> {
    let folder = files::folder_of(to);
    files::make_durable_folder(&folder).map_err(WorkError::file(&folder))?;
    let brought = match files::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            room::check(&folder, bytes)?;
            fs::copy(from, to).and_then(|_| files::sync(to)).and_then(|()| files::remove(from))
        }
        result => result,
    };
    brought.and_then(|()| files::sync_folder(&folder)).map_err(WorkError::file(to))
}
