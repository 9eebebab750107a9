//! `ensconce export`.

use std::path::PathBuf;

use clap::Args;
use ensconce_protocol::AppRequest;

use super::data::{DataAccess, absolute};
use super::secret::new_passphrase_of;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Writes all data of the app to one file.
#[derive(Args)]
pub(crate) struct Export {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    /// Includes the secrets, encrypted with a passphrase
    #[arg(long)]
    with_secrets: bool,
    /// Reads the passphrase from a file instead of asking; implies --with-secrets
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
        let passphrase = passphrase.map(|passphrase| passphrase.reveal().to_owned());
        let request = AppRequest::Export { path, passphrase };
        say(&DataAccess::with(&self.target, |access| access.apply(request))?);
        Ok(())
    }
}
