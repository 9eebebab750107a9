//! Keys that do not exist, and the keys that were meant.

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::Walker;
use crate::diagnostics::Finding;
use crate::near::nearest;
use crate::words::{or_list, quote};

/// Our keys, and what compose, systemd, Procfiles and Tauri call them.
const ELSEWHERE: &[(&str, &[&str])] = &[
    ("command", &["cmd", "args", "run", "exec", "execstart", "entrypoint", "script"]),
    ("cwd", &["working_dir", "workdir", "working_directory", "workingdirectory", "dir"]),
    ("env", &["environment", "env_vars", "variables"]),
    ("needs", &["depends_on", "requires", "after", "wants", "dependencies"]),
    ("ready", &["healthcheck", "health", "readiness", "health_check"]),
    ("listen", &["ports", "expose", "socket", "bind"]),
    ("stop", &["stop_signal", "stop_grace_period", "timeoutstopsec", "killsignal"]),
    ("static", &["dist", "frontenddist", "root", "public"]),
    ("id", &["identifier", "bundle_id"]),
    ("setup", &["wizard", "settings"]),
    ("page", &["pages", "step", "steps"]),
    ("restart", &["restart_policy", "autorestart"]),
    ("policy", &["condition"]),
    ("delay", &["restartsec", "backoff"]),
    ("max_delay", &["restartmaxdelaysec"]),
    ("limit", &["startlimitburst", "startretries", "max_attempts", "max_restarts"]),
    ("window", &["startlimitintervalsec", "interval"]),
    ("never_after", &["restartpreventexitstatus"]),
    ("on_dependency_exit", &["bindsto", "partof"]),
    ("liveness", &["livenessprobe", "liveness_probe", "watchdogsec", "watchdog"]),
    ("memory_limit", &["mem_limit", "memorymax", "memory_max", "memory"]),
    ("failures", &["failurethreshold", "failure_threshold", "retries"]),
];

/// The keys of a table with more than this are not listed in a hint.
const MOST_LISTED: usize = 14;

impl<'a> Walker<'a> {
    /// Reports a key that the table does not have, and returns the key that was meant.
    pub(super) fn unknown_key<'k>(
        &mut self,
        known: &'k Map<String, Value>,
        key: &Spanned<DeString<'a>>,
        value: &Spanned<DeValue<'a>>,
    ) -> Option<&'k str> {
        let name = key.get_ref().as_ref();
        let message = match self.place_of_parent() {
            Some(place) => format!("Unknown key {} in {place}", quote(name)),
            None if value.get_ref().is_table() => format!("Unknown table {}", quote(name)),
            None => format!("Unknown key {}", quote(name)),
        };
        let meant = meant(name, known);
        let hint = match meant {
            Some(meant) => Some(format!("Did you mean {}?", quote(meant))),
            None => list_of(known),
        };
        self.report(Finding::new(key.span(), message).maybe_hint(hint));
        meant
    }
}

fn meant<'k>(name: &str, known: &'k Map<String, Value>) -> Option<&'k str> {
    // A word of another tool is a better guess than a similar one: `ExecStart` resembles `restart`.
    let here = called_here(name).and_then(|here| known.get_key_value(here));
    match here {
        Some((here, _)) => Some(here),
        None => nearest(name, known.keys().map(String::as_str)),
    }
}

fn list_of(known: &Map<String, Value>) -> Option<String> {
    let keys = || known.keys().map(String::as_str);
    (known.len() <= MOST_LISTED).then(|| format!("Possible here: {}", or_list(keys())))
}

fn called_here(name: &str) -> Option<&'static str> {
    let folded = name.to_ascii_lowercase().replace('-', "_");
    let here = ELSEWHERE.iter().find(|(_, names)| names.contains(&folded.as_str()));
    here.map(|(here, _)| *here)
}
