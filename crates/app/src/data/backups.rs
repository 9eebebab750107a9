//! Copies of databases: lists them, and makes them.

use std::fs;
use std::path::Path;

use ensconce_protocol::{
    Backup, BackupNote, BackupReason, Backups, DataRecord, DatabaseBackups, HelperWork,
};

use super::DataCare;
use crate::error::AppError;
use crate::launch::own_folder::OwnFolder;
use crate::run::migration::database_file;

/// A backup that exists.
pub(super) struct Found {
    pub(super) backup: Backup,
    /// What the data in it is of.
    pub(super) record: DataRecord,
}

impl DataCare {
    /// Lists the backups of all databases, the newest first.
    pub(crate) async fn backups(&self) -> Backups {
        let (plan, own) = (self.roster.plan(), self.access.own.clone());
        let listing = tokio::task::spawn_blocking(move || {
            let of = |name: &str| found(&own, name).into_iter().map(|found| found.backup).collect();
            let databases = plan.databases.iter();
            databases
                .map(|one| DatabaseBackups { name: one.name.clone(), backups: of(&one.name) })
                .collect()
        });
        Backups { databases: listing.await.unwrap_or_default() }
    }

    /// Copies a database, while the app uses it.
    pub(crate) async fn backup(
        &self,
        name: &str,
        reason: BackupReason,
    ) -> Result<String, AppError> {
        let database = self.database(name)?;
        let _turn = self.turn().await?;
        let work = HelperWork::Backup {
            database: database_file(&database),
            folder: self.access.own.backups(),
            reason,
            record: self.access.record(),
            keep: usize::try_from(database.keep).unwrap_or(usize::MAX),
        };
        Ok(self.work(work).await?.message)
    }
}

/// Finds the backups of a database, the newest first.
pub(super) fn found(own: &OwnFolder, database: &str) -> Vec<Found> {
    let entries = fs::read_dir(own.backups()).into_iter().flatten().flatten();
    let mut found: Vec<Found> = entries
        .filter_map(|entry| read(&entry.path()))
        .filter(|(name, _)| name == database)
        .map(|(_, found)| found)
        .collect();
    found.sort_by(|one, other| {
        // Of several within a second, later ones have a number behind their name.
        let key = |found: &Found| {
            let Backup { at, id, .. } = &found.backup;
            (at.clone(), id.len(), id.clone())
        };
        key(other).cmp(&key(one))
    });
    found
}

/// Reads a backup by its note; returns the name of its database as well.
fn read(note: &Path) -> Option<(String, Found)> {
    if note.extension().is_none_or(|extension| extension != "json") {
        return None;
    }
    let BackupNote { database, at, reason, record, .. } =
        serde_json::from_slice(&fs::read(note).ok()?).ok()?;
    let file = note.with_extension("sqlite");
    let bytes = fs::metadata(&file).ok().filter(fs::Metadata::is_file)?.len();
    let id = file.file_name()?.to_str()?.to_owned();
    let backup = Backup { id, at, version: record.version.clone(), bytes, reason };
    Some((database, Found { backup, record }))
}
