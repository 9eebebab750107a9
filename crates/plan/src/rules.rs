//! What is done about a service that ends, hangs, grows, or loses what it needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ensconce_manifest::{
    Duration as Span, Liveness, LivenessKind, OnDependencyExit, Restart, RestartPolicy,
    RestartRule, ServiceSettings, Size, Statuses,
};
use serde::{Serialize, Serializer};

use crate::job::as_milliseconds;

const RESTART_DELAY: Duration = Duration::from_millis(100);
const RESTART_MAX_DELAY: Duration = Duration::from_secs(30);
const RESTART_LIMIT: u32 = 5;
const RESTART_WINDOW: Duration = Duration::from_secs(60);
/// "Permanent failure" in the words of s6.
const NEVER_AFTER: u8 = 125;
const PERIOD: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
const FAILURES: u32 = 3;

/// What is done about a service; what is usual is not written out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RulesPlan {
    /// When it is started again.
    #[serde(skip_serializing_if = "is_usual")]
    pub restart: RestartPlan,
    /// What happens to it when something that it needs has ended.
    #[serde(skip_serializing_if = "is_usual")]
    pub on_dependency_exit: OnDependencyExit,
    /// How it is found to hang.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<LivenessPlan>,
    /// The memory that its processes may use together.
    #[serde(
        rename = "memory_limit_bytes",
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_bytes"
    )]
    pub memory_limit: Option<Size>,
}

/// When a service is started again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestartPlan {
    /// After which ends.
    pub policy: RestartPolicy,
    /// The first pause; each further one is twice as long.
    #[serde(rename = "delay_ms", serialize_with = "as_milliseconds")]
    pub delay: Duration,
    /// The longest pause.
    #[serde(rename = "max_delay_ms", serialize_with = "as_milliseconds")]
    pub max_delay: Duration,
    /// One end more than this within `window` is a failure.
    pub limit: u32,
    /// The time in which ends are counted; zero for no limit.
    #[serde(rename = "window_ms", serialize_with = "as_milliseconds")]
    pub window: Duration,
    /// Exit codes after which it has failed for good.
    pub never_after: Vec<u8>,
}

/// How a service that hangs is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LivenessPlan {
    /// It answers a request.
    Http {
        /// What is asked for.
        path: String,
        /// The statuses of a service that is well; 200 to 399 when empty.
        statuses: Vec<u16>,
        /// How often.
        #[serde(flatten)]
        pace: PacePlan,
    },
    /// It accepts connections.
    Tcp(PacePlan),
    /// It sends `WATCHDOG=1`.
    Watchdog {
        /// To this socket.
        socket: PathBuf,
        /// The longest time between two messages.
        #[serde(rename = "limit_ms", serialize_with = "as_milliseconds")]
        limit: Duration,
    },
}

/// How often a service is asked whether it is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PacePlan {
    /// From one check to the next.
    #[serde(rename = "period_ms", serialize_with = "as_milliseconds")]
    pub period: Duration,
    /// How long an answer may take.
    #[serde(rename = "timeout_ms", serialize_with = "as_milliseconds")]
    pub timeout: Duration,
    /// So many failed checks in a row are the end.
    pub failures: u32,
}

impl Default for RestartPlan {
    fn default() -> Self {
        Self {
            policy: RestartPolicy::Always,
            delay: RESTART_DELAY,
            max_delay: RESTART_MAX_DELAY,
            limit: RESTART_LIMIT,
            window: RESTART_WINDOW,
            never_after: vec![NEVER_AFTER],
        }
    }
}

impl RulesPlan {
    /// Plans the rules of a service, which can send its signs of life to `notify`.
    pub(crate) fn of(settings: &ServiceSettings, notify: &Path) -> Self {
        Self {
            restart: settings.restart.as_ref().map_or_else(RestartPlan::default, restart),
            on_dependency_exit: settings.on_dependency_exit.unwrap_or_default(),
            liveness: settings.liveness.as_ref().and_then(|how| liveness(how, notify)),
            memory_limit: settings.memory_limit,
        }
    }

    /// Returns the socket to which the service sends signs of life.
    pub(crate) fn watchdog(&self) -> Option<&Path> {
        match &self.liveness {
            Some(LivenessPlan::Watchdog { socket, .. }) => Some(socket),
            _ => None,
        }
    }
}

fn restart(restart: &Restart) -> RestartPlan {
    let rule = match restart {
        Restart::Policy(policy) => &RestartRule { policy: Some(*policy), ..RestartRule::default() },
        Restart::Rule(rule) => rule,
    };
    let usual = RestartPlan::default();
    let delay = rule.delay.map_or(usual.delay, |delay| delay.0);
    RestartPlan {
        policy: rule.policy.unwrap_or(usual.policy),
        delay,
        max_delay: rule.max_delay.map_or(usual.max_delay.max(delay), |longest| longest.0),
        limit: rule.limit.unwrap_or(usual.limit),
        window: rule.window.map_or(usual.window, |window| window.0),
        never_after: rule.never_after.clone().unwrap_or(usual.never_after),
    }
}

fn liveness(liveness: &Liveness, notify: &Path) -> Option<LivenessPlan> {
    Some(match liveness {
        Liveness::Kind(LivenessKind::None) => return None,
        Liveness::Kind(LivenessKind::Tcp) => LivenessPlan::Tcp(pace(None, None, None)),
        Liveness::Http(http) => LivenessPlan::Http {
            path: http.http.clone(),
            statuses: statuses(http.status.as_ref()),
            pace: pace(http.period, http.timeout, http.failures),
        },
        Liveness::Tcp(tcp) => LivenessPlan::Tcp(pace(tcp.period, tcp.timeout, tcp.failures)),
        Liveness::Watchdog(watchdog) => {
            LivenessPlan::Watchdog { socket: notify.to_owned(), limit: watchdog.watchdog.0 }
        }
    })
}

fn pace(period: Option<Span>, timeout: Option<Span>, failures: Option<u32>) -> PacePlan {
    PacePlan {
        period: period.map_or(PERIOD, |period| period.0),
        timeout: timeout.map_or(ANSWER_TIMEOUT, |timeout| timeout.0),
        failures: failures.unwrap_or(FAILURES),
    }
}

/// The statuses that are wanted; none for any success.
pub(crate) fn statuses(statuses: Option<&Statuses>) -> Vec<u16> {
    match statuses {
        None => Vec::new(),
        Some(Statuses::One(status)) => vec![*status],
        Some(Statuses::Many(statuses)) => statuses.clone(),
    }
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn as_bytes<S: Serializer>(size: &Option<Size>, serializer: S) -> Result<S::Ok, S::Error> {
    size.map(Size::bytes).serialize(serializer)
}
