//! Keys that do not exist, and what was meant by them.

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::Walker;
use crate::diagnostics::Finding;
use crate::near::nearest;
use crate::words::{or_list, quote};

/// Keys of compose, systemd, Procfiles and Tauri, and what they are called here.
const ELSEWHERE: [(&str, &[&str]); 9] = [
    ("command", &["cmd", "args", "run", "exec", "execstart", "entrypoint", "script"]),
    ("cwd", &["working_dir", "workdir", "working_directory", "workingdirectory", "dir"]),
    ("env", &["environment", "env_vars", "variables"]),
    ("needs", &["depends_on", "requires", "after", "wants", "dependencies"]),
    ("ready", &["healthcheck", "health", "readiness", "health_check"]),
    ("listen", &["ports", "expose", "socket", "bind"]),
    ("stop", &["stop_signal", "stop_grace_period", "timeoutstopsec", "killsignal"]),
    ("static", &["dist", "frontenddist", "root", "public"]),
    ("id", &["identifier", "bundle_id"]),
];

/// Tables with more keys than this are not listed in a hint.
const MOST_LISTED: usize = 12;

impl<'a> Walker<'a> {
    /// Reports a key that the table does not have.
    pub(super) fn unknown_key(
        &mut self,
        known: &Map<String, Value>,
        key: &Spanned<DeString<'a>>,
        value: &Spanned<DeValue<'a>>,
    ) {
        let name = key.get_ref().as_ref();
        let message = match self.place_of_parent() {
            Some(place) => format!("Unknown key {} in {place}", quote(name)),
            None if value.get_ref().is_table() => format!("Unknown table {}", quote(name)),
            None => format!("Unknown key {}", quote(name)),
        };
        self.report(Finding::new(key.span(), message).maybe_hint(meant(name, known)));
    }
}

fn meant(name: &str, known: &Map<String, Value>) -> Option<String> {
    let keys = || known.keys().map(String::as_str);
    let elsewhere = called_here(name).filter(|here| known.contains_key(*here));
    match nearest(name, keys()).or(elsewhere) {
        Some(key) => Some(format!("Did you mean {}?", quote(key))),
        None if known.len() <= MOST_LISTED => Some(format!("Known here: {}", or_list(keys()))),
        None => None,
    }
}

fn called_here(name: &str) -> Option<&'static str> {
    let folded = name.to_ascii_lowercase().replace('-', "_");
    let here = ELSEWHERE.iter().find(|(_, names)| names.contains(&folded.as_str()));
    here.map(|(here, _)| *here)
}
