//! `ensconce restart`.

use clap::Args;

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Stops a task or service of a running app and starts it again.
#[derive(Args)]
pub(crate) struct Restart {
    /// The service or task
    #[arg(value_name = "SERVICE")]
    service: String,
    #[command(flatten)]
    target: Target,
}

impl Restart {
    /// Asks the app; does not wait until the service is ready again.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let (name, app) = running::expect(&self.target)?;
        running::ask(&name, app.restart(&self.service))?;
        say(&format!("{name} restarts {}", self.service));
        Ok(())
    }
}
