//! Puts unpacked data in the place of the present data, which is kept.
//!
//! The data folder itself stays where it is, because the app holds its lock in it; what is in it is
//! moved out, and the new content in. That takes many steps, and a kill may come between any two
//! of them. So, beside the data folder `D`:
//!
//! 1. Everything is unpacked into `D.importing` and made durable. A kill before the next step leaves
//!    the old data, and a folder that [`recover`] removes.
//! 2. A journal is written there, whole or not at all. From now on the import will be finished:
//!    by this process, or by [`recover`] before anything uses the data.
//! 3. Phase *old*: each entry of `D` is moved to `D.before-import-TIME`. Whatever is in `D` now is
//!    old, so this can be done again.
//! 4. Phase *new*, also written into the journal: each entry of `D.importing/data` is moved to `D`.
//!    Whatever is still there is to be moved, so this can be done again.
//! 5. Phase *settled*: the journal keeps the settings that came with the data, because the app takes
//!    them over only now. [`recover`] tells them again until [`forget`] removes `D.importing`.
//!
//! When a step fails rather than being killed, all is moved back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::head::DATA;
use super::{Trouble, name};
use crate::files;

/// What is behind the name of the data folder while it is unpacked and swapped.
const IMPORTING: &str = ".importing";
/// The journal's name.
const JOURNAL: &str = "journal.json";

/// What is being done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Journal {
    phase: Phase,
    data: PathBuf,
    /// Where the present content goes.
    aside: PathBuf,
    /// What stays in the data folder.
    leave_out: Vec<String>,
    /// Files elsewhere.
    others: Vec<Other>,
    /// What the app has to take over besides.
    settings: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Old,
    New,
    Settled,
}

/// A file that lies elsewhere and is replaced as well.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Other {
    /// The new file, beside its place.
    pub(super) new: PathBuf,
    pub(super) file: PathBuf,
    /// Where the present file goes.
    pub(super) aside: PathBuf,
}

/// The folder that data is unpacked into.
pub(super) fn unpacking_folder(data: &Path) -> PathBuf {
    files::with_suffix(data, IMPORTING)
}

/// Ends what an import that was killed has begun; gives the settings that the app has to take over,
/// if it had come so far.
pub(super) fn recover(data: &Path) -> Result<Option<Value>, Trouble> {
    let folder = unpacking_folder(data);
    let path = folder.join(JOURNAL);
    let journal = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            remove(&folder)?;
            return Ok(None);
        }
        Err(error) => return Err(Trouble::file(&path)(error)),
    };
    let journal: Journal =
        serde_json::from_slice(&journal).map_err(|error| Trouble::file(&path)(error.into()))?;
    let settings = journal.settings.clone();
    Swap { folder, journal }.finish()?;
    Ok(Some(settings))
}

/// Ends an import whose settings the app has taken over.
pub(super) fn forget(data: &Path) -> Result<(), Trouble> {
    remove(&unpacking_folder(data))
}

/// Swaps what was unpacked and is durable.
pub(super) fn swap(
    data: &Path,
    aside: &Path,
    leave_out: &[String],
    others: Vec<Other>,
    settings: Value,
) -> Result<(), Trouble> {
    let journal = Journal {
        phase: Phase::Old,
        data: data.to_owned(),
        aside: aside.to_owned(),
        leave_out: leave_out.to_vec(),
        others,
        settings,
    };
    let mut swap = Swap { folder: unpacking_folder(data), journal };
    swap.write()?;
    match swap.finish() {
        Ok(()) => Ok(()),
        Err(trouble) => {
            // Whatever of it fails now, the journal is there to finish the import later.
            swap.undo()?;
            Err(trouble)
        }
    }
}

struct Swap {
    folder: PathBuf,
    journal: Journal,
}

impl Swap {
    fn write(&self) -> Result<(), Trouble> {
        let path = self.folder.join(JOURNAL);
        let text = serde_json::to_vec_pretty(&self.journal).map_err(io::Error::from);
        text.and_then(|text| files::write_whole(&path, &text)).map_err(Trouble::file(&path))
    }

    fn new_content(&self) -> PathBuf {
        self.folder.join(DATA)
    }

    fn finish(&mut self) -> Result<(), Trouble> {
        let Journal { data, aside, others, .. } = self.journal.clone();
        if self.journal.phase == Phase::Old {
            make_private(&aside)?;
            self.move_all(&data, &aside)?;
            for other in &others {
                move_one(&other.file, &other.aside)?;
            }
            self.journal.phase = Phase::New;
            self.write()?;
        }
        if self.journal.phase == Phase::New {
            self.move_all(&self.new_content(), &data)?;
            for other in &others {
                move_one(&other.new, &other.file)?;
            }
            self.journal.phase = Phase::Settled;
            self.write()?;
        }
        Ok(())
    }

    /// Moves all back; what is in the data folder in the second phase is new.
    fn undo(&mut self) -> Result<(), Trouble> {
        let Journal { phase, data, aside, others, .. } = self.journal.clone();
        if phase != Phase::Old {
            self.move_all(&data, &self.new_content())?;
            for other in others.iter().filter(|other| !other.new.exists()) {
                move_one(&other.file, &other.new)?;
            }
            self.journal.phase = Phase::Old;
            self.write()?;
        }
        self.move_all(&aside, &data)?;
        for other in &others {
            move_one(&other.aside, &other.file)?;
        }
        remove(&self.folder)?;
        let _ = fs::remove_dir(&aside);
        Ok(())
    }

    /// Moves each entry of a folder to another, and makes that durable.
    fn move_all(&self, from: &Path, to: &Path) -> Result<(), Trouble> {
        let entries = match fs::read_dir(from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(Trouble::file(from))?,
        };
        for entry in entries {
            let name = entry.map_err(Trouble::file(from))?.file_name();
            if name.to_str().is_some_and(|name| name::is_in(name, &self.journal.leave_out)) {
                continue;
            }
            let (from, to) = (from.join(&name), to.join(&name));
            fs::rename(&from, &to).map_err(Trouble::file(&from))?;
        }
        for folder in [to, from] {
            files::sync_folder(folder).map_err(Trouble::file(folder))?;
        }
        Ok(())
    }
}

/// Moves a file within its folder, if it is there.
fn move_one(from: &Path, to: &Path) -> Result<(), Trouble> {
    let folder = files::folder_of(to);
    files::move_to(from, to).map_err(Trouble::file(from))?;
    match folder.is_dir() {
        true => files::sync_folder(&folder).map_err(Trouble::file(&folder)),
        false => Ok(()),
    }
}

/// Removes a folder, the journal last, so that what it is about can be told to the end.
pub(super) fn remove(folder: &Path) -> Result<(), Trouble> {
    let failed = Trouble::file(folder);
    match fs::remove_dir_all(folder.join(DATA)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Makes a folder that only its owner can look into; one that is there is taken.
pub(super) fn make_private(folder: &Path) -> Result<(), Trouble> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(Trouble::file(folder))
}
