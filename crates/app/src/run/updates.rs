//! Notes of updates of databases, which the helper writes and the app takes over into its record.

use std::fs;
use std::path::PathBuf;

use ensconce_protocol::{DataRecord, UpdateNote, UpdatePhase};
use ensconce_store::StoreError;

use super::migration::DataAccess;

/// A note, and its file.
pub(crate) struct FoundUpdate {
    file: PathBuf,
    pub(crate) note: UpdateNote,
}

impl DataAccess {
    /// Finds the notes of updates. What cannot be read is left to the helper, which says so.
    pub(crate) fn updates(&self) -> Vec<FoundUpdate> {
        let read = |file: PathBuf| {
            let note = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
            Some(FoundUpdate { file, note })
        };
        self.update_files().filter_map(read).collect()
    }

    /// Returns whether any update is noted, done or not.
    pub(crate) fn has_updates(&self) -> bool {
        self.update_files().next().is_some()
    }

    fn update_files(&self) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(self.own.updates()).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| {
            path.extension().is_some_and(|extension| extension == UpdateNote::EXTENSION)
        })
    }

    /// Returns what has been done to the data, updates that have only been noted included: when one
    /// is done, the helper has noted it before anybody here is told.
    pub(crate) fn record(&self) -> DataRecord {
        let mut record = self.state.get().data;
        for update in self.updates().iter().filter(|update| update.is_done()) {
            record.add_update(&update.note.content);
        }
        record
    }

    /// Takes over what has been noted, and returns the record.
    ///
    /// Waits for the disk.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub(crate) fn take_up_updates(&self) -> Result<DataRecord, StoreError> {
        let record = self.record();
        self.state.update(|state| state.data = record.clone())?;
        Ok(record)
    }

    /// Removes the notes of what is done and has been taken over. Only where no helper can be at
    /// work: it may be about to note the next update.
    pub(crate) fn forget_updates(&self) {
        for update in self.updates().iter().filter(|update| update.is_done()) {
            // One that stays says the same as the record.
            let _ = fs::remove_file(&update.file);
        }
    }
}

impl FoundUpdate {
    pub(crate) fn is_done(&self) -> bool {
        self.note.phase == UpdatePhase::Done
    }
}
