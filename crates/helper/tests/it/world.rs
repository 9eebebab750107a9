//! Starts the helper and reads what it says.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// The helper with nothing of this machine's environment but where programs are.
pub(crate) fn helper() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ensconce-helper"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for name in ["SystemRoot", "TEMP", "TMP"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// What the helper said and ended with.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The last line of stdout: the answer.
    pub(crate) fn answer(&self) -> Value {
        let last = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| panic!("no answer: {self:?}"))
    }

    pub(crate) fn message(&self) -> String {
        self.answer()["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn reason(&self) -> String {
        self.answer()["details"]["reason"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn is(&self, reason: &str) -> &Self {
        assert_eq!(self.reason(), reason, "{self:?}");
        assert_eq!(self.answer()["ok"], json!(reason == "ok"), "{self:?}");
        assert_eq!(self.code == 0, reason == "ok", "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        assert!(self.message().contains(part), "`{part}` is missing: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn hides(&self, secret: &str) -> &Self {
        assert!(!format!("{self:?}").contains(secret), "`{secret}` is shown: {self:?}");
        self
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Sends a request to `check`.
pub(crate) fn check(request: &Value) -> Said {
    check_in(&mut helper(), &request.to_string())
}

/// Sends a text to `check` of a prepared helper.
pub(crate) fn check_in(helper: &mut Command, request: &str) -> Said {
    let mut child = helper
        .arg("check")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Runs `sqlite …`.
pub(crate) fn sqlite(verb: &str, paths: &[&Path]) -> Said {
    helper().args(["sqlite", verb]).args(paths).output().unwrap().into()
}
