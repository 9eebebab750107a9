//! The rules of a service, as text for people.

use std::fmt::{self, Formatter};

use ensconce_manifest::{OnDependencyExit, RestartPolicy};

use super::{answer, line, seconds};
use crate::rules::{LivenessPlan, PacePlan, RestartPlan, RulesPlan};

impl RulesPlan {
    /// Writes what differs from the defaults.
    pub(super) fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.restart != RestartPlan::default() {
            line(f, "restart", &self.restart.words())?;
        }
        match self.on_dependency_exit {
            OnDependencyExit::Continue => {}
            OnDependencyExit::Restart => {
                line(f, "depends", &"restarted when a dependency is back")?
            }
            OnDependencyExit::Stop => line(f, "depends", &"stopped while a dependency is away")?,
        }
        if let Some(liveness) = &self.liveness {
            line(f, "health", &liveness.words())?;
        }
        if let Some(limit) = &self.memory_limit {
            line(f, "memory", &format!("killed above {limit}"))?;
        }
        Ok(())
    }
}

impl RestartPlan {
    fn words(&self) -> String {
        let policy = match self.policy {
            RestartPolicy::No => return "never".to_owned(),
            RestartPolicy::Always => "always",
            RestartPolicy::OnFailure => "unless it exits with code 0",
        };
        let pause = match (self.delay, self.max_delay) {
            (delay, _) if delay.is_zero() => "at once".to_owned(),
            (delay, longest) if delay == longest => format!("after {}", seconds(delay)),
            (delay, longest) => format!("after {} up to {}", seconds(delay), seconds(longest)),
        };
        let limit = match self.window {
            window if window.is_zero() => "without a limit".to_owned(),
            window => format!("at most {} in {}", self.limit, seconds(window)),
        };
        format!("{policy}, {pause}, {limit}{}", self.never_after())
    }

    /// Returns the exit codes, unless they are the default.
    fn never_after(&self) -> String {
        if self.never_after == Self::default().never_after {
            return String::new();
        }
        let codes: Vec<String> = self.never_after.iter().map(u8::to_string).collect();
        match codes.as_slice() {
            [] => ", after any exit code".to_owned(),
            codes => format!(", not after exit code {}", codes.join(" or ")),
        }
    }
}

impl LivenessPlan {
    fn words(&self) -> String {
        match self {
            Self::Http { path, statuses, pace } => {
                format!("GET {path} answers with {}, {}", answer(statuses), pace.words())
            }
            Self::Tcp(pace) => format!("it accepts connections, {}", pace.words()),
            Self::Watchdog { limit, .. } => {
                format!("it sends WATCHDOG=1 to NOTIFY_SOCKET every {}", seconds(*limit))
            }
        }
    }
}

impl PacePlan {
    fn words(&self) -> String {
        let Self { period, timeout, failures } = self;
        let (period, timeout) = (seconds(*period), seconds(*timeout));
        let failures = match failures {
            1 => "killed after 1 failure".to_owned(),
            failures => format!("killed after {failures} failures"),
        };
        format!("within {timeout}, every {period}; {failures}")
    }
}
