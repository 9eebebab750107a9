//! Puts a backup in a database's place, in two steps.
//!
//! Checking and copying a large backup takes its time, and the database may be used meanwhile. Only
//! the swap, which is short, needs it to be at rest.

use std::path::{Path, PathBuf};

use ensconce_protocol::{DataRecord, DatabaseFile, HelperAnswer, Recovered};

use super::backup::backup as copy;
use super::check::{Thoroughness, check};
use super::replace::settle;
use super::with_numbers;
use crate::answer::Answering;
use crate::error::WorkError;
use crate::progress::Progress;
use crate::swap::{self, FileSwap, Replacement};
use crate::updates::note_files_about;
use crate::{clock, files};

/// Behind the name of a database until it is in its place.
const RESTORING: &str = ".restoring";

/// Returns where the copy of a backup lies that is to become a database.
fn staged(file: &Path) -> PathBuf {
    files::with_suffix(file, RESTORING)
}

/// Checks a backup, and copies it beside its database.
pub(crate) fn stage(
    backup: &Path,
    database: &DatabaseFile,
    journal: &Path,
) -> Result<HelperAnswer, WorkError> {
    check(backup, Thoroughness::Full)?;
    let file = place_of(&database.file)?;
    let folder = files::folder_of(&file);
    files::make_durable_folder(&folder).map_err(WorkError::file(&folder))?;
    let new = staged(&file);
    let copied =
        swap::stage(journal, vec![new.clone()], || copy(backup, &new, &mut Progress::of(&file)))?;
    Ok(with_numbers(HelperAnswer::good("The backup is whole."), &copied))
}

/// Returns where a database really lies, or is to lie.
///
/// A link that leads to a folder that is not there is refused: its disk is missing, and would hide
/// what is put in its place when it comes back.
pub(crate) fn place_of(file: &Path) -> Result<PathBuf, WorkError> {
    for link in file.ancestors().filter(|link| link.is_symlink() && !link.exists()) {
        let target = files::real(link);
        if !files::folder_of(&target).is_dir() {
            return Err(WorkError::LeadsNowhere { link: link.to_owned(), target });
        }
    }
    Ok(files::real(file))
}

/// Puts a staged backup in the place of its database, which nobody uses.
pub(crate) fn restore(
    database: &DatabaseFile,
    journal: &Path,
    record: DataRecord,
    updates: &Path,
) -> Result<HelperAnswer, WorkError> {
    let file = files::real(&database.file);
    let new = staged(&file);
    let recovered = swap::replace(journal, &new, || {
        if file.exists() {
            settle(&file)?;
        }
        let suffix = format!(".before-restore-{}", clock::now());
        let swapped = FileSwap::database(file.clone(), Some(new.clone()), &suffix);
        let recovered = Recovered {
            settings: None,
            record,
            databases: vec![database.name.clone()],
            kept: swapped.was_there.then(|| swapped.aside.clone()),
        };
        let mut files = vec![swapped];
        files.extend(note_files_about(updates, &database.name)?.into_iter().map(FileSwap::void));
        Ok(Replacement { folder: None, files, recovered })
    })?;
    let mut answer = HelperAnswer::good("The data is as it was in the backup.");
    answer.recovered = Some(recovered);
    Ok(answer)
}
