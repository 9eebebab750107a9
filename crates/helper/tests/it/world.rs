//! Starts the helper and reads what it says.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use ensconce_protocol::{HelperRequest, HelperWork};
use serde_json::{Value, json};

/// The helper with nothing of this machine's environment but where programs are.
pub(crate) fn helper() -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_ensconce-helper")))
}

/// A program with nothing of this machine's environment but where programs are.
pub(crate) fn clean(mut command: Command) -> Command {
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
    /// The exit code; -1 for a signal.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Returns the last line of stdout, the answer.
    pub(crate) fn answer(&self) -> Value {
        let last = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| panic!("no answer: {self:?}"))
    }

    pub(crate) fn message(&self) -> String {
        self.answer()["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn reason(&self) -> String {
        self.answer()["reason"].as_str().unwrap().to_owned()
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

/// Does work that touches no data.
pub(crate) fn work(work: HelperWork) -> Said {
    run(&HelperRequest { lock: None, work })
}

/// Sends a request.
pub(crate) fn run(request: &HelperRequest) -> Said {
    run_text(&mut helper(), &serde_json::to_string(request).unwrap())
}

/// Sends a text to a prepared helper.
pub(crate) fn run_text(helper: &mut Command, request: &str) -> Said {
    start(helper.arg("run"), request).wait_with_output().unwrap().into()
}

/// Starts a prepared helper and sends it a text.
pub(crate) fn start(helper: &mut Command, request: &str) -> Child {
    let mut child =
        helper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that ends before it has read all does not matter here.
    let _ = child.stdin.take().unwrap().write_all(request.as_bytes());
    child
}
