//! From the arguments to a prepared app, or to the copy that runs already.

use std::process::ExitCode;

use ensconce_app::{
    App, AppError, ControlError, EndSignals, Mistake, RunningApp, forgo_core_dumps, load, prepare,
    report_of_launch,
};
use ensconce_link::ends;
use ensconce_protocol::{AppIdentity, AppPhase, AppStatus};
use ensconce_terminal::{Screen, say, show_traces};
use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::host::{Ended, Host};
use crate::{installation, platform, window};

/// What the window shows.
pub(crate) enum Launched {
    /// An app that is starting.
    App(Box<App>),
    /// Why there is no app.
    Nothing(Box<AppStatus>),
}

/// Runs the app until its window is closed.
pub(crate) fn run() -> ExitCode {
    // No other thread runs yet, so the environment that GTK reads can still be changed.
    platform::prepare_environment();
    let arguments = Arguments::read();
    show_traces();
    // More protection would shut the window out of the desktop's portals, and so of file dialogs.
    if let Err(error) = forgo_core_dumps() {
        tracing::warn!("A core dump of this program would contain its secrets: {error}");
    }
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("error: {error}"), 1),
    };
    let screen = Screen::open();
    // Before anything is started, so that no signal finds it half started.
    let signals = runtime.block_on(async { EndSignals::new() });
    let code = match start(&arguments, &runtime, &screen) {
        Ok(app) => show(&arguments, &runtime, &screen, signals, Launched::App(Box::new(app))),
        Err(AppError::InUse { running: Some(running), name, .. })
            if call(&runtime, &running, &arguments).is_ok() =>
        {
            tracing::debug!("{name} runs already, and comes to the front");
            ExitCode::SUCCESS
        }
        Err(error) => explain(&arguments, &runtime, &screen, signals, &error),
    };
    screen.finish();
    // A keychain that still asks its user must not keep the program alive.
    runtime.shutdown_background();
    code
}

fn start(arguments: &Arguments, runtime: &Runtime, screen: &Screen) -> Result<App, AppError> {
    let prepared = prepare(arguments.options(screen))?;
    runtime.block_on(async {
        let app = prepared.start().await?;
        app.begun().await;
        Ok(app)
    })
}

/// Asks the running copy to come to the front, with what is to be opened.
fn call(
    runtime: &Runtime,
    running: &RunningApp,
    arguments: &Arguments,
) -> Result<(), ControlError> {
    runtime.block_on(async {
        match arguments.opened.as_slice() {
            // An app without settings still comes to the front.
            [] if arguments.settings && running.show_settings().await.is_ok() => Ok(()),
            [] => running.focus().await,
            opened => running.open(opened).await,
        }
    })
}

/// Shows the app in its window, until everything has ended.
fn show(
    arguments: &Arguments,
    runtime: &Runtime,
    screen: &Screen,
    signals: EndSignals,
    launched: Launched,
) -> ExitCode {
    let (near, far) = match ends() {
        Ok(both) => both,
        Err(error) => return fail(&format!("error: {error}"), 1),
    };
    let host = Host::new(launched, near, screen.clone(), arguments.dev);
    host.open(&arguments.opened);
    if arguments.settings {
        host.show_settings();
    }
    let edited = arguments.dev.then(|| arguments.manifest.clone());
    let host = runtime.spawn(async move { host.run(signals, edited.as_deref()).await });
    let shown = window::run(&installation::programs(), far);
    // The window is gone; whatever it left is stopped in order.
    let ended = runtime.block_on(host);
    match (shown, ended) {
        (Err(error), _) => {
            say(&format!("error: {error}"));
            say(
                "hint: It belongs beside the app's program, and needs the system's WebKitGTK on Linux",
            );
            ExitCode::FAILURE
        }
        (Ok(_), Ok(Ended::Again)) => begin_again(screen),
        (Ok(_), Ok(Ended::Code(code))) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        (Ok(_), Err(_)) => ExitCode::FAILURE,
    }
}

/// Starts this program again, with the same arguments.
fn begin_again(screen: &Screen) -> ExitCode {
    screen.finish();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap_or_default());
    command.args(std::env::args_os().skip(1));
    match become_program(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("error: The app cannot be started again: {error}"), 1),
    }
}

#[cfg(unix)]
fn become_program(mut command: std::process::Command) -> std::io::Result<()> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

#[cfg(not(unix))]
fn become_program(mut command: std::process::Command) -> std::io::Result<()> {
    command.spawn().map(drop)
}

/// Reports why there is no app, in the terminal if there is one, and in a window.
fn explain(
    arguments: &Arguments,
    runtime: &Runtime,
    screen: &Screen,
    signals: EndSignals,
    error: &AppError,
) -> ExitCode {
    say(&format!("error: {error}"));
    for hint in error.hints() {
        say(&format!("hint: {hint}"));
    }
    let app = identity(arguments);
    let failure = report_of_launch(&app.name, error);
    let status = AppStatus {
        app,
        phase: AppPhase::Failed,
        since_ms: 0,
        jobs: Vec::new(),
        failure: Some(failure),
    };
    let shown = show(arguments, runtime, screen, signals, Launched::Nothing(Box::new(status)));
    if error.mistake() == Mistake::Usage { ExitCode::from(2) } else { shown }
}

/// Returns the app's identity, if that much of the manifest can be read.
fn identity(arguments: &Arguments) -> AppIdentity {
    match load(&arguments.manifest) {
        Ok((manifest, _)) => {
            AppIdentity { name: manifest.app.name, version: manifest.app.version, icon: None }
        }
        Err(_) => AppIdentity { name: "The app".to_owned(), version: String::new(), icon: None },
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    say(message);
    ExitCode::from(code)
}
