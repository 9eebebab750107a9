//! `ensconce backup`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::data::{Keeper, no_database};
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Copies databases, whether the app runs or not.
#[derive(Args)]
pub(crate) struct Backup {
    /// Only this database
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The manifest, or the folder that it lies in
    #[arg(long, value_name = "MANIFEST", default_value = "ensconce.toml")]
    manifest: PathBuf,
    /// Where the app keeps its things, when it was started with another folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Backup {
    /// Makes the copies.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let target = Target { manifest: self.manifest, data_dir: self.data_dir };
        let keeper = Keeper::find(&target)?;
        let known = keeper.backups()?;
        if let Some(name) =
            self.name.as_ref().filter(|name| known.iter().all(|(one, _)| one != *name))
        {
            return Err(no_database(name, &known));
        }
        let wanted =
            known.iter().filter(|(name, _)| self.name.as_ref().is_none_or(|one| one == name));
        for (name, _) in wanted {
            keeper.ask(&json!({ "op": "backup", "database": name }))?;
            say(&format!("A backup of {name} is made"));
        }
        if known.is_empty() {
            say("The manifest names no database");
        }
        Ok(())
    }
}
