//! `ensconce run`.

use clap::Args;
use ensconce_app::{Mode, plan_for};

use super::{headless, window};
use crate::arguments::Target;
use crate::error::CommandError;

/// Runs the app.
#[derive(Args)]
pub(crate) struct Run {
    #[command(flatten)]
    target: Target,
    /// Opens no window; prints the address for a browser, which works once
    #[arg(long)]
    headless: bool,
    /// Prints events as JSON Lines to stdout
    #[arg(long, requires = "headless")]
    json: bool,
    /// Shows what the app's processes write
    #[arg(long, short)]
    verbose: bool,
}

impl Run {
    /// Runs until the app ends, or is asked to.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        if self.headless {
            return headless::run(headless::Settings {
                target: self.target,
                mode: Mode::Run,
                json: self.json,
                verbose: self.verbose,
            });
        }
        // Mistakes are reported here, in the terminal, not in a window.
        plan_for(&self.target.manifest, Mode::Run, self.target.data_dir.as_deref())?;
        window::open(&self.target, window::Look { dev: false, verbose: self.verbose })
    }
}
