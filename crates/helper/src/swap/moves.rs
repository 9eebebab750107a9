//! The moves of a swap. Each can be done again when it was interrupted, and none overwrites.
//!
//! That nothing else changes the places meanwhile cannot be relied on: a file manager leaves its
//! own files in folders, a program that nobody knew of writes. What is found in the way is
//! therefore moved to a name that is free, never replaced; and what was to be moved and is gone
//! from both places is an error, never taken for done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::archive::is_in;
use crate::error::WorkError;
use crate::files;
use crate::sqlite::SIDES;

/// The content of a folder that is replaced.
///
/// The folder itself stays where it is, because the app holds its lock in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FolderSwap {
    /// The folder.
    pub(crate) data: PathBuf,
    /// The folder in which the new content lies.
    pub(crate) new: PathBuf,
    /// Where the present content goes; nothing is there before.
    pub(crate) aside: PathBuf,
    /// What stays in the folder.
    pub(crate) leave_out: Vec<String>,
}

/// A file that is replaced, or only moved aside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileSwap {
    /// The new file, beside its place; none if nothing comes into the place.
    pub(crate) new: Option<PathBuf>,
    /// Its place.
    pub(crate) file: PathBuf,
    /// Where the present file goes; nothing is there before.
    pub(crate) aside: PathBuf,
    /// Whether there is a present file.
    pub(crate) was_there: bool,
    /// Whether the present file is still there when all is over.
    pub(crate) keep: bool,
}

impl FileSwap {
    /// Makes a swap of a database, or of its absence, for what is staged beside it.
    pub(crate) fn database(file: PathBuf, new: Option<PathBuf>, suffix: &str) -> Self {
        let aside = free_with_sides(&files::with_suffix(&file, suffix));
        let was_there = files::is_taken(&file);
        Self { new, file, aside, was_there, keep: true }
    }

    /// Makes a swap of a file that means nothing any more when the data is another.
    pub(crate) fn void(file: PathBuf) -> Self {
        let aside = files::free(files::with_suffix(&file, ".void"));
        let was_there = files::is_taken(&file);
        Self { new: None, file, aside, was_there, keep: false }
    }
}

/// Returns a path at which there is neither a database nor anything that belonged to one.
fn free_with_sides(path: &Path) -> PathBuf {
    let mut free = files::free(path.to_owned());
    while SIDES.iter().any(|side| files::is_taken(&files::with_suffix(&free, side))) {
        free = files::free(files::with_suffix(&free, "-2"));
    }
    free
}

impl FolderSwap {
    /// Moves what is in the folder aside.
    pub(super) fn move_old_aside(&self) -> Result<(), WorkError> {
        files::make_durable_folder(&self.aside).map_err(WorkError::file(&self.aside))?;
        // What is there already is from before an interruption, so that it is older.
        self.move_all(&self.data, &self.aside, InTheWay::Stays)
    }

    /// Moves the new content in.
    pub(super) fn move_new_in(&self) -> Result<(), WorkError> {
        // It may have been moved before an interruption; the folder that it was in stays.
        self.move_all(&self.new, &self.data, InTheWay::GoesTo(&self.aside))
    }

    /// Checks that what was moved aside is there, before the new content goes out for it.
    pub(super) fn check_old(&self) -> Result<(), WorkError> {
        if self.aside.is_dir() { Ok(()) } else { Err(WorkError::Gone(self.aside.clone())) }
    }

    /// Moves the new content out again.
    pub(super) fn move_new_out(&self) -> Result<(), WorkError> {
        files::make_private(&self.new).map_err(WorkError::file(&self.new))?;
        self.move_all(&self.data, &self.new, InTheWay::Stays)
    }

    /// Moves back what was moved aside.
    pub(super) fn move_old_back(&self) -> Result<(), WorkError> {
        if !self.aside.is_dir() {
            // The very first step of the swap is what failed.
            return Ok(());
        }
        self.move_all(&self.aside, &self.data, InTheWay::GoesTo(&self.data))?;
        // Empty now; if it is not, somebody else has put something there.
        let _ = fs::remove_dir(&self.aside);
        Ok(())
    }

    /// Moves each entry of a folder to another, and makes that durable.
    fn move_all(&self, from: &Path, to: &Path, in_the_way: InTheWay<'_>) -> Result<(), WorkError> {
        // Listed before anything is moved: a folder that changes may be read in any way.
        let names = fs::read_dir(from)
            .and_then(|entries| {
                entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()
            })
            .map_err(WorkError::file(from))?;
        for name in names {
            if name.to_str().is_some_and(|name| is_in(name, &self.leave_out)) {
                continue;
            }
            let from = from.join(&name);
            move_entry(&from, to.join(&name), in_the_way).map_err(|error| match error.kind() {
                // Another disk begins there.
                io::ErrorKind::CrossesDevices | io::ErrorKind::ResourceBusy => {
                    WorkError::Mounted(from.clone())
                }
                _ => WorkError::file(&from)(error),
            })?;
        }
        for folder in [to, from] {
            files::sync_folder(folder).map_err(WorkError::file(folder))?;
        }
        Ok(())
    }
}

/// What is done with something that is in the place that another thing is moved to.
#[derive(Clone, Copy)]
enum InTheWay<'a> {
    /// It stays; the other thing gets another name.
    Stays,
    /// It goes to a folder, under a name that is free there.
    GoesTo(&'a Path),
}

fn move_entry(from: &Path, to: PathBuf, in_the_way: InTheWay<'_>) -> io::Result<()> {
    let to = match in_the_way {
        InTheWay::Stays => files::free(to),
        InTheWay::GoesTo(folder) if files::is_taken(&to) => {
            files::rename(&to, &files::free(folder.join(to.file_name().unwrap_or_default())))?;
            to
        }
        InTheWay::GoesTo(_) => to,
    };
    files::rename(from, &to)
}

impl FileSwap {
    /// Moves what is in the place aside.
    pub(super) fn move_old_aside(&self) -> Result<(), WorkError> {
        // The file itself is moved last. Once it is aside, whatever is in the place came later.
        let aside = match files::is_taken(&self.aside) {
            true => free_with_sides(&self.aside),
            false => self.aside.clone(),
        };
        move_with_sides(&self.file, &aside)
    }

    /// Moves the new file in.
    pub(super) fn move_new_in(&self) -> Result<(), WorkError> {
        let Some(new) = &self.new else { return Ok(()) };
        if files::is_taken(new) {
            move_with_sides(&self.file, &free_with_sides(&self.aside))?;
            return move_one(new, &self.file);
        }
        // It was moved before an interruption; or somebody has removed it.
        if files::is_taken(&self.file) { Ok(()) } else { Err(WorkError::Gone(new.clone())) }
    }

    /// Checks that what was moved aside is there, before the new file goes out for it.
    pub(super) fn check_old(&self) -> Result<(), WorkError> {
        if !self.was_there || files::is_taken(&self.aside) {
            return Ok(());
        }
        Err(WorkError::Gone(self.aside.clone()))
    }

    /// Moves the new file out again, if it was moved in.
    pub(super) fn move_new_out(&self) -> Result<(), WorkError> {
        match &self.new {
            Some(new) if !files::is_taken(new) => move_with_sides(&self.file, new),
            _ => Ok(()),
        }
    }

    /// Moves back what was moved aside.
    pub(super) fn move_old_back(&self) -> Result<(), WorkError> {
        if files::is_taken(&self.aside) && files::is_taken(&self.file) {
            move_with_sides(&self.file, &free_with_sides(&self.aside))?;
        }
        move_with_sides(&self.aside, &self.file)
    }

    /// Removes what was moved aside, unless it is kept.
    pub(super) fn remove_old(&self) -> Result<(), WorkError> {
        if self.keep {
            return Ok(());
        }
        files::remove(&self.aside).map_err(WorkError::file(&self.aside))
    }
}

/// Moves a database within its folder, if it is there, with what lies beside it and belongs to it.
///
/// A write-ahead log that stays behind would be applied to the next database in the place, and
/// ruin it. So the file itself comes last: as long as it is there, all is moved again.
fn move_with_sides(from: &Path, to: &Path) -> Result<(), WorkError> {
    for side in SIDES {
        let (from, to) = (files::with_suffix(from, side), files::with_suffix(to, side));
        files::move_to(&from, &to).map_err(WorkError::file(&from))?;
    }
    move_one(from, to)
}

/// Moves a file within its folder, if it is there.
fn move_one(from: &Path, to: &Path) -> Result<(), WorkError> {
    files::move_to(from, to).map_err(WorkError::file(from))?;
    let folder = files::folder_of(to);
    match folder.is_dir() {
        true => files::sync_folder(&folder).map_err(WorkError::file(&folder)),
        // Nothing was there to be moved.
        false => Ok(()),
    }
}
