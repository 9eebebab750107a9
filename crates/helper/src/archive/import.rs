//! Puts what was unpacked in the place of the present data, which is kept beside it.

use std::path::{Path, PathBuf};

use ensconce_protocol::{DatabaseFile, HelperAnswer, Recovered};

use super::head::DATA;
use super::list::UnpackedData;
use super::unpacking_folder;
use crate::answer::Answering;
use crate::error::WorkError;
use crate::sqlite::replace::settle;
use crate::swap::{self, FileSwap, FolderSwap, Replacement};
use crate::updates::note_files;
use crate::{clock, files};

/// Replaces the data of an app that does not run by what was unpacked.
pub(crate) fn import(
    data: &Path,
    databases: &[DatabaseFile],
    journal: &Path,
    updates: &Path,
) -> Result<HelperAnswer, WorkError> {
    let data = files::real(data);
    let folder = unpacking_folder(&data);
    let recovered = swap::replace(journal, &folder, || {
        let unpacked = UnpackedData::read(&folder)?;
        unpacked.check(&folder)?;
        // Another program that uses a database would go on to write to the file that is moved away.
        for database in databases.iter().filter(|database| database.file.exists()) {
            settle(&database.file)?;
        }
        Ok(replacement(unpacked, &folder, data, note_files(updates)?))
    })?;
    let kept = recovered.kept.iter().map(|kept| kept.display().to_string()).collect::<String>();
    let message = format!("The data is imported. What was there before is in `{kept}`.");
    let mut answer = HelperAnswer::good(message);
    answer.recovered = Some(recovered);
    Ok(answer)
}

fn replacement(
    unpacked: UnpackedData,
    folder: &Path,
    data: PathBuf,
    void: Vec<PathBuf>,
) -> Replacement {
    let suffix = format!(".before-import-{}", clock::now());
    let aside = files::free(files::with_suffix(&data, &suffix));
    let outside = unpacked.outside.into_iter();
    let mut files: Vec<FileSwap> =
        outside.map(|one| FileSwap::database(one.file, one.new, &suffix)).collect();
    files.extend(void.into_iter().map(FileSwap::void));
    let recovered = Recovered {
        settings: Some(unpacked.settings),
        record: unpacked.record,
        databases: Vec::new(),
        kept: Some(aside.clone()),
    };
    let leave_out = unpacked.leave_out;
    let swap = FolderSwap { data, new: folder.join(DATA), aside, leave_out };
    Replacement { folder: Some(swap), files, recovered }
}
