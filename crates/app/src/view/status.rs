//! What the window shows while the app starts, stops or has failed, in words for people.

use std::path::Path;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ensconce_plan::Plan;
use ensconce_protocol::{AppIdentity, FailureReport, JobKind, JobState, JobStatus};
use ensconce_supervisor::{Crash, Failure, JobSnapshot, Kind, Phase, Reason};

use super::report::FilesOfJob;
use crate::error::AppError;
use crate::run::progress::Told;

/// Returns who an app is, by its plan; an icon that cannot be read is left out.
pub(crate) fn identity_of(plan: &Plan) -> AppIdentity {
    AppIdentity {
        name: plan.app.name.clone(),
        version: plan.app.version.clone(),
        icon: plan.app.icon.as_deref().and_then(data_url),
    }
}

/// Describes one job; `was_lost` says whether it has ended by itself or failed before.
pub(crate) fn status_of(
    job: &JobSnapshot,
    now: Instant,
    was_lost: bool,
    told: Option<&Told>,
) -> JobStatus {
    let elapsed = now.saturating_duration_since(job.since);
    JobStatus {
        name: job.name.clone(),
        kind: if job.kind == Kind::Task { JobKind::Task } else { JobKind::Service },
        state: state_of(job.phase),
        optional: job.optional,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        pid: job.pid,
        reason: reason(job),
        recovered: was_lost && job.phase == Phase::Ready,
        progress: told.map(|told| told.part),
        message: told.and_then(|told| told.message.clone()),
    }
}

fn reason(job: &JobSnapshot) -> Option<String> {
    match job.phase {
        Phase::Ending | Phase::Restarting => job.crash.as_ref().map(ToString::to_string),
        Phase::Failed => job.failure.as_ref().map(|failure| failure.reason.to_string()),
        Phase::Ended => Some("its work is done".to_owned()),
        _ => None,
    }
}

/// Describes why a part of the app failed.
pub(crate) fn report_of_job(
    app: &str,
    failure: &Failure,
    was_up: bool,
    files: &FilesOfJob,
) -> FailureReport {
    let verb = if was_up { "has stopped working" } else { "could not start" };
    let log = files.log.display().to_string();
    let mut details = format!("{app}: {failure}\nafter {:.1} s\n", failure.waited.as_secs_f64());
    if let Some(hint) = failure.reason.hint() {
        details.push_str(&format!("hint: {hint}\n"));
    }
    details.push_str(&format!("log: {log}\n"));
    if let Some(report) = &files.report {
        details.push_str(&format!("report: {}\n", report.display()));
    }
    if !failure.tail.is_empty() {
        details.push_str(&format!("\nLast output:\n{}\n", failure.tail.join("\n")));
    }
    FailureReport {
        title: format!("{app} {verb}"),
        message: message(failure),
        advice: advice(&failure.reason),
        service: Some(failure.job.clone()),
        output: failure.tail.clone(),
        log: Some(log),
        details,
    }
}

/// Describes that an app cannot go on because its data is not whole.
pub(crate) fn report_of_swap(app: &str, why: &str) -> FailureReport {
    let message = "The app's data was being replaced, and that has not come to its end. Nothing is \
                   lost.";
    FailureReport {
        title: format!("{app} cannot use its data"),
        message: message.to_owned(),
        advice: vec![
            "Check that the disk works and has room, then try again.".to_owned(),
            "If it happens again, copy the details and send them to the makers of the app."
                .to_owned(),
        ],
        service: None,
        output: Vec::new(),
        log: None,
        details: format!("{app}: a replacement of its data could not be ended: {why}"),
    }
}

/// Describes why an app could not even be launched.
pub fn report_of_launch(app: &str, error: &AppError) -> FailureReport {
    let hints = error.hints();
    FailureReport {
        title: format!("{app} could not start"),
        message: match error {
            AppError::Manifest(_) => "Its manifest has mistakes.".to_owned(),
            _ => error.sentence(),
        },
        advice: hints.clone(),
        service: None,
        output: Vec::new(),
        log: None,
        details: format!("{app}: {error}\n{}", hints.join("\n")),
    }
}

fn message(failure: &Failure) -> String {
    let part = &failure.job;
    match &failure.reason {
        Reason::NoProgram(program) => {
            format!("A part of the app ({part}) needs a program that was not found: {program}.")
        }
        Reason::NoFolder(folder) => {
            format!("A part of the app ({part}) is missing its folder: {}.", folder.display())
        }
        Reason::Unrenderable(why) | Reason::Refused(why) => {
            format!("A part of the app ({part}) could not be started: {why}.")
        }
        Reason::EndedEarly(_) => {
            format!("A part of the app ({part}) stopped while it was starting.")
        }
        Reason::TaskFailed(_) => format!("A step that prepares the app ({part}) did not succeed."),
        Reason::TaskTooLong(_) => format!("A step that prepares the app ({part}) took too long."),
        Reason::NotReady { .. } => {
            format!("A part of the app ({part}) started, but did not become ready in time.")
        }
        Reason::PortTaken { port, owner } => {
            format!("A part of the app ({part}) needs port {port}, which is used by {owner}.")
        }
        Reason::KeepsEnding { crash: Crash::TooMuchMemory(_), .. }
        | Reason::NotRestarted(Crash::TooMuchMemory(_)) => {
            format!("A part of the app ({part}) needs more memory than it may have.")
        }
        Reason::KeepsEnding { crash: Crash::Unhealthy { .. } | Crash::NoWatchdog(_), .. }
        | Reason::NotRestarted(Crash::Unhealthy { .. } | Crash::NoWatchdog(_)) => {
            format!("A part of the app ({part}) does not answer.")
        }
        Reason::KeepsEnding { .. } => format!("A part of the app ({part}) keeps stopping."),
        Reason::Permanent { .. } | Reason::NotRestarted(Crash::Exit(_)) => {
            format!("A part of the app ({part}) stopped.")
        }
    }
}

fn advice(reason: &Reason) -> Vec<String> {
    let first = match reason {
        Reason::PortTaken { .. } => "Close the other program, then try again.",
        Reason::NoProgram(_) | Reason::NoFolder(_) => "Install the app again.",
        Reason::NotReady { .. } | Reason::TaskTooLong(_) => {
            "Try again: the computer may have been busy."
        }
        _ => "Try again.",
    };
    vec![
        first.to_owned(),
        "If it happens again, copy the details and send them to the makers of the app.".to_owned(),
    ]
}

fn state_of(phase: Phase) -> JobState {
    match phase {
        Phase::Waiting => JobState::Waiting,
        Phase::Starting => JobState::Starting,
        Phase::Ready | Phase::Done | Phase::Skipped => JobState::Ready,
        Phase::Ending | Phase::Restarting => JobState::Restarting,
        Phase::Stopping => JobState::Stopping,
        Phase::Stopped | Phase::Ended => JobState::Stopped,
        Phase::Failed => JobState::Failed,
    }
}

fn data_url(picture: &Path) -> Option<String> {
    let bytes = std::fs::read(picture).ok()?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}
