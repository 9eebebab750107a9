//! What is kept on this machine of a failure: one text with all that is needed to understand it.
//! It is never sent anywhere, and holds no secrets.

use std::collections::HashMap;
use std::env::consts;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use ensconce_plan::Plan;
use ensconce_supervisor::{Failure, Phase, Snapshot};
use tokio::sync::watch;

use crate::error::{AppError, Mistake};
use crate::logs::{Logs, Stamp, new_report, write_report};
use crate::redact::Redaction;

/// Makes a report of each task and service that fails for good.
pub(crate) struct Reports {
    plans: watch::Receiver<Arc<Plan>>,
    redaction: Redaction,
    logs: Arc<Logs>,
    /// Of those that have failed and have not been started again.
    made: HashMap<String, PathBuf>,
}

/// The files about a task or service.
pub(crate) struct FilesOfJob {
    pub(crate) log: PathBuf,
    pub(crate) report: Option<PathBuf>,
}

impl Reports {
    pub(crate) fn new(
        plans: watch::Receiver<Arc<Plan>>,
        redaction: Redaction,
        logs: Arc<Logs>,
    ) -> Self {
        Self { plans, redaction, logs, made: HashMap::new() }
    }

    /// Makes a report of what has failed since the last look.
    pub(crate) fn follow(&mut self, snapshot: &Snapshot) {
        for job in &snapshot.jobs {
            let failure = job.failure.as_ref().filter(|_| job.phase == Phase::Failed);
            let Some(failure) = failure else {
                self.made.remove(&job.name);
                continue;
            };
            if !self.made.contains_key(&job.name) {
                let text = self.redaction.clean(&text_of(&self.plans.borrow(), failure, snapshot));
                self.made.insert(job.name.clone(), self.logs.report(&job.name, text));
            }
        }
    }

    /// The files about a task or service.
    pub(crate) fn files(&self, job: &str) -> FilesOfJob {
        FilesOfJob { log: self.logs.path(job), report: self.made.get(job).cloned() }
    }
}

fn text_of(plan: &Plan, failure: &Failure, snapshot: &Snapshot) -> String {
    let mut text = head(&plan.app.name, &plan.app.version, &plan.app.id);
    let seconds = failure.waited.as_secs_f64();
    let hint = failure.reason.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    section(&mut text, "What failed", &format!("{failure}\nafter {seconds:.1} s{hint}"));
    let states = snapshot.jobs.iter().map(|job| {
        let optional = if job.optional { ", optional" } else { "" };
        let why = job.failure.as_ref().map(|failure| format!(": {failure}")).unwrap_or_default();
        format!("{}  {}{optional}{why}", job.name, word(job.phase))
    });
    section(&mut text, "States", &states.collect::<Vec<_>>().join("\n"));
    section(&mut text, "Last output", &failure.tail.join("\n"));
    section(&mut text, "Plan", &plan.to_string());
    text
}

/// Keeps a report of an app that could not start for a reason that lies in the machine. What the
/// makers of the manifest have to correct is told to them, and needs none.
pub(crate) fn keep_report(name: &str, version: &str, id: &str, logs: &Path, error: &AppError) {
    let runs_already = matches!(error, AppError::InUse { .. });
    if error.mistake() == Mistake::Usage || runs_already {
        return;
    }
    let mut text = head(name, version, id);
    let hints = error.hints().iter().map(|hint| format!("\nhint: {hint}")).collect::<String>();
    section(&mut text, "The app could not start", &format!("{error}{hints}"));
    let text = Redaction::default().clean(&text);
    if let Err(error) = write_report(&new_report(logs, "app"), &text) {
        tracing::debug!("No report can be kept: {error}");
    }
}

fn head(name: &str, version: &str, id: &str) -> String {
    format!(
        "{name} {version} ({id})\n{}\nEnsconce {} on {} ({}, {})\n",
        Stamp::of(SystemTime::now()),
        env!("CARGO_PKG_VERSION"),
        system(),
        consts::OS,
        consts::ARCH,
    )
}

/// The name that the operating system gives itself, where it has a file for that.
fn system() -> String {
    let file = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = file.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| consts::OS.to_owned(), |name| name.trim_matches('"').to_owned())
}

fn section(text: &mut String, title: &str, body: &str) {
    let body = if body.trim().is_empty() { "(none)" } else { body.trim_end() };
    // Writing to a string cannot fail.
    let _ = write!(text, "\n{title}\n{}\n{body}\n", "-".repeat(title.len()));
}

fn word(phase: Phase) -> String {
    format!("{phase:?}").to_lowercase()
}
