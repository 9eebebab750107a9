//! Puts new data in the place of the present data, which is kept.
//!
//! That takes many steps, and a kill, an error or the end of the power may come between any two of
//! them. So a *journal* is kept at a place where every start of the app looks. While there is none,
//! there is nothing to do; while there is one, it says how far the replacement has come:
//!
//! 1. *staged*: the journal lists the files and folders that are about to be made beside their
//!    places: an unpacked export, copies of databases. They are made, and made durable. Nothing of
//!    the present data is touched, and the app goes on to run.
//! 2. *old*: from now on the swap will be finished. What is in the places is moved aside. Whatever
//!    is there is old, so that this can be done again.
//! 3. *new*: what is new is moved into the places. Whatever is still beside them is to be moved, so
//!    that this can be done again.
//! 4. *settled*: the journal keeps what the app has to take over with the data: its answers, and
//!    which tasks have run on the data. [`recover`] reports it until [`forget`] is called. If the
//!    app cannot take it over, [`undo`] takes the swap back.
//! 5. *forgotten*: what is left of the work is removed, and the journal last of all.
//!
//! A swap is taken back in two phases: *new-out*, and *old-back*. These are in the journal, too:
//! what was begun to be taken back goes on to be, and is not begun anew. A step that fails rather
//! than being killed takes the swap back as well; if that fails, too, the data is half replaced,
//! which [`WorkError::Unfinished`] says. Nothing may use the data then until [`recover`] has
//! brought the one or the other to its end.
//!
//! Each phase is durable before the next one is entered, and the next one takes no room to enter.
//!
//! A journal is of the data folder that it was written in, and says which that is. Where it is found
//! in another one, a copy for instance, nothing is done: its paths lead to the data of the first.
//!
//! # Names
//!
//! For a while there are files beside those of the app, of Ensconce's own: `FILE.restoring` and
//! `FILE.importing` for a database, `FOLDER.importing` for the data. None of these is taken for
//! Ensconce's because of its name: only what the journal lists was made here, and only that is
//! removed. Something else that has such a name is in the way, and the work is refused. What is
//! moved aside gets a name that is free, and is never removed, but for the note of an update.

use std::path::{Path, PathBuf};

use ensconce_protocol::{HelperAnswer, Recovered};

use crate::answer::Answering;
use crate::error::WorkError;
use crate::files;
use crate::sqlite::backup::{part_of, remove_with_sides};

mod journal;
mod moves;

use journal::{Content, Journal, Phase};
pub(crate) use moves::{FileSwap, FolderSwap};

/// What is to be replaced by what is staged.
pub(crate) struct Replacement {
    /// The content of the data folder, if that is replaced.
    pub(crate) folder: Option<FolderSwap>,
    /// Files that are replaced.
    pub(crate) files: Vec<FileSwap>,
    /// What the app has to take over besides.
    pub(crate) recovered: Recovered,
}

/// Makes things beside their places, of which nothing stays if that fails or is interrupted.
pub(crate) fn stage<T>(
    journal: &Path,
    staged: Vec<PathBuf>,
    make: impl FnOnce() -> Result<T, WorkError>,
) -> Result<T, WorkError> {
    match Journal::read(journal)? {
        None => {}
        // The app has thought better of it, or a helper was killed.
        Some(earlier) if earlier.phase() == Phase::Staged => Swap(earlier).abandon()?,
        Some(_) => return Err(still_unfinished()),
    }
    let all = staged.iter().flat_map(|path| [path.clone(), part_of(path)]);
    if let Some(taken) = { all }.find(|path| files::is_taken(path)) {
        return Err(WorkError::Taken(taken));
    }
    let swap = Swap(Journal::write(journal, Phase::Staged, Content::staged(journal, staged))?);
    make().inspect_err(|_| swap.abandon_if_possible())
}

fn still_unfinished() -> WorkError {
    WorkError::Unfinished("an earlier one was interrupted.".to_owned())
}

/// Puts what is staged in its place, if `plan` finds it to be as it should; else it is removed.
pub(crate) fn replace(
    journal: &Path,
    staged: &Path,
    plan: impl FnOnce() -> Result<Replacement, WorkError>,
) -> Result<Recovered, WorkError> {
    let found = match Journal::read(journal)? {
        Some(found) if found.phase() != Phase::Staged => return Err(still_unfinished()),
        Some(found) if found.content().staged.iter().any(|path| path == staged) => found,
        _ => return Err(WorkError::Incomplete(format!("`{}` is missing", staged.display()))),
    };
    let swap = Swap(found);
    let replacement = plan().inspect_err(|_| swap.abandon_if_possible())?;
    finish_what_is_begun();
    let recovered = replacement.recovered.clone();
    Swap::begin(journal, &swap, replacement).inspect_err(|_| swap.abandon_if_possible())?.run()?;
    Ok(recovered)
}

/// Ends what was interrupted, before anything uses the data.
pub(crate) fn recover(journal: &Path) -> Result<HelperAnswer, WorkError> {
    let Some(found) = Journal::read(journal)? else {
        files::remove_unfinished(journal).map_err(WorkError::file(journal))?;
        return Ok(HelperAnswer::good("There was nothing to finish."));
    };
    finish_what_is_begun();
    let phase = found.phase();
    let mut swap = Swap(found);
    match phase {
        Phase::Staged => {
            swap.abandon()?;
            Ok(HelperAnswer::good("There was nothing to finish."))
        }
        Phase::Forgotten => {
            swap.forget()?;
            Ok(HelperAnswer::good("The data was replaced."))
        }
        Phase::NewOut | Phase::OldBack => {
            swap.take_back().map_err(|error| WorkError::Unfinished(error.to_string()))?;
            Ok(HelperAnswer::good("The data is as it was before."))
        }
        Phase::Old | Phase::New | Phase::Settled => match swap.run() {
            Ok(recovered) => {
                let mut answer = HelperAnswer::good("What was interrupted is finished now.");
                answer.recovered = recovered;
                Ok(answer)
            }
            Err(error @ WorkError::Unfinished(_)) => Err(error),
            Err(error) => Ok(HelperAnswer::good(format!(
                "The data could not be replaced, and is as it was before: {error}"
            ))),
        },
    }
}

/// Takes a swap back whose settings the app could not take over.
pub(crate) fn undo(journal: &Path) -> Result<HelperAnswer, WorkError> {
    if let Some(journal) = Journal::read(journal)? {
        finish_what_is_begun();
        let phase = journal.phase();
        let mut swap = Swap(journal);
        match phase {
            Phase::Staged => swap.abandon()?,
            // Too late: the app has taken all over.
            Phase::Forgotten => return Err(still_unfinished()),
            _ => swap.take_back().map_err(|error| WorkError::Unfinished(error.to_string()))?,
        }
    }
    Ok(HelperAnswer::good("The data is as it was before."))
}

/// Ends a swap whose settings the app has taken over.
pub(crate) fn forget(journal: &Path) -> Result<HelperAnswer, WorkError> {
    if let Some(journal) = Journal::read(journal)? {
        if !matches!(journal.phase(), Phase::Settled | Phase::Forgotten) {
            return Err(still_unfinished());
        }
        finish_what_is_begun();
        Swap(journal).forget()?;
    }
    Ok(HelperAnswer::good("The data was replaced."))
}

/// A replacement that has a journal.
struct Swap(Journal);

impl Swap {
    /// Begins to swap what is staged and durable: from now on it will be finished.
    fn begin(path: &Path, staged: &Self, replacement: Replacement) -> Result<Self, WorkError> {
        let mut content = staged.0.content().clone();
        content.folder = replacement.folder;
        content.files = replacement.files;
        content.recovered = Some(replacement.recovered);
        Journal::write(path, Phase::Old, content).map(Self)
    }

    /// Goes on to its end; returns what the app has to take over. What fails is taken back.
    fn run(&mut self) -> Result<Option<Recovered>, WorkError> {
        let Err(error) = self.finish() else { return Ok(self.0.content().recovered.clone()) };
        match self.take_back() {
            Ok(()) => Err(error),
            Err(second) => Err(WorkError::Unfinished(format!("{error} {second}"))),
        }
    }

    fn finish(&mut self) -> Result<(), WorkError> {
        if self.0.phase() == Phase::Old {
            self.folder().try_for_each(FolderSwap::move_old_aside)?;
            self.files().try_for_each(FileSwap::move_old_aside)?;
            self.0.enter(Phase::New)?;
        }
        if self.0.phase() == Phase::New {
            self.folder().try_for_each(FolderSwap::move_new_in)?;
            self.files().try_for_each(FileSwap::move_new_in)?;
            self.0.enter(Phase::Settled)?;
        }
        Ok(())
    }

    /// Moves everything back.
    fn take_back(&mut self) -> Result<(), WorkError> {
        if matches!(self.0.phase(), Phase::New | Phase::Settled | Phase::NewOut) {
            self.folder().try_for_each(FolderSwap::check_old)?;
            self.files().try_for_each(FileSwap::check_old)?;
            self.0.enter(Phase::NewOut)?;
            self.folder().try_for_each(FolderSwap::move_new_out)?;
            self.files().try_for_each(FileSwap::move_new_out)?;
        }
        self.0.enter(Phase::OldBack)?;
        self.folder().try_for_each(FolderSwap::move_old_back)?;
        self.files().try_for_each(FileSwap::move_old_back)?;
        self.abandon()
    }

    fn forget(&mut self) -> Result<(), WorkError> {
        self.0.enter(Phase::Forgotten)?;
        self.files().try_for_each(FileSwap::remove_old)?;
        self.abandon()
    }

    /// Removes what was staged, and the journal.
    fn abandon(&self) -> Result<(), WorkError> {
        for path in &self.0.content().staged {
            if path.is_dir() {
                files::remove_folder(path).map_err(WorkError::file(path))?;
            } else {
                remove_with_sides(&part_of(path))?;
                remove_with_sides(path)?;
            }
        }
        self.0.remove()
    }

    /// Removes what was staged; if that fails, the next start of the app does it.
    fn abandon_if_possible(&self) {
        let _ = self.abandon();
    }

    fn folder(&self) -> impl Iterator<Item = &FolderSwap> {
        self.0.content().folder.iter()
    }

    fn files(&self) -> impl Iterator<Item = &FileSwap> {
        self.0.content().files.iter()
    }
}

/// From now on, a request to end is not heeded: a swap takes moments, and one that is interrupted
/// has to be finished by the next start.
fn finish_what_is_begun() {
    #[cfg(unix)]
    for signal in
        [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT, signal_hook::consts::SIGHUP]
    {
        let _ = signal_hook::flag::register(
            signal,
            std::sync::Arc::<std::sync::atomic::AtomicBool>::default(),
        );
    }
}
