//! Events as JSON Lines, for programs that run an app.

use ensconce_app::{FailureReport, JobStatus, Status};
use serde_json::{Value, json};

/// What has changed from one status to the next.
pub(crate) fn changes(before: &Status, after: &Status) -> Vec<Value> {
    let is_new = |step: &&JobStatus| {
        let old = before.steps.iter().find(|old| old.name == step.name);
        old.map(|old| old.state) != Some(step.state)
    };
    after.steps.iter().filter(is_new).map(step).collect()
}

/// The app's first page can be opened.
pub(crate) fn ready(url: &str) -> Value {
    json!({ "event": "ready", "url": url })
}

/// The app's questions can be answered.
pub(crate) fn setup(url: &str) -> Value {
    json!({ "event": "setup", "url": url })
}

/// The app failed.
pub(crate) fn failed(failure: &FailureReport) -> Value {
    json!({
        "event": "failed",
        "service": failure.service,
        "title": failure.title,
        "message": failure.message,
        "details": failure.details,
        "output": failure.output,
        "log": failure.log,
    })
}

/// Nothing of the app is alive any more.
pub(crate) fn stopped() -> Value {
    json!({ "event": "stopped" })
}

fn step(step: &JobStatus) -> Value {
    let mut event = json!({
        "event": step.kind,
        "name": step.name,
        "state": step.state,
        "optional": step.optional,
    });
    if let Some(why) = &step.why {
        event["why"] = json!(why);
    }
    if step.back {
        event["back"] = json!(true);
    }
    event
}
