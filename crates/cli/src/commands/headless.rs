//! Runs an app without a window, for a browser, a server or a test.

use std::sync::Arc;
use std::time::Duration;

use ensconce_app::{
    App, AppError, Door, EndSignals, FrontEndRequest, GatewayEvent, LogSink, ManifestWatch, Mode,
    Options, prepare, report_of_launch, watch_manifest,
};
use ensconce_protocol::{AppPhase, AppStatus, Entry, JobState};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};

use super::events;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen::{self, Screen, ShownRefusals};

/// A stop that takes longer than this is announced, and can be cut short.
const PATIENCE: Duration = Duration::from_secs(1);

/// How to run it.
pub(crate) struct Settings {
    /// Which app.
    pub(crate) target: Target,
    /// Whether the developer's overrides hold.
    pub(crate) mode: Mode,
    /// Whether stdout gets events instead of the address alone.
    pub(crate) json: bool,
    /// Whether stderr gets what the app's processes write.
    pub(crate) verbose: bool,
}

/// Runs until the app fails or a signal comes.
pub(crate) fn run(settings: Settings) -> Result<(), CommandError> {
    #[cfg(unix)]
    if let Some(code) = super::init::run_below_first_process()? {
        return if code == 0 { Ok(()) } else { Err(CommandError::Said(code)) };
    }
    // Not before: a process that only passes signals on needs no protection.
    super::running::keep_to_oneself();
    let screen = Screen::open();
    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(launch_and_live(settings, screen.clone()));
    // A helper thread that hangs, in a keychain for instance, must not keep the program alive.
    runtime.shutdown_background();
    screen.finish();
    result
}

async fn launch_and_live(settings: Settings, screen: Screen) -> Result<(), CommandError> {
    // Before anything is started, so that no signal finds it half started.
    let signals = EndSignals::new();
    let Settings { target, mode, json, verbose } = settings;
    let watch = match mode {
        Mode::Dev => watch_manifest(&target.manifest)
            .inspect_err(|error| {
                screen.show(format!("Changes of the manifest are not noticed: {error}"))
            })
            .ok(),
        Mode::Run => None,
    };
    let log: LogSink = if verbose { screen.log_sink() } else { Arc::new(|_| {}) };
    let Target { manifest, data_dir } = target;
    let options = Options { manifest, mode, data_dir, runtimes: None, door: Door::Browser, log };
    match launch(options).await {
        Ok(app) => {
            let refusals = ShownRefusals::default();
            let (told_url, told_setup) = (false, false);
            let session =
                Session { app, mode, json, watch, screen, refusals, told_url, told_setup };
            session.live(signals).await
        }
        Err(error) => {
            if json {
                print_line(&events::failed(&report_of_launch("The app", &error)))?;
            }
            Err(error.into())
        }
    }
}

async fn launch(options: Options) -> Result<App, AppError> {
    prepare(options)?.start().await
}

struct Session {
    app: App,
    mode: Mode,
    json: bool,
    watch: Option<ManifestWatch>,
    screen: Screen,
    refusals: ShownRefusals,
    told_url: bool,
    told_setup: bool,
}

impl Session {
    async fn live(mut self, mut signals: EndSignals) -> Result<(), CommandError> {
        let mut status = self.app.status();
        let now = status.borrow_and_update().clone();
        // The present state counts as a change, too.
        let mut seen = AppStatus { jobs: Vec::new(), failure: None, ..now.clone() };
        let told = self.tell(&seen, &now);
        seen = now;
        let outcome = match told {
            Ok(()) => self.watch_over(&mut signals, &mut status, &mut seen).await,
            Err(error) => Err(error),
        };
        self.end(outcome, &mut signals, status, seen).await
    }

    /// Follows the app until it is over, for whatever reason.
    async fn watch_over(
        &mut self,
        signals: &mut EndSignals,
        status: &mut watch::Receiver<AppStatus>,
        seen: &mut AppStatus,
    ) -> Result<(), CommandError> {
        let mut events = self.app.gateway_events();
        let mut requests = self.app.front_end_requests();
        loop {
            tokio::select! {
                () = signals.next() => return Ok(()),
                () = next_stop(&mut requests) => return Ok(()),
                () = next_change(&mut self.watch) => self.reload().await,
                event = events.recv() => match event {
                    Ok(event) => self.show_event(&event),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Ok(()),
                },
                changed = status.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    let now = status.borrow_and_update().clone();
                    let before = std::mem::replace(seen, now);
                    self.tell(&before, seen)?;
                }
            }
        }
    }

    /// Stops the app, whatever has happened before.
    async fn end(
        self,
        mut outcome: Result<(), CommandError>,
        signals: &mut EndSignals,
        status: watch::Receiver<AppStatus>,
        seen: AppStatus,
    ) -> Result<(), CommandError> {
        let Self { app, json, screen, .. } = self;
        tell_service_manager(ServiceState::Stopping);
        if let Err(CommandError::App(failure)) = &outcome
            && json
        {
            outcome = print_line(&events::failed(failure)).and(outcome);
        }
        let mut ending = Ending { json, screen, status, seen, outcome };
        ending.go_along(app.stop(), signals).await?;
        ending.catch_up();
        if json {
            ending.outcome = ending.outcome.and(print_line(&events::stopped()));
        }
        ending.outcome
    }

    /// Shows what has changed; the error ends the app.
    fn tell(&mut self, before: &AppStatus, now: &AppStatus) -> Result<(), CommandError> {
        show_jobs(&self.screen, self.json, before, now)?;
        if now.phase == AppPhase::Setup && !self.told_setup && !self.told_url {
            self.told_setup = true;
            self.tell_setup()?;
        }
        // The page of set-up leads on to the app, so only one address is written.
        if now.phase == AppPhase::Ready && self.told_setup && !self.json && !self.told_url {
            self.told_url = true;
            tell_service_manager(ServiceState::Ready);
        }
        if now.phase == AppPhase::Ready && !self.told_url {
            self.told_url = true;
            self.tell_url()?;
            tell_service_manager(ServiceState::Ready);
        }
        let failure = now.failure.as_ref().filter(|_| now.failure != before.failure);
        match (failure, self.mode) {
            (None, _) => Ok(()),
            (Some(failure), Mode::Run) => Err(CommandError::App(Box::new(failure.clone()))),
            (Some(failure), Mode::Dev) => {
                self.screen.show(failure.details.trim_end().to_owned());
                self.screen.show("Save the manifest to try again".to_owned());
                Ok(())
            }
        }
    }

    /// Shows where the app's questions can be answered.
    fn tell_setup(&self) -> Result<(), CommandError> {
        let Entry::Browser { url } = self.app.entry()? else { return Ok(()) };
        let page = self.app.setup_page(&url)?;
        if self.json { print_line(&events::setup(&page)) } else { print_text(&page) }
    }

    fn tell_url(&self) -> Result<(), CommandError> {
        match self.app.entry()? {
            Entry::Browser { url } if self.json => print_line(&events::ready(&url)),
            Entry::Browser { url } => print_text(&url),
            Entry::Window { .. } => Ok(()),
        }
    }

    async fn reload(&mut self) {
        match self.app.reload().await {
            Ok(changed) if changed.is_empty() => {
                self.screen.show("The manifest was saved; nothing to restart".to_owned());
                self.app.retry();
            }
            Ok(changed) => {
                self.screen
                    .show(format!("The manifest was saved; restarting {}", changed.join(", ")));
                self.app.retry();
            }
            Err(error) => {
                self.screen.show(crate::error::text_of(&error.into()).trim_end().to_owned());
                self.screen.show("The app goes on as it was".to_owned());
            }
        }
    }

    fn show_event(&mut self, event: &GatewayEvent) {
        if let GatewayEvent::Refused { origin, .. } = event
            && let Some(line) = self.refusals.line(origin)
        {
            self.screen.show(line);
        }
    }
}

/// Reports the app's state to systemd, if systemd has started this.
fn tell_service_manager(state: ServiceState) {
    #[cfg(unix)]
    {
        let state = match state {
            ServiceState::Ready => sd_notify::NotifyState::Ready,
            ServiceState::Stopping => sd_notify::NotifyState::Stopping,
        };
        if let Err(error) = sd_notify::notify(&[state]) {
            tracing::warn!("The app's state cannot be reported to systemd: {error}");
        }
    }
    #[cfg(not(unix))]
    let _ = state;
}

/// What a service manager wants to know.
#[derive(Clone, Copy)]
enum ServiceState {
    Ready,
    Stopping,
}

/// An app that is ending.
struct Ending {
    json: bool,
    screen: Screen,
    status: watch::Receiver<AppStatus>,
    seen: AppStatus,
    /// What went wrong first; nothing keeps the app from being stopped.
    outcome: Result<(), CommandError>,
}

impl Ending {
    /// Shows what is ending, until everything has ended or the user has lost patience.
    async fn go_along(
        &mut self,
        stopped: impl Future<Output = ()>,
        signals: &mut EndSignals,
    ) -> Result<(), CommandError> {
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(stopped, patience);
        let mut told = false;
        loop {
            tokio::select! {
                biased;
                () = &mut stopped => return Ok(()),
                Ok(()) = self.status.changed() => self.catch_up(),
                () = &mut patience, if !told => {
                    told = true;
                    self.screen.show(waits_for(&self.seen));
                }
                // Two signals at once, from a key that is held or a shell that passes it on, count
                // as one.
                () = signals.next() => if told {
                    return Err(CommandError::CutShort);
                },
            }
        }
    }

    fn catch_up(&mut self) {
        let now = self.status.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.seen, now);
        let shown = show_jobs(&self.screen, self.json, &before, &self.seen);
        if self.outcome.is_ok() {
            self.outcome = shown;
        }
    }
}

fn show_jobs(
    screen: &Screen,
    json: bool,
    before: &AppStatus,
    now: &AppStatus,
) -> Result<(), CommandError> {
    if json {
        return events::changes(before, now).iter().try_for_each(print_line);
    }
    screen.show_progress(before, now);
    Ok(())
}

fn waits_for(status: &AppStatus) -> String {
    let slow = status.jobs.iter().filter(|job| job.state == JobState::Stopping);
    let names: Vec<&str> = slow.map(|job| job.name.as_str()).collect();
    let names = if names.is_empty() { "the last requests".to_owned() } else { names.join(", ") };
    format!("Waiting for {names} to end; Ctrl-C kills at once")
}

/// There is no window to bring to the front; dropping the request says so.
async fn next_stop(requests: &mut Option<mpsc::UnboundedReceiver<FrontEndRequest>>) {
    if let Some(queue) = requests {
        while let Some(request) = queue.recv().await {
            if matches!(request, FrontEndRequest::Stop) {
                return;
            }
        }
    }
    std::future::pending().await
}

async fn next_change(watch: &mut Option<ManifestWatch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

fn print_line(event: &Value) -> Result<(), CommandError> {
    print_text(&event.to_string())
}

fn print_text(text: &str) -> Result<(), CommandError> {
    screen::print(&format!("{text}\n")).map_err(CommandError::Output)
}
