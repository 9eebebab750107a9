//! Events as JSON Lines, for programs that run an app.

use ensconce_protocol::{AppStatus, FailureReport, JobStatus};
use serde_json::{Value, json};

/// What has changed from one status to the next.
pub(crate) fn changes(before: &AppStatus, after: &AppStatus) -> Vec<Value> {
    let is_new = |job: &&JobStatus| {
        let old = before.jobs.iter().find(|old| old.name == job.name);
        old.map(|old| old.state) != Some(job.state)
    };
    after.jobs.iter().filter(is_new).map(of_job).collect()
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

fn of_job(job: &JobStatus) -> Value {
    let mut event = json!({
        "event": job.kind,
        "name": job.name,
        "state": job.state,
        "optional": job.optional,
    });
    if let Some(reason) = &job.reason {
        event["reason"] = json!(reason);
    }
    if job.recovered {
        event["recovered"] = json!(true);
    }
    event
}
