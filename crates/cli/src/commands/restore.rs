//! `ensconce restore`.

use std::path::PathBuf;

use clap::Args;
use ensconce_protocol::{AppRequest, Backup, BackupReason};

use super::data::{DataAccess, no_database};
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::{self, say};

/// Puts a backup in a database's place, or lists the backups.
#[derive(Args)]
pub(crate) struct Restore {
    /// The database
    #[arg(value_name = "NAME")]
    name: String,
    /// The backup's id; the newest backup by default
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Lists the backups, the newest first, and changes nothing
    #[arg(long)]
    list: bool,
    /// The manifest, or its folder
    #[arg(long, value_name = "MANIFEST", default_value = "ensconce.toml")]
    manifest: PathBuf,
    /// The folder that the app was started with, if not the platform's own
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Restore {
    /// Restores; the present file is kept beside the database.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let target = Target { manifest: self.manifest.clone(), data_dir: self.data_dir.clone() };
        DataAccess::with(&target, |access| self.restore(access))
    }

    fn restore(self, access: &mut DataAccess) -> Result<(), CommandError> {
        let known = access.backups()?;
        let found = known.iter().find(|one| one.name == self.name);
        let backups = &found.ok_or_else(|| no_database(&self.name, &known))?.backups;
        if self.list {
            let text: String = backups.iter().map(line).collect();
            return screen::print(&text).map_err(CommandError::Output);
        }
        let newest = || backups.first().map(|one| one.id.clone());
        let Some(id) = self.id.or_else(newest) else {
            return Err(CommandError::NotDone(format!("There is no backup of {}", self.name)));
        };
        say(&access.apply(AppRequest::Restore { database: self.name, id })?);
        Ok(())
    }
}

fn line(backup: &Backup) -> String {
    let reason = match backup.reason {
        BackupReason::Scheduled => "scheduled",
        BackupReason::Manual => "manual",
        BackupReason::BeforeUpdate => "before an update",
    };
    let version = backup.version.as_ref().map(|version| format!("version {version}, "));
    let version = version.unwrap_or_default();
    let size = indicatif::HumanBytes(backup.bytes);
    format!("{}  {}  {version}{reason}, {size}\n", backup.id, backup.at)
}
