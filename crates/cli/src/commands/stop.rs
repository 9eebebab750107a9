//! `ensconce stop`.

use std::time::Duration;

use clap::Args;

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::say;

/// Stops a running app, as closing its window does.
#[derive(Args)]
pub(crate) struct Stop {
    #[command(flatten)]
    target: Target,
    /// How many seconds to wait for its end
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

impl Stop {
    /// Asks the app, and waits until nothing of it is left.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let (name, found) = running::find(&self.target)?;
        let Some(app) = found else {
            say(&format!("{name} is not running"));
            return Ok(());
        };
        running::ask(&name, app.stop())?;
        if !app.wait_until_gone(Duration::from_secs(self.wait)) {
            return Err(CommandError::StillRunning { name, pid: app.pid });
        }
        say(&format!("{name} has stopped"));
        Ok(())
    }
}
