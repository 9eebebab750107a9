//! The types of the rules for a service that ends, hangs, grows, or loses a dependency.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Duration;
use crate::model::{PATH_EXPECTED, Statuses};

/// When a service that has ended is started again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Restart {
    /// After which ends, and otherwise as usual.
    Policy(RestartPolicy),
    /// With its settings.
    Rule(RestartRule),
}

/// After which ends a service is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// After each.
    Always,
    /// After each except exit code 0.
    OnFailure,
    /// After none.
    No,
}

/// When and how often a service that has ended is started again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestartRule {
    /// After which ends; `always` when absent.
    pub policy: Option<RestartPolicy>,
    /// The pause before the first restart, which doubles with each; 100 milliseconds when absent.
    pub delay: Option<Duration>,
    /// The longest pause; 30 seconds when absent.
    pub max_delay: Option<Duration>,
    /// How many ends within `window` are still followed by a restart; 5 when absent.
    #[schemars(range(min = 1))]
    pub limit: Option<u32>,
    /// The time in which ends are counted, `0s` for no limit; 60 seconds when absent.
    pub window: Option<Duration>,
    /// Exit codes after which it has failed for good; 125 when absent.
    #[schemars(inner(range(min = 1, max = 255)))]
    pub never_after: Option<Vec<u8>>,
}

/// What happens to a service when a dependency has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnDependencyExit {
    /// It goes on, and reconnects on its own.
    #[default]
    Continue,
    /// It goes on, and is restarted when the dependency is back.
    Restart,
    /// It is stopped at once, and started when the dependency is back.
    Stop,
}

/// How a hang is detected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Liveness {
    /// A way without settings.
    Kind(LivenessKind),
    /// It answers HTTP requests.
    Http(LivenessHttp),
    /// It accepts connections.
    Tcp(LivenessTcp),
    /// It sends signs of life.
    Watchdog(LivenessWatchdog),
}

/// Ways to detect a hang that have no settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LivenessKind {
    /// It accepts connections.
    Tcp,
    /// None: a service that hangs is left alone.
    None,
}

/// Healthy while HTTP requests are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LivenessHttp {
    /// The path to ask for, such as `/healthz`.
    #[schemars(regex(pattern = r"^/"), extend("patternErrorMessage" = PATH_EXPECTED))]
    pub http: String,
    /// The status, or statuses, of a healthy service; 200 to 399 when absent.
    #[serde(default)]
    pub status: Option<Statuses>,
    /// From one check to the next; 10 seconds when absent.
    #[serde(default)]
    pub period: Option<Duration>,
    /// How long an answer may take; 1 second when absent.
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// After this many failed checks in a row it is killed; 3 when absent.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub failures: Option<u32>,
}

/// Healthy while connections are accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LivenessTcp {
    /// Always `true`.
    pub tcp: bool,
    /// From one check to the next; 10 seconds when absent.
    #[serde(default)]
    pub period: Option<Duration>,
    /// How long a connection may take; 1 second when absent.
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// After this many failed checks in a row it is killed; 3 when absent.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub failures: Option<u32>,
}

/// Healthy while it sends `WATCHDOG=1` to `NOTIFY_SOCKET`, as under systemd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LivenessWatchdog {
    /// The longest time between two messages, such as `30s`.
    pub watchdog: Duration,
}
