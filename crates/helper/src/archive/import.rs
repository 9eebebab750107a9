//! Puts what was unpacked in the place of the present data, which is kept beside it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ensconce_protocol::{DatabaseFile, HelperAnswer, Recovered};

use super::hash::Hashing;
use super::unpack::{Unpacked, UnpackedFile, aside_of};
use super::{staged_beside, unpacking_folder};
use crate::answer::Answering;
use crate::error::WorkError;
use crate::sqlite::replace::settle;
use crate::swap::{FileSwap, FolderSwap, Journal, Swap};
use crate::{clock, files};

/// Replaces the data of an app that does not run by what was unpacked.
pub(crate) fn import(
    data: &Path,
    databases: &[DatabaseFile],
    journal: &Path,
    void: &Path,
) -> Result<HelperAnswer, WorkError> {
    let folder = unpacking_folder(data);
    let unpacked = Unpacked::read(&folder)?;
    // Whoever removed or changed something since it was unpacked must not decide what the data is.
    unpacked.files.iter().try_for_each(check)?;
    // Another program that uses a database would go on writing to the file that is moved away.
    for database in databases.iter().filter(|database| database.file.exists()) {
        settle(&database.file)?;
    }
    let aside = aside_of(data);
    let recovered = Recovered {
        settings: Some(unpacked.settings),
        record: unpacked.record,
        databases: Vec::new(),
        kept: Some(aside.clone()),
    };
    let moment = clock::now();
    let mut files: Vec<FileSwap> =
        unpacked.elsewhere.into_iter().map(|file| beside(file, &moment)).collect();
    files.push(FileSwap::void(void.to_owned()));
    let swap = Journal {
        folder: Some(FolderSwap {
            data: data.to_owned(),
            unpacked: folder,
            aside: aside.clone(),
            leave_out: unpacked.leave_out,
        }),
        files,
        recovered: recovered.clone(),
    };
    Swap::begin(journal, swap)?.run()?;
    let kept = aside.display();
    let message = format!("The data is imported. What was there before is in `{kept}`.");
    let mut answer = HelperAnswer::good(message);
    answer.recovered = Some(recovered);
    Ok(answer)
}

fn beside(file: PathBuf, moment: &str) -> FileSwap {
    let aside = files::with_suffix(&file, &format!(".before-import-{moment}"));
    FileSwap { new: Some(staged_beside(&file)), file, aside }
}

/// Checks that a file is what was unpacked.
fn check(file: &UnpackedFile) -> Result<(), WorkError> {
    let path = file.path.display();
    let missing = |_| WorkError::Incomplete(format!("`{path}` cannot be read"));
    let mut content = Hashing::new(File::open(&file.path).map_err(missing)?);
    io::copy(&mut content, &mut io::sink()).map_err(missing)?;
    if content.finish() == (file.bytes, file.sha256.clone()) {
        return Ok(());
    }
    Err(WorkError::Incomplete(format!("`{path}` was changed")))
}
