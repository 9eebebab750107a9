//! The program that does what needs large libraries: trying addresses, caring for databases.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::programs::beside_own_program;

/// What it says.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    ok: bool,
    /// A sentence for people.
    pub(crate) message: String,
    /// The rest, for programs.
    #[serde(default)]
    pub(crate) details: Value,
}

/// Finds it beside this program.
pub(crate) fn program() -> PathBuf {
    beside_own_program("ensconce-helper")
}

/// Has it do something; it is killed with whoever waits for it. The error is a sentence for people.
pub(crate) async fn ask(arguments: &[&OsStr], request: Option<Value>) -> Result<Answer, String> {
    let broken = |error: io::Error| format!("This could not be done: {error}.");
    let mut child = tokio::process::Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    if let Some(mut input) = child.stdin.take()
        && let Some(request) = request
    {
        input.write_all(request.to_string().as_bytes()).await.map_err(broken)?;
    }
    read(&child.wait_with_output().await.map_err(broken)?.stdout)
}

/// Reads what it has written; the error is a sentence for people.
pub(crate) fn read(output: &[u8]) -> Result<Answer, String> {
    // Lines about its progress come before the answer.
    let last = output.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    let answer: Answer =
        last.and_then(|line| serde_json::from_slice(line).ok()).ok_or("This could not be done.")?;
    if answer.ok { Ok(answer) } else { Err(answer.message) }
}
