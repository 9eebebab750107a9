//! How an app is, as its own pages, the terminal and the control port show it.

use serde::{Deserialize, Serialize};

/// The state of an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppStatus {
    /// Who the app is.
    pub app: AppIdentity,
    /// What it is doing.
    pub phase: AppPhase,
    /// How long it has been doing that, in milliseconds.
    #[cfg_attr(test, ts(type = "number"))]
    pub since_ms: u64,
    /// Its tasks and services, in the order of their start.
    pub jobs: Vec<JobStatus>,
    /// Why it failed; only in [`AppPhase::Failed`].
    pub failure: Option<FailureReport>,
}

/// Who an app is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AppIdentity {
    /// The name that people see.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its icon, as a `data:` URL.
    pub icon: Option<String>,
}

/// What an app is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum AppPhase {
    /// Its services start, or are started again after they were stopped for work on its data.
    Starting,
    /// Answers that it needs are missing.
    Setup,
    /// It works.
    Ready,
    /// Something that it needs has failed.
    Failed,
    /// It was asked to end.
    Stopping,
}

/// The state of a task or service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JobStatus {
    /// Its name in the manifest.
    pub name: String,
    /// Whether it ends by itself.
    pub kind: JobKind,
    /// What it is doing.
    pub state: JobState,
    /// Whether the app goes on without it.
    pub optional: bool,
    /// How long it has been doing that, in milliseconds.
    #[cfg_attr(test, ts(type = "number"))]
    pub elapsed_ms: u64,
    /// Its process, while it has one.
    pub pid: Option<u32>,
    /// Why it is started again, has failed, or has ended.
    pub reason: Option<String>,
    /// Whether it works again after it had ended by itself or failed.
    pub recovered: bool,
    /// How far a task's work has come, from 0 to 1, if the task says so.
    pub progress: Option<f64>,
    /// What a task says that it is doing: `2310 of 10000 products`.
    pub message: Option<String>,
}

/// Whether a job ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum JobKind {
    Task,
    Service,
}

/// What a task or service is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum JobState {
    Waiting,
    Starting,
    Ready,
    Restarting,
    Failed,
    Stopping,
    Stopped,
}

/// Why an app failed, for the person who uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FailureReport {
    /// A headline: `Items could not start`.
    pub title: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What the person can do, one sentence each.
    pub advice: Vec<String>,
    /// The task or service that failed.
    pub service: Option<String>,
    /// Its last lines of output.
    pub output: Vec<String>,
    /// The path of its log file.
    pub log: Option<String>,
    /// Everything, as text to pass on.
    pub details: String,
}
