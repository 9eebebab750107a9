//! A program that is run once, by itself: no job, but under a guard like one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::ready::lines::LineWatch;
use crate::run::{LogTarget, Run};
use crate::tree::SpawnRequest;
use crate::{Exit, Program, Reason, Settings, StopRule};

/// A program that is run once.
#[derive(Debug)]
pub struct OneOff {
    /// Names it in its mark, and as the job of its lines.
    pub name: String,
    /// What is run.
    pub program: Program,
    /// How long it may take. When its time is over, it is stopped by the rule.
    pub limit: Duration,
    /// How it is asked to end.
    pub stop: StopRule,
}

/// How a one-off ended. Nothing of its process tree is alive.
#[derive(Debug)]
pub struct OneOffEnd {
    /// What became of it.
    pub outcome: Outcome,
    /// The last lines of its output, oldest first.
    pub tail: Vec<String>,
}

/// What became of a one-off.
#[derive(Debug)]
pub enum Outcome {
    /// Its program ended by itself.
    Exited(Exit),
    /// It took longer than it may.
    TimedOut,
    /// It was asked to stop.
    Stopped,
    /// It could not be started.
    NotStarted(Reason),
}

/// How many one-offs there were, so that each has a mark of its own.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Runs a program once, until its whole process tree is gone.
///
/// When its program ends, what it has left running is killed, as with a task. When `stop` is
/// cancelled it is asked to end, and killed when it does not in time. When the future is dropped,
/// everything is killed at once.
pub async fn run_once(one_off: OneOff, settings: &Settings, stop: CancellationToken) -> OneOffEnd {
    let dropped = CancellationToken::new();
    let _tells = dropped.clone().drop_guard();
    // Killing takes a moment, in which the one who waits for this may be gone already.
    let running = tokio::spawn(see_through(one_off, settings.clone(), stop, dropped));
    running.await.unwrap_or_else(|error| OneOffEnd {
        outcome: Outcome::NotStarted(Reason::Refused(error.to_string())),
        tail: Vec::new(),
    })
}

async fn see_through(
    one_off: OneOff,
    settings: Settings,
    stop: CancellationToken,
    dropped: CancellationToken,
) -> OneOffEnd {
    let limit = tokio::time::sleep(one_off.limit);
    tokio::pin!(limit);
    if stop.is_cancelled() {
        return OneOffEnd { outcome: Outcome::Stopped, tail: Vec::new() };
    }
    let rule = one_off.stop;
    let mut run = match start(one_off, &settings).await {
        Ok(run) => run,
        Err(reason) => {
            return OneOffEnd { outcome: Outcome::NotStarted(reason), tail: Vec::new() };
        }
    };
    let ending = async {
        let outcome = tokio::select! {
            biased;
            exit = run.exit() => Outcome::Exited(exit),
            () = stop.cancelled() => Outcome::Stopped,
            () = &mut limit => Outcome::TimedOut,
        };
        match outcome {
            Outcome::Exited(_) => run.kill().await,
            _ => run.stop(rule).await,
        }
        outcome
    };
    let outcome = tokio::select! {
        outcome = ending => outcome,
        () = dropped.cancelled() => {
            run.kill().await;
            Outcome::Stopped
        }
    };
    OneOffEnd { outcome, tail: run.tail() }
}

/// Starts the program, which is not kept, for it may hold secrets.
async fn start(one_off: OneOff, settings: &Settings) -> Result<Run, Reason> {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = &one_off.name;
    let request = SpawnRequest {
        program: &one_off.program,
        mark: &format!("{}/{name}/once-{number}", settings.launch_id),
        guard: &settings.guard,
        #[cfg(unix)]
        socket: None,
        #[cfg(unix)]
        watchdog: None,
    };
    let Settings { redact, log, .. } = settings;
    let watch = LineWatch::for_nothing();
    Run::start(request, LogTarget { job: name, redact, sink: log, watch }).await
}
