//! `ensconce status`.

use clap::Args;
use ensconce_app::{RunningApp, job_word};
use ensconce_protocol::{AppPhase, AppStatus, JobKind, JobStatus};
use serde_json::{Value, json};

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen;

/// The exit code if the app does not run, as with `systemctl status`.
const NOT_RUNNING: u8 = 3;

/// Shows whether an app runs, and the state of each task and service.
#[derive(Args)]
pub(crate) struct StatusCommand {
    #[command(flatten)]
    target: Target,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl StatusCommand {
    /// Asks the app, and prints its status.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let (name, found) = running::find(&self.target)?;
        let Some(app) = found else {
            let text = format!("{name} is not running\n");
            self.print(&text, &json!({ "running": false, "name": name }))?;
            return Err(CommandError::Said(NOT_RUNNING));
        };
        let status = running::ask(&name, app.status())?;
        let mut value = serde_json::to_value(&status).map_err(std::io::Error::from)?;
        value["running"] = Value::Bool(true);
        value["pid"] = Value::from(app.pid);
        self.print(&text_of(&status, &app), &value)
    }

    fn print(&self, text: &str, value: &Value) -> Result<(), CommandError> {
        let text = if self.json { format!("{value:#}\n") } else { text.to_owned() };
        screen::print(&text).map_err(CommandError::Output)
    }
}

fn text_of(status: &AppStatus, app: &RunningApp) -> String {
    let phase = match status.phase {
        AppPhase::Starting => "is starting",
        AppPhase::Setup => "waits for answers; run `ensconce setup`",
        AppPhase::Ready => "is running",
        AppPhase::Failed => "has failed",
        AppPhase::Stopping => "is stopping",
    };
    let identity = &status.app;
    let mut text =
        format!("{} {} {phase} (process {})\n", identity.name, identity.version, app.pid);
    let width = status.jobs.iter().map(|job| job.name.chars().count()).max().unwrap_or(0);
    for job in &status.jobs {
        text.push_str(&line_of(job, width));
    }
    if let Some(failure) = &status.failure {
        text.push_str(&format!("\n{}\n", failure.details.trim_end()));
    }
    text
}

fn line_of(job: &JobStatus, width: usize) -> String {
    let kind = match job.kind {
        JobKind::Task => "task",
        JobKind::Service => "service",
    };
    let since = duration(job.elapsed_ms);
    let process = job.pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    format!("  {:<width$}  {kind:<7}  {}, for {since}{process}\n", job.name, job_word(job))
}

/// Formats a duration in the largest unit that is precise enough.
fn duration(milliseconds: u64) -> String {
    match milliseconds / 1000 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}
