//! The types of `ensconce.toml`: serde reads them, schemars describes them, the checker walks them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::build::{
    Build, BuildAppimage, BuildMacos, BuildNode, BuildPython, BuildStep, BundleKind, Depends,
    Notarize, Program, PythonSource, Sign, SignMacos, SignWindows,
};
pub use crate::duration::{BadDuration, DURATION_PATTERN, Duration};
pub use crate::overrides::{Mode, Platform};
pub use crate::rules::{
    Liveness, LivenessHttp, LivenessKind, LivenessTcp, LivenessWatchdog, OnDependencyExit, Restart,
    RestartPolicy, RestartRule,
};
pub use crate::service::{
    Listen, Ready, ReadyHttp, ReadyKind, ReadyLog, Service, ServiceSettings, Start, Statuses, Stop,
    StopSignal,
};
pub use crate::setup::{
    Check, CheckCommand, CheckHttp, CheckPostgres, Choice, Database, Field, FieldKind,
    LabelledChoice, OneOf, Setup, SetupPage,
};
pub use crate::size::{BadSize, Size};

/// What an app is made of: the content of `ensconce.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Who the app is.
    pub app: App,
    /// How its window looks at first.
    #[serde(default)]
    pub window: Window,
    /// Where its pages come from.
    pub ui: Ui,
    /// Which requests of the pages go to which service.
    #[serde(default, rename = "route")]
    pub routes: Vec<Route>,
    /// Which Python interpreter `{python}` is.
    #[serde(default)]
    pub python: Option<Python>,
    /// Environment variables for every service and task.
    #[serde(default)]
    #[schemars(extend("propertyNames" = environment_names()))]
    pub env: Env,
    /// Commands that run once and end, before what depends on them.
    #[serde(default, rename = "task")]
    #[schemars(extend("propertyNames" = names()))]
    pub tasks: IndexMap<String, Task>,
    /// Processes that run as long as the app does.
    #[serde(default, rename = "service")]
    #[schemars(extend("propertyNames" = names()))]
    pub services: IndexMap<String, Service>,
    /// Secrets, kept in the operating system's keychain.
    #[serde(default, rename = "secret")]
    #[schemars(extend("propertyNames" = names()))]
    pub secrets: IndexMap<String, Secret>,
    /// What the app asks its user on the first run.
    #[serde(default)]
    pub setup: Setup,
    /// SQLite databases that Ensconce backs up.
    #[serde(default, rename = "database")]
    #[schemars(extend("propertyNames" = names()))]
    pub databases: IndexMap<String, Database>,
    /// What `ensconce build` makes, and from what.
    #[serde(default)]
    pub build: Build,
}

impl Manifest {
    /// Returns whether the app has a Settings page: for its answers, or for its databases.
    pub fn has_settings(&self) -> bool {
        !self.setup.pages.is_empty() || !self.databases.is_empty()
    }

    /// Returns whether the app needs the helper program, which tries addresses and PostgreSQL
    /// databases and takes care of SQLite files.
    pub fn needs_helper(&self) -> bool {
        !self.databases.is_empty()
            || self.setup.checks().any(|check| match check {
                Check::Http(http) => !http.http.starts_with('/'),
                Check::Postgres(_) => true,
                Check::Command(_) => false,
            })
    }
}

/// Environment variables, in the order of the file.
pub type Env = IndexMap<String, Scalar>;

/// A string, or a number or boolean that is written as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// Text; may hold templates such as `{data}`.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::String(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Boolean(flag) => flag.fmt(f),
        }
    }
}

/// Who the app is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Reverse-DNS name; names the folders that hold the user's data. Never change it.
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)+$"))]
    #[schemars(length(max = 120))]
    #[schemars(extend("patternErrorMessage" = "Expected a reverse-DNS name such as `com.example.notes`"))]
    pub id: String,
    /// The name that people see.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// Semantic version, such as `1.2.0`.
    pub version: String,
    /// A square PNG picture, relative to the manifest.
    #[serde(default)]
    pub icon: Option<String>,
    /// One line that says what it is for.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    pub description: Option<String>,
    /// Who publishes it: `Name <address@example.com>`.
    #[serde(default)]
    pub publisher: Option<String>,
    /// The address of its home page.
    #[serde(default)]
    pub homepage: Option<String>,
    /// SPDX expression of its licence, such as `MIT`.
    #[serde(default)]
    pub license: Option<String>,
    /// Where menus list it, by the names of freedesktop.org: `Office`, `AudioVideo` …
    #[serde(default)]
    pub categories: Vec<String>,
    /// File types that it opens.
    #[serde(default, rename = "file_type")]
    pub file_types: Vec<FileType>,
    /// URL schemes that it opens, such as `items` for `items://…`.
    #[serde(default)]
    pub schemes: Vec<String>,
}

/// A file type that the app opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileType {
    /// MIME type, such as `application/x-items`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+$"))]
    #[schemars(extend("patternErrorMessage" = "Expected a MIME type such as `application/x-items`"))]
    pub mime: String,
    /// File name extensions, without the dot. Types that the system knows need none.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// What people call such a file.
    #[serde(default)]
    pub name: Option<String>,
}

/// How the window looks before the user has moved or resized it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Window {
    /// Text of the title bar; the app's name when absent.
    pub title: Option<String>,
    /// Width in logical pixels.
    #[schemars(range(min = 200, max = 16384))]
    pub width: u32,
    /// Height in logical pixels.
    #[schemars(range(min = 200, max = 16384))]
    pub height: u32,
    /// Smallest width in logical pixels.
    #[schemars(range(min = 1, max = 16384))]
    pub min_width: Option<u32>,
    /// Smallest height in logical pixels.
    #[schemars(range(min = 1, max = 16384))]
    pub min_height: Option<u32>,
    /// Whether the user can change the size.
    pub resizable: bool,
    /// Whether it starts maximised.
    pub maximized: bool,
    /// Whether it starts full-screen.
    pub fullscreen: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            title: None,
            width: 1100,
            height: 750,
            min_width: None,
            min_height: None,
            resizable: true,
            maximized: false,
            fullscreen: false,
        }
    }
}

/// Where the pages come from: exactly one of `static`, `service` and `url`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ui {
    /// A folder of built pages, relative to the manifest.
    #[serde(rename = "static")]
    pub static_dir: Option<String>,
    /// The service that serves the pages.
    pub service: Option<String>,
    /// The address of a remote back end that serves the pages.
    pub url: Option<String>,
    /// The first page, such as `/login`; `/` when absent.
    #[schemars(regex(pattern = r"^/"), extend("patternErrorMessage" = PATH_EXPECTED))]
    pub path: Option<String>,
    /// The page that is shown when the desktop opens a file or an address with the app, such as
    /// `/open?target={opened}`; `{opened}` stands for it, percent-encoded.
    #[schemars(regex(pattern = r"^/(?:[^/].*)?\{opened\}"), extend("patternErrorMessage" = OPEN_EXPECTED))]
    pub open: Option<String>,
    /// The page for paths that are not a file (single-page apps); `index.html` when absent, `false`
    /// answers 404 instead.
    pub fallback: Option<Fallback>,
    /// The origin of the pages in the window; `http://NAME.localhost` when absent. If the pages
    /// contain the address that they were built for, set it here.
    pub origin: Option<String>,
    /// Remote origins that the pages may load from, such as `https://fonts.example.com` or
    /// `https://*.example.com`; `*` allows all.
    pub allow: Vec<String>,
    /// What serves the pages in `ensconce dev`.
    pub dev: Option<UiDev>,
}

/// The page for paths that are not a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Fallback {
    /// A file in the static folder.
    File(String),
    /// `false`: none; `true`: `index.html`.
    Enabled(bool),
}

/// The development server of the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UiDev {
    /// Program and arguments; may use `{port}`.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// The port that it always listens on; a free one, passed as `{port}`, when absent.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// Working folder, relative to the manifest.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Environment variables.
    #[serde(default)]
    #[schemars(extend("propertyNames" = environment_names()))]
    pub env: Env,
    /// Names of services and tasks that must be ready first.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// Sends requests below `path` to a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The beginning of the path, in whole segments: `/api` takes `/api` and `/api/items`.
    #[serde(default = "root_path")]
    #[schemars(regex(pattern = r"^/"), extend("patternErrorMessage" = PATH_EXPECTED))]
    pub path: String,
    /// The service that answers.
    pub service: String,
    /// Another `host:port` that the pages call, such as `localhost:8000`; the pages' own origin
    /// when absent.
    #[serde(default)]
    pub host: Option<String>,
    /// Whether `path` is removed before the service sees it.
    #[serde(default)]
    pub strip: bool,
}

fn root_path() -> String {
    "/".to_owned()
}

/// Which Python interpreter `{python}` is: one of `venv` and `interpreter`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Python {
    /// A virtual environment's folder, relative to the manifest.
    pub venv: Option<String>,
    /// An interpreter, relative to the manifest.
    pub interpreter: Option<String>,
}

/// A command that runs once and ends, before what depends on it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Task {
    /// What runs.
    #[serde(flatten)]
    pub settings: TaskSettings,
    /// Changes for `ensconce dev`.
    pub dev: Option<TaskSettings>,
    /// Changes on Linux.
    pub linux: Option<TaskSettings>,
    /// Changes on macOS.
    pub macos: Option<TaskSettings>,
    /// Changes on Windows.
    pub windows: Option<TaskSettings>,
}

/// The settings of a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct TaskSettings {
    /// Program and arguments.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,
    /// Working folder, relative to the manifest.
    pub cwd: Option<String>,
    /// Environment variables.
    #[schemars(extend("propertyNames" = environment_names()))]
    pub env: Env,
    /// Names of services and tasks that must be ready first.
    pub needs: Option<Vec<String>>,
    /// On which starts it runs; `always` when absent.
    pub when: Option<When>,
    /// A path; the task is skipped if it exists.
    pub unless: Option<String>,
    /// Whether the app goes on when it fails.
    pub optional: Option<bool>,
    /// How long it may run, such as `90s` or `5m`; 5 minutes when absent.
    pub timeout: Option<Duration>,
}

/// On which starts a task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// On each start.
    Always,
    /// Until it has succeeded once.
    FirstRun,
    /// On the first run, and at the first start of each other version of the app.
    Update,
}

/// A secret that the app needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Secret {
    /// How many random bytes it is made of, on the first run; without it, the user gives the
    /// secret.
    #[schemars(range(min = 16, max = 1024))]
    pub generate: Option<u16>,
    /// How the bytes are written; `base64url` when absent.
    pub encoding: Option<Encoding>,
}

/// How a generated secret's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// URL-safe base64 without padding.
    Base64url,
    /// Lower-case hexadecimal.
    Hex,
}

pub(crate) const OPEN_EXPECTED: &str =
    "Expected a path of the app with `{opened}` in it, such as `/open?target={opened}`";
pub(crate) const PATH_EXPECTED: &str = "Expected a path that begins with `/`";

/// Describes the names of services, tasks, secrets and programs.
pub(crate) fn names() -> serde_json::Value {
    serde_json::json!({
        "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$",
        "patternErrorMessage":
            "Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`",
    })
}

/// Describes the names of environment variables.
pub(crate) fn environment_names() -> serde_json::Value {
    serde_json::json!({
        "pattern": r"^[^=\u0000]+$",
        "patternErrorMessage":
            "Expected the name of an environment variable, without `=` and NUL",
    })
}
