//! Has the helper program do something, as a supervised job.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ensconce_protocol::{DataLock, HelperAnswer, HelperRequest, HelperWork};
use ensconce_supervisor::{
    Exit, OneOff, Outcome, Program, Settings, ShowAll, StopRule, StopSignal, run_once,
};
use tokio_util::sync::CancellationToken;

use crate::error::AppError;
use crate::launch::folders::make_private;
use crate::launch::programs::{guard_program, helper_program};

/// How long work on data may take: many gigabytes on a slow disk.
const DATA_LIMIT: Duration = Duration::from_secs(24 * 3600);
/// How long it may take to end when it is asked to: what must not be left half-done is finished.
const DATA_GRACE: Duration = Duration::from_secs(60);
/// The same for everything else.
const GRACE: Duration = Duration::from_secs(1);

/// A command that is run once.
pub(crate) struct CommandLine {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// Variables that are set in addition to the inherited ones.
    pub(crate) env: Vec<(String, String)>,
    /// The working folder.
    pub(crate) cwd: PathBuf,
    /// How long it may take.
    pub(crate) limit: Duration,
    /// How long it may take to end when it is asked to.
    pub(crate) grace: Duration,
}

/// Runs the helper, and programs like it, for a moment, so that nothing of them outlives the app.
#[derive(Clone)]
pub(crate) struct HelperRunner {
    /// How programs of this launch are run.
    settings: Settings,
    /// A private folder for the helper's answers.
    answers: PathBuf,
    count: Arc<AtomicU64>,
    /// Cancelled when the app begins to end.
    stop: CancellationToken,
}

impl HelperRunner {
    /// Makes a runner for one launch, with a private folder of that launch.
    pub(crate) fn new(launch: &str, run: &Path, stop: CancellationToken) -> Self {
        let settings = Settings {
            guard: guard_program(),
            launch_id: launch.to_owned(),
            redact: Arc::new(|| Box::new(ShowAll)),
            log: Arc::new(|line| tracing::debug!(job = line.job, "{}", line.text)),
        };
        Self { settings, answers: run.join("answers"), count: Arc::default(), stop }
    }

    /// Returns whether the app brings the helper along.
    pub(crate) fn is_there() -> bool {
        helper_program().is_file()
    }

    /// Has the helper try something that touches no data.
    pub(crate) async fn check(
        &self,
        work: HelperWork,
        limit: Duration,
    ) -> Result<HelperAnswer, AppError> {
        self.ask(HelperRequest { lock: None, work }, limit, GRACE).await
    }

    /// Has the helper work on the data.
    pub(crate) async fn work(
        &self,
        lock: DataLock,
        work: HelperWork,
    ) -> Result<HelperAnswer, AppError> {
        self.ask(HelperRequest { lock: Some(lock), work }, DATA_LIMIT, DATA_GRACE).await
    }

    /// Runs a command that is not the helper, under the same supervision; returns the last line that
    /// it writes.
    ///
    /// # Errors
    /// When it does not end with 0; its last line says why.
    pub(crate) async fn command(
        &self,
        name: &str,
        line: CommandLine,
    ) -> Result<Option<String>, AppError> {
        let CommandLine { command, env, cwd, limit, grace } = line;
        let program = Program {
            command: command.into_iter().map(Into::into).collect(),
            env: env.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            cwd,
            input: None,
        };
        let (outcome, lines) = self.run(name, program, limit, grace).await;
        let said = lines.into_iter().rev().find(|line| !line.trim().is_empty());
        let said = said.map(|line| line.trim().to_owned());
        let usual = || "It does not work with these answers".to_owned();
        match outcome {
            Outcome::Exited(Exit::Code(0)) => Ok(said),
            Outcome::Exited(_) => Err(AppError::Rejected(said.unwrap_or_else(usual))),
            Outcome::TimedOut => Err(AppError::CheckTooLong),
            Outcome::Stopped => Err(AppError::Stopping),
            Outcome::NotStarted(reason) => Err(AppError::Rejected(reason.to_string())),
        }
    }

    async fn run(
        &self,
        name: &str,
        program: Program,
        limit: Duration,
        grace: Duration,
    ) -> (Outcome, Vec<String>) {
        let stop = StopRule { signal: StopSignal::Term, timeout: grace };
        let one_off = OneOff { name: name.to_owned(), program, limit, stop };
        let end = run_once(one_off, &self.settings, self.stop.clone()).await;
        (end.outcome, end.tail)
    }

    async fn ask(
        &self,
        request: HelperRequest,
        limit: Duration,
        grace: Duration,
    ) -> Result<HelperAnswer, AppError> {
        let no_answer = |why: String| AppError::NoAnswer(why);
        make_private(&self.answers).map_err(|error| no_answer(error.to_string()))?;
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.join(format!("{number}.json"));
        let input = serde_json::to_vec(&request).map_err(|error| no_answer(error.to_string()))?;
        let program = Program {
            command: vec![helper_program().into(), "run".into(), answer.clone().into()],
            env: Vec::new(),
            cwd: self.answers.clone(),
            input: Some(input.into()),
        };
        let (outcome, _) = self.run("helper", program, limit, grace).await;
        read(&answer).unwrap_or_else(|| Err(without_answer(&outcome)))
    }
}

/// Reads an answer, if one was written.
fn read(file: &Path) -> Option<Result<HelperAnswer, AppError>> {
    let text = std::fs::read(file).ok()?;
    let _ = std::fs::remove_file(file);
    let answer: HelperAnswer = serde_json::from_slice(&text).ok()?;
    Some(match (answer.ok, answer.reason.as_str()) {
        (true, _) => Ok(answer),
        (false, HelperAnswer::UNFINISHED) => Err(AppError::Unfinished(answer.message)),
        (false, _) => Err(AppError::Refused(answer.message)),
    })
}

fn without_answer(outcome: &Outcome) -> AppError {
    match outcome {
        Outcome::Stopped => AppError::Stopping,
        Outcome::TimedOut => AppError::CheckTooLong,
        Outcome::Exited(exit) => {
            AppError::NoAnswer(format!("the helper program has ended without an answer, {exit}"))
        }
        Outcome::NotStarted(reason) => AppError::NoAnswer(reason.to_string()),
    }
}
