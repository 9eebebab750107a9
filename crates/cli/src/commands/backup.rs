//! `ensconce backup`.

use std::path::PathBuf;

use clap::Args;
use ensconce_protocol::AppRequest;

use super::data::{DataAccess, no_database};
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Copies databases, whether the app runs or not.
#[derive(Args)]
pub(crate) struct Backup {
    /// Only this database
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The manifest, or its folder
    #[arg(long, value_name = "MANIFEST", default_value = "ensconce.toml")]
    manifest: PathBuf,
    /// The folder that the app was started with, if not the platform's own
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Backup {
    /// Makes the copies.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let target = Target { manifest: self.manifest.clone(), data_dir: self.data_dir.clone() };
        DataAccess::with(&target, |access| self.make(access))
    }

    fn make(&self, access: &mut DataAccess) -> Result<(), CommandError> {
        let known = access.backups()?;
        if known.is_empty() && self.name.is_none() {
            say("The manifest names no database");
        }
        let is_wanted = |name: &str| self.name.as_deref().is_none_or(|wanted| wanted == name);
        let wanted: Vec<&str> =
            known.iter().map(|one| one.name.as_str()).filter(|name| is_wanted(name)).collect();
        if let Some(name) = self.name.as_ref().filter(|_| wanted.is_empty()) {
            return Err(no_database(name, &known));
        }
        for name in wanted {
            access.apply(AppRequest::Backup { database: name.to_owned() })?;
            say(&format!("Backed up {name}"));
        }
        Ok(())
    }
}
