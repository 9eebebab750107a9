//! `ensconce export`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::data::{Keeper, absolute};
use super::secret::new_passphrase_of;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Writes all data of the app into one file.
#[derive(Args)]
pub(crate) struct Export {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    /// With the secrets, which a passphrase encrypts
    #[arg(long)]
    with_secrets: bool,
    /// The file of the passphrase, instead of asking for it; means --with-secrets
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Export {
    /// Does it; services are stopped meanwhile.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let path = absolute(&self.file)?;
        let wanted = self.with_secrets || self.passphrase_file.is_some();
        let passphrase = match wanted {
            true => Some(new_passphrase_of(self.passphrase_file.as_deref())?),
            false => None,
        };
        let keeper = Keeper::find(&self.target)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.reveal());
        let request = json!({ "op": "export", "path": path, "passphrase": passphrase });
        let answer = keeper.ask(&request)?;
        say(answer["message"].as_str().unwrap_or_default());
        Ok(())
    }
}
