//! From the arguments to a prepared app, or to the copy that runs already.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anstream::eprintln;
use clap::Parser;
use ensconce_app::{
    App, AppFace, FailureReport, LaunchError, LogSink, Mistake, Mode, Options, Plan, RunningApp,
    Status, StatusPhase, ask_to_focus, load, log_line, prepare,
};
use tokio::runtime::Runtime;

use crate::{platform, window};

/// The window of an app made with Ensconce.
#[derive(Parser, Clone)]
#[command(name = "ensconce-shell", version)]
pub(crate) struct Arguments {
    /// The manifest; `ensconce.toml` beside this program when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Keeps data, settings, cache and logs below this folder instead of the platform's own
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Runs with the developer's overrides
    #[arg(long)]
    pub(crate) dev: bool,
    /// Shows what the app's processes write
    #[arg(long)]
    verbose: bool,
}

/// What there is to show.
pub(crate) enum Launched {
    /// An app that is coming up.
    App(Box<App>),
    /// Why there is none.
    Nothing(Box<Status>),
}

impl Arguments {
    pub(crate) fn manifest(&self) -> PathBuf {
        let beside = || std::env::current_exe().unwrap_or_default().with_file_name("ensconce.toml");
        self.manifest.clone().unwrap_or_else(beside)
    }

    fn options(&self) -> Options {
        Options {
            manifest: self.manifest(),
            mode: if self.dev { Mode::Dev } else { Mode::Run },
            data_dir: self.data_dir.clone(),
            door: platform::DOOR,
            log: if self.verbose { show_logs() } else { Arc::new(|_| {}) },
        }
    }
}

/// Runs the app until its window is closed.
pub(crate) fn run() -> ExitCode {
    // Nothing else runs yet: what GTK reads from the environment can still be changed.
    platform::prepare_environment();
    let arguments = Arguments::parse();
    show_traces();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("error: {error}"), 1),
    };
    match start(&arguments, &runtime) {
        Ok(app) => {
            let plan = app.plan().clone();
            window::run(arguments, &runtime, Launched::App(Box::new(app)), Some(plan))
        }
        Err(LaunchError::AlreadyRunning { running: Some(running), .. }) => {
            focus(&runtime, &running)
        }
        Err(error) => explain(arguments, &runtime, &error),
    }
}

fn start(arguments: &Arguments, runtime: &Runtime) -> Result<App, LaunchError> {
    let prepared = prepare(arguments.options())?;
    runtime.block_on(prepared.start())
}

/// Brings the copy that runs to the front; this one is done.
fn focus(runtime: &Runtime, running: &RunningApp) -> ExitCode {
    match runtime.block_on(ask_to_focus(running)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => {
            let message = "error: The app is running already, without a window";
            fail(&format!("{message} (process {})", running.pid), 1)
        }
    }
}

/// Says in the terminal, if there is one, and in a window why there is no app.
fn explain(arguments: Arguments, runtime: &Runtime, error: &LaunchError) -> ExitCode {
    eprintln!("error: {error}");
    for hint in error.hints() {
        eprintln!("hint: {hint}");
    }
    let face = face(&arguments);
    let failure = FailureReport::of_launch(&face.name, error);
    let status = Status {
        app: face,
        phase: StatusPhase::Failed,
        since_ms: 0,
        steps: Vec::new(),
        failure: Some(failure),
    };
    let shown = window::run(arguments, runtime, Launched::Nothing(Box::new(status)), None::<Plan>);
    if error.mistake() == Mistake::Usage { ExitCode::from(2) } else { shown }
}

/// The app's name, if as much of the manifest can be read.
fn face(arguments: &Arguments) -> AppFace {
    match load(&arguments.manifest()) {
        Ok((manifest, _)) => {
            AppFace { name: manifest.app.name, version: manifest.app.version, icon: None }
        }
        Err(_) => AppFace { name: "The app".to_owned(), version: String::new(), icon: None },
    }
}

fn show_logs() -> LogSink {
    Arc::new(|line| eprintln!("{}", log_line(line)))
}

fn show_traces() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ENSCONCE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
}

fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}
