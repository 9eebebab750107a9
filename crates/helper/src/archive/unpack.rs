//! Unpacks an export beside the data folder, and checks everything in it.

use std::fs;
use std::path::Path;

use ensconce_protocol::{DatabaseFile, HelperAnswer, UnpackRequest};

use super::head::{ArchiveHead, DATA};
use super::list::UnpackedData;
use super::place::DatabasePlace;
use super::placing::DatabasePlacement;
use super::reading::{ArchiveReader, allowed};
use super::{staged_beside, unpacking_folder};
use crate::answer::Answering;
use crate::error::WorkError;
use crate::{files, room, swap};

/// Unpacks; what cannot be imported is refused, and nothing stays of it.
pub(crate) fn unpack(request: &UnpackRequest) -> Result<HelperAnswer, WorkError> {
    let mut reading = ArchiveReader::open(&request.from)?;
    let head = reading.head(&request.app_id)?;
    let data = files::real(&request.data);
    is_movable(&data)?;
    let folder = unpacking_folder(&data);
    let place =
        |one: &DatabaseFile| Ok((one.name.clone(), DatabasePlace::of(&one.file, &request.data)?));
    let places = request.databases.iter().map(place).collect::<Result<Vec<_>, WorkError>>()?;
    let outside = places.iter().filter_map(|(_, place)| match place {
        DatabasePlace::Outside { file, .. } => Some(staged_beside(file)),
        DatabasePlace::Inside(_) => None,
    });
    let staged = std::iter::once(folder.clone()).chain(outside).collect();
    swap::stage(&request.journal, staged, || {
        unpack_into(&folder, &request.leave_out, &places, &head, reading)
    })?;
    let mut answer = HelperAnswer::good("The file is whole.");
    answer.archive = Some(head.info());
    Ok(answer)
}

/// Checks that folders beside the data folder are on the same file system, so that moving is
/// renaming.
fn is_movable(data: &Path) -> Result<(), WorkError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
        let beside = device(&files::folder_of(data)).map_err(WorkError::file(data))?;
        if device(data).map_err(WorkError::file(data))? != beside {
            return Err(WorkError::Mounted(data.to_owned()));
        }
    }
    #[cfg(not(unix))]
    let _ = data;
    Ok(())
}

fn unpack_into(
    folder: &Path,
    leave_out: &[String],
    places: &[(String, DatabasePlace)],
    head: &ArchiveHead,
    reading: ArchiveReader,
) -> Result<(), WorkError> {
    let bytes = head.files.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add);
    room::check(&files::folder_of(folder), bytes)?;
    make_private(&folder.join(DATA))?;
    for name in &head.folders {
        make_private(&folder.join(allowed(name, leave_out)?))?;
    }
    reading.files(head, leave_out, folder)?;
    let mut unpacked = UnpackedData::of(head, folder, leave_out)?;
    DatabasePlacement { folder, leave_out, head }.place(places, &mut unpacked)?;
    sync_all(&folder.join(DATA))?;
    unpacked.write(folder)?;
    let beside = files::folder_of(folder);
    files::sync_folder(&beside).map_err(WorkError::file(&beside))
}

fn make_private(folder: &Path) -> Result<(), WorkError> {
    files::make_private(folder).map_err(WorkError::file(folder))
}

/// Makes durable which files and folders were unpacked; what is in the files was made so when they
/// were written.
fn sync_all(folder: &Path) -> Result<(), WorkError> {
    let failed = WorkError::file(folder);
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        if entry.file_type().map_err(&failed)?.is_dir() {
            sync_all(&entry.path())?;
        }
    }
    files::sync_folder(folder).map_err(&failed)
}
