//! `ensconce plan`.

use clap::Args;
use ensconce_app::{Mode, plan_for};

use crate::arguments::AppSelection;
use crate::error::CommandError;
use crate::screen;

/// Shows exactly what would run.
#[derive(Args)]
pub(crate) struct PlanCommand {
    #[command(flatten)]
    target: AppSelection,
    /// Plans for `ensconce dev`
    #[arg(long)]
    dev: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl PlanCommand {
    /// Makes the plan and prints it.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let mode = if self.dev { Mode::Dev } else { Mode::Run };
        let plan = plan_for(&self.target.manifest, mode, self.target.data_dir.as_deref())?;
        let text = if self.json {
            format!("{:#}\n", serde_json::to_value(&plan).map_err(std::io::Error::from)?)
        } else {
            plan.to_string()
        };
        screen::print(&text).map_err(CommandError::Output)
    }
}
