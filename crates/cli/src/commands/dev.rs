//! `ensconce dev`.

use clap::Args;
use ensconce_app::{Mode, plan_for};

use super::{headless, window};
use crate::arguments::AppSelection;
use crate::error::CommandError;

/// Runs the app for its developer.
#[derive(Args)]
pub(crate) struct DevCommand {
    #[command(flatten)]
    target: AppSelection,
    /// Opens no window; prints the address for a browser, which works once
    #[arg(long)]
    headless: bool,
}

impl DevCommand {
    /// Runs until Ctrl-C, or until the window is closed.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        if self.headless {
            return headless::run(headless::HeadlessOptions {
                target: self.target,
                mode: Mode::Dev,
                json: false,
                verbose: true,
            });
        }
        plan_for(&self.target.manifest, Mode::Dev, self.target.data_dir.as_deref())?;
        window::open(&self.target, window::Look { dev: true, verbose: true })
    }
}
