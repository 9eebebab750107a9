//! Puts a backup in a database's place, in two steps.
//!
//! Checking and copying a large backup takes its time, and the database may be used meanwhile. Only
//! the swap, which is short, needs it to be at rest.

use std::path::{Path, PathBuf};

use ensconce_protocol::{DataRecord, DatabaseFile, HelperAnswer, Recovered};

use super::backup::{backup as copy, remove_with_sides};
use super::check::{Thoroughness, check};
use super::progress::Progress;
use super::replace::{real, settle};
use super::with_numbers;
use crate::answer::Answering;
use crate::error::WorkError;
use crate::swap::{FileSwap, Journal, Swap};
use crate::{clock, files};

/// Behind the name of a database until it is in its place.
const RESTORING: &str = ".restoring";

/// Returns where the copy of a backup lies that is to become a database.
pub(crate) fn staged(file: &Path) -> PathBuf {
    files::with_suffix(file, RESTORING)
}

/// Checks a backup, and copies it beside its database.
pub(crate) fn stage(backup: &Path, database: &DatabaseFile) -> Result<HelperAnswer, WorkError> {
    let file = real(&database.file);
    check(backup, Thoroughness::Full)?;
    let mut progress = Progress::new(&files::name_of(&file));
    let folder = files::folder_of(&file);
    files::make_private(&folder).map_err(WorkError::file(&folder))?;
    let copied = copy(backup, &staged(&file), &mut progress)?;
    Ok(with_numbers(HelperAnswer::good("The backup is whole."), &copied))
}

/// Puts a staged backup in the place of its database, which nobody uses.
pub(crate) fn restore(
    database: &DatabaseFile,
    journal: &Path,
    record: DataRecord,
    void: PathBuf,
) -> Result<HelperAnswer, WorkError> {
    let file = real(&database.file);
    let new = staged(&file);
    if !new.is_file() {
        return Err(WorkError::Incomplete(format!("`{}` is missing", new.display())));
    }
    if file.exists() {
        settle(&file).inspect_err(|_| drop(remove_with_sides(&new)))?;
    }
    let kept = file.exists();
    let aside = files::with_suffix(&file, &format!(".before-restore-{}", clock::now()));
    let recovered = Recovered {
        settings: None,
        record,
        databases: vec![database.name.clone()],
        kept: kept.then(|| aside.clone()),
    };
    let swap = Journal {
        folder: None,
        files: vec![FileSwap { new: Some(new), file, aside }, FileSwap::void(void)],
        recovered: recovered.clone(),
    };
    Swap::begin(journal, swap)?.run()?;
    let mut answer = HelperAnswer::good("The data is as it was in the backup.");
    answer.recovered = Some(recovered);
    Ok(answer)
}
