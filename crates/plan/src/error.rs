//! What keeps a valid manifest from running on this machine.

use std::fmt;
use std::path::PathBuf;

/// Why a job cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// `{env.NAME}` names a variable that is not set.
    #[error("`{job}` needs the environment variable `{name}`, which is not set")]
    MissingVariable {
        /// The task or service.
        job: String,
        /// The variable.
        name: String,
    },
    /// `[python]` names something that does not exist.
    #[error("`[python]` names {}, which does not exist", path.display())]
    MissingPython {
        /// The interpreter that was looked for.
        path: PathBuf,
    },
    /// Unix sockets are asked for on Windows.
    #[error("`{job}` listens on a Unix socket, which programs on Windows cannot do")]
    NoUnixSockets {
        /// The service.
        job: String,
    },
    /// A watchdog is asked for on Windows.
    #[error("`{job}` has a watchdog, and Windows has no `NOTIFY_SOCKET`")]
    NoWatchdog {
        /// The service.
        job: String,
    },
    /// A variable has no value where it is used.
    #[error("`{job}` uses `{variable}`, but {why}")]
    NoSuchValue {
        /// The task or service.
        job: String,
        /// The variable, as written.
        variable: String,
        /// Why it has no value here.
        why: String,
    },
}

impl PlanError {
    /// Suggests what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::MissingVariable { name, .. } => {
                format!("Set it before the start: {name}=value ensconce run")
            }
            Self::MissingPython { path } => {
                let folder = path.parent().and_then(|folder| folder.parent()).unwrap_or(path);
                format!("Make it: python3 -m venv {}", folder.display())
            }
            Self::NoUnixSockets { job } => {
                format!("Write [service.{job}.windows] with listen = \"tcp\" and {{port}}")
            }
            Self::NoWatchdog { job } => {
                format!("Write [service.{job}.windows] with liveness = {{ http = \"/health\" }}")
            }
            Self::NoSuchValue { .. } => {
                "See the list of names in `docs/manifest.md`, \"Templates\"".to_owned()
            }
        }
    }
}

/// Everything that keeps a manifest from running here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanErrors(pub Vec<PlanError>);

impl From<PlanError> for PlanErrors {
    fn from(error: PlanError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanErrors {}
