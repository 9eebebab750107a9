//! `ensconce import`.

use std::path::PathBuf;

use clap::Args;
use ensconce_protocol::AppRequest;

use super::data::{DataAccess, absolute};
use super::secret::passphrase_of;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Takes the app's data from an exported file, in place of the present data, which is kept.
#[derive(Args)]
pub(crate) struct Import {
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

impl Import {
    /// Does it; services are stopped meanwhile.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let path = absolute(&self.file)?;
        let wanted = self.with_secrets || self.passphrase_file.is_some();
        let passphrase = match wanted {
            true => Some(passphrase_of(self.passphrase_file.as_deref())?),
            false => None,
        };
        let passphrase = passphrase.map(|passphrase| passphrase.reveal().to_owned());
        let request = AppRequest::ImportData { path, passphrase };
        say(&DataAccess::with(&self.target, |access| access.apply(request))?);
        Ok(())
    }
}
