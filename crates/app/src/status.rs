//! What the window shows while the app starts, stops or has failed, in words for people.

use std::path::Path;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ensconce_link::{AppFace, FailureReport, StepKind, StepState, StepStatus};
use ensconce_plan::Plan;
use ensconce_supervisor::{Crash, Failure, JobSnapshot, Kind, Phase, Reason};

use crate::LaunchError;
use crate::progress::Told;
use crate::report::FilesOfJob;

/// Takes the face of an app from its plan; a picture that cannot be read is left out.
pub(crate) fn face_of(plan: &Plan) -> AppFace {
    AppFace {
        name: plan.app.name.clone(),
        version: plan.app.version.clone(),
        icon: plan.app.icon.as_deref().and_then(data_url),
    }
}

/// Shows one job; `was_lost` says whether it has ended by itself or failed before.
pub(crate) fn step_of(
    job: &JobSnapshot,
    now: Instant,
    was_lost: bool,
    told: Option<&Told>,
) -> StepStatus {
    let elapsed = now.saturating_duration_since(job.since);
    StepStatus {
        name: job.name.clone(),
        kind: if job.kind == Kind::Task { StepKind::Task } else { StepKind::Service },
        state: state_of(job.phase),
        optional: job.optional,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        pid: job.pid,
        why: why(job),
        back: was_lost && job.phase == Phase::Ready,
        progress: told.map(|told| told.part),
        message: told.and_then(|told| told.message.clone()),
    }
}

fn why(job: &JobSnapshot) -> Option<String> {
    match job.phase {
        Phase::Ending | Phase::Restarting => job.crash.as_ref().map(ToString::to_string),
        Phase::Failed => job.failure.as_ref().map(|failure| failure.reason.to_string()),
        Phase::Ended => Some("its work is done".to_owned()),
        _ => None,
    }
}

/// Says why a part of the app failed.
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

/// Says why an app could not even be launched.
pub fn report_of_launch(app: &str, error: &LaunchError) -> FailureReport {
    let hints = error.hints();
    FailureReport {
        title: format!("{app} could not start"),
        message: match error {
            LaunchError::Manifest(_) => "Its manifest has mistakes.".to_owned(),
            _ => format!("{error}."),
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

pub(crate) fn state_of(phase: Phase) -> StepState {
    match phase {
        Phase::Waiting => StepState::Waiting,
        Phase::Starting => StepState::Starting,
        Phase::Ready | Phase::Done | Phase::Skipped => StepState::Ready,
        Phase::Ending | Phase::Restarting => StepState::Restarting,
        Phase::Stopping => StepState::Stopping,
        Phase::Stopped | Phase::Ended => StepState::Stopped,
        Phase::Failed => StepState::Failed,
    }
}

fn data_url(picture: &Path) -> Option<String> {
    let bytes = std::fs::read(picture).ok()?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}
