//! The types of `[service.NAME]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Duration;
use crate::model::{Env, PATH_EXPECTED, environment_names};
use crate::rules::{Liveness, OnDependencyExit, Restart};
use crate::size::Size;

/// A process that runs as long as the app does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Service {
    /// What runs.
    #[serde(flatten)]
    pub settings: ServiceSettings,
    /// Changes for `ensconce dev`.
    pub dev: Option<ServiceSettings>,
    /// Changes on Linux.
    pub linux: Option<ServiceSettings>,
    /// Changes on macOS.
    pub macos: Option<ServiceSettings>,
    /// Changes on Windows.
    pub windows: Option<ServiceSettings>,
}

/// The settings of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ServiceSettings {
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
    /// Where it listens; derived from the use of `{socket}` or `{port}` when absent.
    pub listen: Option<Listen>,
    /// The port that it always listens on, for programs whose port cannot be set.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// The file to which it writes its port, with `listen = "handshake"`; `{handshake}` when
    /// absent.
    pub handshake: Option<String>,
    /// How it is known to be ready; when it accepts connections, when absent.
    pub ready: Option<Ready>,
    /// How it starts.
    pub start: Option<Start>,
    /// How it stops.
    pub stop: Option<Stop>,
    /// When it is started again after it has ended; always when absent.
    pub restart: Option<Restart>,
    /// What happens to it when a dependency has ended; `continue` when absent.
    pub on_dependency_exit: Option<OnDependencyExit>,
    /// How a hang is detected, once it is ready; not at all when absent.
    pub liveness: Option<Liveness>,
    /// The memory that its whole process tree may use, such as `512MB`.
    pub memory_limit: Option<Size>,
    /// Whether the app goes on without it.
    pub optional: Option<bool>,
}

/// Where a service listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Listen {
    /// A free TCP port on loopback, passed as `{port}`.
    Tcp,
    /// A Unix socket in a private folder, passed as `{socket}`.
    Unix,
    /// An open socket, passed as systemd does (`LISTEN_FDS`).
    Fd,
    /// The service picks a port and reports it: a file with `{"port": N}`, or a line `PORT:N`.
    Handshake,
    /// Nowhere.
    None,
}

/// How a service is known to be ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Ready {
    /// A way without settings.
    Kind(ReadyKind),
    /// An HTTP request is answered.
    Http(ReadyHttp),
    /// A line of output matches.
    Log(ReadyLog),
}

/// Ways to be ready that have no settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyKind {
    /// It accepts connections where it listens.
    Tcp,
    /// It reports its port, and accepts connections there.
    Handshake,
    /// It sends `READY=1` to `NOTIFY_SOCKET`, as under systemd.
    Notify,
    /// Its process runs.
    Started,
}

/// Ready when an HTTP request is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadyHttp {
    /// The path to ask for, such as `/healthz`.
    #[schemars(regex(pattern = r"^/"), extend("patternErrorMessage" = PATH_EXPECTED))]
    pub http: String,
    /// The status, or statuses, of a ready service; 200 to 399 when absent.
    #[serde(default)]
    pub status: Option<Statuses>,
}

/// One HTTP status, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Statuses {
    /// One status.
    One(#[schemars(range(min = 100, max = 599))] u16),
    /// Any of several.
    Many(#[schemars(length(min = 1), inner(range(min = 100, max = 599)))] Vec<u16>),
}

/// Ready when a line of output matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadyLog {
    /// A regular expression, searched for in each line of stdout and stderr.
    pub log: String,
}

/// How a service starts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Start {
    /// How long it may take to be ready, such as `90s`; 60 seconds when absent.
    pub timeout: Option<Duration>,
}

/// How a service stops.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stop {
    /// The signal that asks it to end; `SIGTERM` when absent. Windows sends Ctrl-Break instead.
    pub signal: Option<StopSignal>,
    /// How long it may take before it is killed, such as `10s`; 10 seconds when absent.
    pub timeout: Option<Duration>,
}

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StopSignal {
    /// Terminate.
    #[serde(rename = "SIGTERM")]
    Term,
    /// Interrupt, as Ctrl-C.
    #[serde(rename = "SIGINT")]
    Int,
    /// Quit.
    #[serde(rename = "SIGQUIT")]
    Quit,
    /// Hang-up.
    #[serde(rename = "SIGHUP")]
    Hup,
    /// First user-defined signal.
    #[serde(rename = "SIGUSR1")]
    Usr1,
    /// Second user-defined signal.
    #[serde(rename = "SIGUSR2")]
    Usr2,
    /// Kill at once.
    #[serde(rename = "SIGKILL")]
    Kill,
}
