//! Puts new data in the place of the present data, which is kept.
//!
//! That takes many steps, and a kill may come between any two of them. So a *journal* is kept at a
//! place where every start of the app looks:
//!
//! 1. Everything new is made durable beside its place first: an unpacked folder, copies of
//!    databases. A kill before the next step leaves the old data, and leftovers that [`recover`]
//!    removes.
//! 2. The journal is written, whole or not at all. From now on the swap will be finished: by this
//!    process, or by [`recover`] before anything uses the data.
//! 3. Phase *old*: what is in the places now is moved aside. Whatever is there is old, so that this
//!    can be done again.
//! 4. Phase *new*, also written into the journal: what is new is moved into the places. Whatever is
//!    still beside them is to be moved, so that this can be done again.
//! 5. Phase *settled*: the journal keeps what the app has to take over with the data: its answers,
//!    and which tasks have run on the data. [`recover`] reports it again until [`forget`] removes
//!    the journal. If the app cannot take it over, [`undo`] takes the swap back.
//!
//! A step that fails rather than being killed takes the swap back as well.
//!
//! The data folder itself stays where it is, because the app holds its lock in it; what is in it is
//! moved out, and the new content in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ensconce_protocol::{DatabaseFile, HelperAnswer, Recovered};
use serde::{Deserialize, Serialize};

use crate::answer::Answering;
use crate::archive::{DATA, is_in, staged_beside, unpacking_folder};
use crate::error::WorkError;
use crate::files;
use crate::sqlite::backup::remove_with_sides;
use crate::sqlite::replace::real;
use crate::sqlite::{SIDES, restore};

/// What is being done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// The content of the data folder, if that is replaced.
    pub(crate) folder: Option<FolderSwap>,
    /// Files that are replaced.
    pub(crate) files: Vec<FileSwap>,
    /// What the app has to take over besides.
    pub(crate) recovered: Recovered,
}

/// The content of a folder that is replaced.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FolderSwap {
    /// The folder.
    pub(crate) data: PathBuf,
    /// The folder in which the new content lies, below [`DATA`].
    pub(crate) unpacked: PathBuf,
    /// Where the present content goes.
    pub(crate) aside: PathBuf,
    /// What stays in the folder.
    pub(crate) leave_out: Vec<String>,
}

/// A file that is replaced, or only set aside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileSwap {
    /// The new file, beside its place; none for a file that is void from now on.
    pub(crate) new: Option<PathBuf>,
    /// Its place.
    pub(crate) file: PathBuf,
    /// Where the present file goes; a void one is removed there in the end.
    pub(crate) aside: PathBuf,
}

impl FileSwap {
    /// A file that means nothing any more when the data is another.
    pub(crate) fn void(file: PathBuf) -> Self {
        let aside = files::with_suffix(&file, ".void");
        Self { new: None, file, aside }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Old,
    New,
    Settled,
}

/// A swap, with the phase that it has reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Swap {
    phase: Phase,
    #[serde(flatten)]
    journal: Journal,
    /// Where this is kept.
    #[serde(skip)]
    path: PathBuf,
}

/// Ends what a swap that was killed has begun, before anything uses the data; removes what was only
/// staged.
pub(crate) fn recover(
    data: &Path,
    databases: &[DatabaseFile],
    journal: &Path,
) -> Result<HelperAnswer, WorkError> {
    let Some(mut swap) = Swap::read(journal)? else {
        remove_staged(data, databases)?;
        return Ok(HelperAnswer::good("There was nothing to finish."));
    };
    swap.finish()?;
    let mut answer = HelperAnswer::good("What was interrupted is finished now.");
    answer.recovered = Some(swap.journal.recovered);
    Ok(answer)
}

/// Takes a swap back whose settings the app could not take over.
pub(crate) fn undo(journal: &Path) -> Result<HelperAnswer, WorkError> {
    if let Some(mut swap) = Swap::read(journal)? {
        finish_what_is_begun();
        swap.undo()?;
    }
    Ok(HelperAnswer::good("The data is as it was before."))
}

/// Ends a swap whose settings the app has taken over.
pub(crate) fn forget(journal: &Path) -> Result<HelperAnswer, WorkError> {
    if let Some(swap) = Swap::read(journal)? {
        swap.forget()?;
    }
    Ok(HelperAnswer::good("The data was replaced."))
}

/// Removes what was unpacked or copied for a swap that never began.
fn remove_staged(data: &Path, databases: &[DatabaseFile]) -> Result<(), WorkError> {
    remove_folder(&unpacking_folder(data))?;
    for file in databases.iter().map(|database| real(&database.file)) {
        remove_with_sides(&restore::staged(&file))?;
        let unpacked = staged_beside(&file);
        files::remove(&unpacked).map_err(WorkError::file(&unpacked))?;
    }
    Ok(())
}

impl Swap {
    /// Begins a swap of what is staged and durable: from now on it will be finished.
    pub(crate) fn begin(path: &Path, journal: Journal) -> Result<Self, WorkError> {
        finish_what_is_begun();
        let swap = Self { phase: Phase::Old, journal, path: path.to_owned() };
        swap.write()?;
        Ok(swap)
    }

    /// Does it; what fails is taken back.
    pub(crate) fn run(mut self) -> Result<(), WorkError> {
        let Err(error) = self.finish() else { return Ok(()) };
        // If that fails as well, the journal is there to finish the swap later.
        self.undo()?;
        Err(error)
    }

    fn read(path: &Path) -> Result<Option<Self>, WorkError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(WorkError::file(path)(error)),
        };
        let swap = serde_json::from_slice::<Self>(&text);
        let swap = swap.map_err(|error| WorkError::file(path)(error.into()))?;
        Ok(Some(Self { path: path.to_owned(), ..swap }))
    }

    fn write(&self) -> Result<(), WorkError> {
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::from);
        let written = text.and_then(|text| files::write_whole(&self.path, &text));
        written.map_err(WorkError::file(&self.path))
    }

    fn enter(&mut self, phase: Phase) -> Result<(), WorkError> {
        self.phase = phase;
        self.write()
    }

    fn finish(&mut self) -> Result<(), WorkError> {
        if self.phase == Phase::Old {
            self.move_old_aside()?;
            self.enter(Phase::New)?;
        }
        if self.phase == Phase::New {
            self.move_new_in()?;
            self.enter(Phase::Settled)?;
        }
        Ok(())
    }

    fn move_old_aside(&self) -> Result<(), WorkError> {
        if let Some(folder) = &self.journal.folder {
            files::make_private(&folder.aside).map_err(WorkError::file(&folder.aside))?;
            folder.move_all(&folder.data, &folder.aside)?;
        }
        self.journal.files.iter().try_for_each(FileSwap::move_old_aside)
    }

    fn move_new_in(&self) -> Result<(), WorkError> {
        if let Some(folder) = &self.journal.folder {
            folder.move_all(&folder.new_content(), &folder.data)?;
        }
        self.journal.files.iter().try_for_each(FileSwap::move_new_in)
    }

    /// Moves everything back. After the first phase, what is in the places is new.
    fn undo(&mut self) -> Result<(), WorkError> {
        if self.phase != Phase::Old {
            if let Some(folder) = &self.journal.folder {
                folder.move_all(&folder.data, &folder.new_content())?;
            }
            self.journal.files.iter().try_for_each(FileSwap::move_new_out)?;
            self.enter(Phase::Old)?;
        }
        if let Some(folder) = &self.journal.folder {
            folder.move_all(&folder.aside, &folder.data)?;
        }
        self.journal.files.iter().try_for_each(FileSwap::move_old_back)?;
        self.remove_new()?;
        if let Some(folder) = &self.journal.folder {
            let _ = fs::remove_dir(&folder.aside);
        }
        self.remove_journal()
    }

    fn remove_new(&self) -> Result<(), WorkError> {
        if let Some(folder) = &self.journal.folder {
            remove_folder(&folder.unpacked)?;
        }
        let mut new = self.journal.files.iter().filter_map(|file| file.new.as_ref());
        new.try_for_each(|new| files::remove(new).map_err(WorkError::file(new)))
    }

    fn forget(&self) -> Result<(), WorkError> {
        if let Some(folder) = &self.journal.folder {
            remove_folder(&folder.unpacked)?;
        }
        for void in self.journal.files.iter().filter(|file| file.new.is_none()) {
            files::remove(&void.aside).map_err(WorkError::file(&void.aside))?;
        }
        self.remove_journal()
    }

    fn remove_journal(&self) -> Result<(), WorkError> {
        let removed = files::remove(&self.path)
            .and_then(|()| files::sync_folder(&files::folder_of(&self.path)));
        removed.map_err(WorkError::file(&self.path))
    }
}

impl FolderSwap {
    fn new_content(&self) -> PathBuf {
        self.unpacked.join(DATA)
    }

    /// Moves each entry of a folder to another, and makes that durable.
    fn move_all(&self, from: &Path, to: &Path) -> Result<(), WorkError> {
        let entries = match fs::read_dir(from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(WorkError::file(from))?,
        };
        for entry in entries {
            let name = entry.map_err(WorkError::file(from))?.file_name();
            if name.to_str().is_some_and(|name| is_in(name, &self.leave_out)) {
                continue;
            }
            let (from, to) = (from.join(&name), to.join(&name));
            fs::rename(&from, &to).map_err(WorkError::file(&from))?;
        }
        for folder in [to, from] {
            files::sync_folder(folder).map_err(WorkError::file(folder))?;
        }
        Ok(())
    }
}

impl FileSwap {
    fn move_old_aside(&self) -> Result<(), WorkError> {
        move_with_sides(&self.file, &self.aside)
    }

    fn move_new_in(&self) -> Result<(), WorkError> {
        self.new.as_ref().map_or(Ok(()), |new| move_one(new, &self.file))
    }

    /// A new file that is still beside its place was never moved there.
    fn move_new_out(&self) -> Result<(), WorkError> {
        match &self.new {
            Some(new) if !new.exists() => move_one(&self.file, new),
            _ => Ok(()),
        }
    }

    fn move_old_back(&self) -> Result<(), WorkError> {
        move_with_sides(&self.aside, &self.file)
    }
}

/// Moves a database, if it is there, with what lies beside it and belongs to it.
fn move_with_sides(from: &Path, to: &Path) -> Result<(), WorkError> {
    for side in SIDES {
        let (from, to) = (files::with_suffix(from, side), files::with_suffix(to, side));
        files::move_to(&from, &to).map_err(WorkError::file(&from))?;
    }
    move_one(from, to)
}

/// Moves a file within its folder, if it is there.
fn move_one(from: &Path, to: &Path) -> Result<(), WorkError> {
    let folder = files::folder_of(to);
    files::move_to(from, to).map_err(WorkError::file(from))?;
    match folder.is_dir() {
        true => files::sync_folder(&folder).map_err(WorkError::file(&folder)),
        false => Ok(()),
    }
}

/// Removes a folder, if it is there.
pub(crate) fn remove_folder(folder: &Path) -> Result<(), WorkError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(WorkError::file(folder)(error))
        }
        _ => Ok(()),
    }
}

/// From now on, a request to end is not heeded: a swap takes moments, and one that is interrupted
/// has to be finished by the next start.
fn finish_what_is_begun() {
    #[cfg(unix)]
    for signal in
        [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT, signal_hook::consts::SIGHUP]
    {
        let _ = signal_hook::flag::register(signal, Default::default());
    }
}
