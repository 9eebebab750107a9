//! What the window shows while the app starts, stops or has failed, as plain data.

use serde::{Deserialize, Serialize};

/// The state of an app, as its own pages see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Who the app is.
    pub app: AppFace,
    /// What it is doing.
    pub phase: StatusPhase,
    /// How long it has been doing that, in milliseconds.
    pub since_ms: u64,
    /// Its tasks and services, in the order of their start.
    pub steps: Vec<StepStatus>,
    /// Why it failed; only in [`StatusPhase::Failed`].
    pub failure: Option<FailureReport>,
}

/// Who the app is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppFace {
    /// The name that people see.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its picture, as a `data:` URL.
    pub icon: Option<String>,
}

/// What an app is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StatusPhase {
    Starting,
    Setup,
    Ready,
    Failed,
    Stopping,
}

/// A task or service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepStatus {
    /// Its name.
    pub name: String,
    /// Whether it ends by itself.
    pub kind: StepKind,
    /// What it is doing.
    pub state: StepState,
    /// Whether the app goes on without it.
    pub optional: bool,
    /// How long it has been doing that, in milliseconds.
    pub elapsed_ms: u64,
    /// Its process, while it has one.
    pub pid: Option<u32>,
    /// Why it is started again, has failed, or has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether it works again after it had ended by itself or failed.
    #[serde(default)]
    pub back: bool,
    /// How far it has come, from 0 to 1, when it tells.
    #[serde(default)]
    pub progress: Option<f64>,
    /// What it says that it is doing.
    #[serde(default)]
    pub message: Option<String>,
}

/// Whether a step ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StepKind {
    Task,
    Service,
}

/// What a task or service is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StepState {
    Waiting,
    Starting,
    Ready,
    Restarting,
    Failed,
    Stopping,
    Stopped,
}

/// Why an app failed, for the one who uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureReport {
    /// A headline.
    pub title: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What the user can do.
    pub advice: Vec<String>,
    /// The part that failed.
    pub service: Option<String>,
    /// Its last lines of output.
    pub output: Vec<String>,
    /// Its log file.
    pub log: Option<String>,
    /// Everything, as text to pass on.
    pub details: String,
}
