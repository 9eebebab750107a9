//! `ensconce restore`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::data::{Keeper, no_database};
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::{self, say};

/// Puts a backup in a database's place, or lists the backups.
#[derive(Args)]
pub(crate) struct Restore {
    /// The database
    #[arg(value_name = "NAME")]
    name: String,
    /// The backup; the newest, when absent
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Lists the backups, the newest first, and changes nothing
    #[arg(long)]
    list: bool,
    /// The manifest, or the folder that it lies in
    #[arg(long, value_name = "MANIFEST", default_value = "ensconce.toml")]
    manifest: PathBuf,
    /// Where the app keeps its things, when it was started with another folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Restore {
    /// Restores; the present file is kept beside the database.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let target = Target { manifest: self.manifest, data_dir: self.data_dir };
        let keeper = Keeper::find(&target)?;
        let known = keeper.backups()?;
        let found = known.iter().find(|(name, _)| *name == self.name);
        let (_, backups) = found.ok_or_else(|| no_database(&self.name, &known))?;
        if self.list {
            let text: String = backups.iter().map(line).collect();
            return screen::print(&text).map_err(CommandError::Output);
        }
        let newest = || backups.first().and_then(|one| one["id"].as_str()).map(str::to_owned);
        let Some(id) = self.id.or_else(newest) else {
            return Err(CommandError::NotDone(format!("There is no backup of {}", self.name)));
        };
        keeper.ask(&json!({ "op": "restore", "database": self.name, "id": id }))?;
        say(&format!("{} is as it was in {id}; what was there before lies beside it", self.name));
        Ok(())
    }
}

fn line(backup: &Value) -> String {
    let text = |key: &str| backup[key].as_str().unwrap_or_default().to_owned();
    format!("{}  {}  {} bytes  {}\n", text("id"), text("at"), backup["bytes"], text("reason"))
}
