//! Runs an app without a window, for a browser, a server or a test.

use std::io::{self, Write};

use anstream::eprintln;
use ensconce_app::{
    App, Door, Entry, Event, GatewayEvent, LogSink, ManifestWatch, Mode, Options, Status,
    StatusPhase, prepare, watch_manifest,
};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;

use super::events;
use crate::arguments::Target;
use crate::error::CommandError;
use crate::screen;

/// How to run it.
pub(crate) struct Settings {
    /// Which app.
    pub(crate) target: Target,
    /// Whether the developer's overrides hold.
    pub(crate) mode: Mode,
    /// Whether stdout gets events instead of the address alone.
    pub(crate) json: bool,
    /// Takes what the app's processes write.
    pub(crate) log: LogSink,
}

/// Runs until the app fails or a signal comes.
pub(crate) fn run(settings: Settings) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        // Before anything is started, so that no signal finds only half of it.
        let signals = Signals::new()?;
        let watch = match settings.mode {
            Mode::Dev => watch_manifest(&settings.target.manifest).ok(),
            Mode::Run => None,
        };
        let app = prepare(Options {
            manifest: settings.target.manifest,
            mode: settings.mode,
            data_dir: settings.target.data_dir,
            door: Door::Browser,
            log: settings.log,
        })?
        .start()
        .await?;
        Session { app, json: settings.json, watch, told_url: false }.live(signals).await
    })
}

struct Session {
    app: App,
    json: bool,
    watch: Option<ManifestWatch>,
    told_url: bool,
}

impl Session {
    async fn live(mut self, mut signals: Signals) -> Result<(), CommandError> {
        let mut status = self.app.status();
        let mut events = self.app.events();
        let mut seen = status.borrow_and_update().clone();
        let failure = loop {
            tokio::select! {
                _ = signals.next() => break None,
                () = next_change(&mut self.watch) => self.reload(),
                event = events.recv() => match event {
                    Ok(Event::Gateway(event)) => show(&event),
                    Err(RecvError::Lagged(_) | RecvError::Closed) => {}
                },
                changed = status.changed() => {
                    if changed.is_err() {
                        break None;
                    }
                    let now = status.borrow_and_update().clone();
                    self.tell(&seen, &now)?;
                    seen = now;
                    if seen.phase == StatusPhase::Failed && self.watch.is_none() {
                        break seen.failure.take();
                    }
                }
            }
        };
        self.end(failure).await
    }

    async fn end(self, failure: Option<ensconce_app::FailureReport>) -> Result<(), CommandError> {
        if let Some(failure) = failure.as_ref().filter(|_| self.json) {
            print_line(&events::failed(failure))?;
        }
        self.app.stop().await;
        if self.json {
            print_line(&events::stopped())?;
        }
        failure.map_or(Ok(()), |failure| Err(CommandError::App(Box::new(failure))))
    }

    fn tell(&mut self, before: &Status, now: &Status) -> Result<(), CommandError> {
        if self.json {
            events::changes(before, now).iter().try_for_each(print_line)?;
        } else {
            screen::show_progress(before, now);
        }
        if let Some(failure) = now.failure.as_ref().filter(|_| before.failure.is_none()) {
            eprintln!("{}", failure.details.trim_end());
        }
        if now.phase == StatusPhase::Ready && !self.told_url {
            self.told_url = true;
            if let Entry::Browser { url } = self.app.entry()? {
                if self.json {
                    print_line(&events::ready(&url))?;
                } else {
                    print_text(&url)?;
                }
            }
        }
        Ok(())
    }

    fn reload(&mut self) {
        match self.app.reload() {
            Ok(changed) if changed.is_empty() => eprintln!("ensconce.toml was saved"),
            Ok(changed) => eprintln!("ensconce.toml was saved; restarting {}", changed.join(", ")),
            Err(error) => eprintln!("{error}\nThe app goes on as it was"),
        }
        self.app.retry();
    }
}

async fn next_change(watch: &mut Option<ManifestWatch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

fn show(event: &GatewayEvent) {
    if let GatewayEvent::Refused { target, why } = event {
        eprintln!("The pages asked for {target}, which was refused: {why}");
    }
}

fn print_line(event: &Value) -> Result<(), CommandError> {
    print_text(&event.to_string())
}

/// Writes a line to stdout at once; a reader that has left is not our failure.
fn print_text(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The signals that end an app in order.
struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self { signals: [interrupt?, terminate?, hangup?] })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
