//! The plan: plain data, in the order in which things start.

use std::path::PathBuf;
use std::time::Duration;

use ensconce_manifest::{Encoding, Mode, StopSignal, When};
use serde::{Serialize, Serializer};

use crate::rules::RulesPlan;
use crate::setup::{DatabasePlan, SetupPlan};
use crate::{Folders, PythonChoice, Text};

/// Exactly what will run, and where.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Who the app is.
    pub app: AppInfo,
    /// Whether the developer's overrides hold.
    pub mode: Mode,
    /// How the window looks at first.
    pub window: WindowPlan,
    /// Where the pages come from.
    pub ui: UiPlan,
    /// Which requests go to which service.
    pub routes: Vec<RoutePlan>,
    /// Where the app's things are.
    pub folders: Folders,
    /// The folder of the manifest.
    pub resources: PathBuf,
    /// The secrets that the app needs.
    pub secrets: Vec<SecretPlan>,
    /// What the app asks its user.
    pub setup: SetupPlan,
    /// The databases that are backed up.
    pub databases: Vec<DatabasePlan>,
    /// Tasks and services, each after its dependencies.
    pub jobs: Vec<JobPlan>,
}

impl Plan {
    /// Returns whether the app has a Settings page, as
    /// [`ensconce_manifest::Manifest::has_settings`] does.
    pub fn has_settings(&self) -> bool {
        !self.setup.pages.is_empty() || !self.databases.is_empty()
    }
}

/// Who the app is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppInfo {
    /// Reverse-DNS name.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Its picture.
    pub icon: Option<PathBuf>,
}

/// How the window looks at first; sizes in logical pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named as in the manifest")]
pub struct WindowPlan {
    pub title: String,
    pub width: u32,
    pub height: u32,
    pub min_width: Option<u32>,
    pub min_height: Option<u32>,
    pub resizable: bool,
    pub maximized: bool,
    pub fullscreen: bool,
}

/// Where the pages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UiPlan {
    /// What answers at `/`.
    pub root: UiRoot,
    /// The first page.
    pub path: String,
    /// The page for a file or address that the desktop opens with the app; it has `{opened}` in it.
    pub open: Option<String>,
    /// The pages' origin in the window.
    pub origin: String,
    /// Remote origins that the pages may load from.
    pub allow: Vec<String>,
}

/// What answers at `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UiRoot {
    /// Files.
    Static {
        /// Their folder.
        folder: PathBuf,
        /// The page for paths that are not a file.
        fallback: Option<String>,
    },
    /// A service.
    Service(String),
    /// A remote back end.
    Url(String),
}

/// Sends requests below `path` to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named as in the manifest")]
pub struct RoutePlan {
    pub host: Option<String>,
    pub path: String,
    pub service: String,
    pub strip: bool,
}

/// A secret that the app needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretPlan {
    /// Its name.
    pub name: String,
    /// How many random bytes it is made of, if it does not exist; `None` for one that the user
    /// gives.
    pub generate: Option<u16>,
    /// How they are written.
    pub encoding: Encoding,
}

/// A task or service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobPlan {
    /// Its name.
    pub name: String,
    /// Whether it ends by itself.
    pub kind: JobKind,
    /// Why it does not run this time.
    pub skip: Option<String>,
    /// On which starts a task runs.
    pub when: Option<When>,
    /// A task is skipped when this exists.
    pub unless: Option<PathBuf>,
    /// Names of jobs that must be ready first.
    pub needs: Vec<String>,
    /// Whether the app goes on when it fails.
    pub optional: bool,
    /// Program and arguments.
    pub command: Vec<Text>,
    /// Variables that are set in addition to the inherited ones.
    #[serde(serialize_with = "as_map")]
    pub env: Vec<(String, Text)>,
    /// Working folder.
    pub cwd: PathBuf,
    /// The interpreter that `{python}` is, when it is used.
    pub python: Option<PythonChoice>,
    /// Where it listens.
    pub listen: ListenPlan,
    /// How it is known to be ready.
    pub ready: ReadyPlan,
    /// How long it may take to be ready, or for a task, to end.
    #[serde(rename = "start_timeout_ms", serialize_with = "as_milliseconds")]
    pub start_timeout: Duration,
    /// How it is stopped.
    pub stop: StopPlan,
    /// The rules for a service that ends, hangs, grows, or loses a dependency.
    #[serde(flatten)]
    pub rules: RulesPlan,
}

impl JobPlan {
    /// Returns the answers that it is given, by the names of their fields.
    pub fn answers(&self) -> impl Iterator<Item = &str> {
        let texts = self.command.iter().chain(self.env.iter().map(|(_, value)| value));
        texts.flat_map(Text::answers)
    }
}

/// Whether a job ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Runs once and ends.
    Task,
    /// Runs as long as the app does.
    Service,
}

/// Where a service listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ListenPlan {
    /// Nowhere.
    Nowhere,
    /// On a TCP port of loopback; a free one when none is given.
    Tcp(Option<u16>),
    /// On a Unix socket that it makes.
    Unix(PathBuf),
    /// On a Unix socket that is passed to it open.
    Fd(PathBuf),
    /// On a port that it reports, in this file or with a line `PORT:N`.
    Handshake(PathBuf),
}

/// How a service is known to be ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadyPlan {
    /// A task: it exits with code 0.
    Exit,
    /// Its process runs.
    Started,
    /// It accepts connections.
    Listening,
    /// It answers a request.
    Http {
        /// What is asked for.
        path: String,
        /// The statuses of a ready service; 200 to 399 when empty.
        statuses: Vec<u16>,
    },
    /// A line of its output matches.
    Log(String),
    /// It sends `READY=1` to this socket.
    Notify(PathBuf),
}

/// How a job is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StopPlan {
    /// What it is sent.
    pub signal: StopSignal,
    /// How long it may take before it is killed.
    #[serde(rename = "timeout_ms", serialize_with = "as_milliseconds")]
    pub timeout: Duration,
}

/// Writes a duration as a whole number.
pub(crate) fn as_milliseconds<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// Writes a duration as a whole number, or as nothing.
pub(crate) fn as_optional_milliseconds<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => as_milliseconds(duration, serializer),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn as_map<S: Serializer>(
    env: &[(String, Text)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(env.iter().map(|(name, value)| (name, value)))
}
