//! Owns the app, and stands between it and the window.
//!
//! One task receives everything that happens: the app's status, requests of the window, signals, a
//! second start, an edited manifest. It ends when nothing of the app is alive.

use std::path::Path;
use std::time::Duration;

use ensconce_app::{App, EndSignals, FrontEndRequest, GatewayEvent, ManifestWatch, watch_manifest};
use ensconce_link::Ends;
use ensconce_protocol::{AppPhase, AppRequest, AppStatus, FromWindow, ToWindow};
use ensconce_terminal::{Screen, ShownRefusals};
use tokio::sync::{broadcast, mpsc, watch};

use crate::launch::Launched;
use crate::to_window::{self, WindowQueue};
use crate::{opened, window};

/// Closing is silent unless it takes longer than this.
const SILENT_CLOSE: Duration = Duration::from_secs(1);

/// How the host has ended.
pub(crate) enum Ended {
    /// With this exit code.
    Code(i32),
    /// The program is to start again from the beginning.
    Again,
}

/// Stands between an app and its window until one of them has ended.
pub(crate) struct Host {
    app: Option<App>,
    status: watch::Receiver<AppStatus>,
    window: WindowQueue,
    orders: mpsc::UnboundedReceiver<FromWindow>,
    screen: Screen,
    verbose: bool,
    refusals: ShownRefusals,
}

impl Host {
    /// Begins to communicate with the window, which need not exist yet.
    pub(crate) fn new(launched: Launched, ends: Ends, screen: Screen, verbose: bool) -> Self {
        let (app, status) = match launched {
            Launched::App(app) => {
                let status = app.status();
                (Some(*app), status)
            }
            // The sender is not needed: a launch that failed has only one status.
            Launched::Nothing(status) => (None, watch::channel(*status).1),
        };
        let (window, orders) = connect(ends);
        let host = Self {
            app,
            status,
            window,
            orders,
            screen,
            verbose,
            refusals: ShownRefusals::default(),
        };
        let opening = window::opening(host.app.as_ref(), host.status.borrow().clone());
        host.tell(ToWindow::Open(Box::new(opening)));
        host
    }

    /// Runs until everything of the app has ended. With a manifest to watch, its edits are applied.
    pub(crate) async fn run(mut self, mut signals: EndSignals, manifest: Option<&Path>) -> Ended {
        let mut manifest = manifest.and_then(|path| watch_manifest(path).ok());
        let mut requests = self.app.as_mut().and_then(App::front_end_requests);
        let mut events = self.app.as_ref().map(App::gateway_events);
        let mut seen = self.first_status();
        let mut window_failed = false;
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(FromWindow::Close) | None => break,
                    Some(FromWindow::Retry) if self.app.is_none() => {
                        self.tell(ToWindow::Exit(0));
                        return Ended::Again;
                    }
                    Some(FromWindow::Retry) => self.reload().await,
                    Some(FromWindow::Request { id, request }) => self.handle(id, request),
                    Some(FromWindow::EntryUsed) => self.tell_first_page(),
                    Some(FromWindow::Trouble(text)) => tracing::warn!("{text}"),
                    Some(FromWindow::Failed(why)) => {
                        self.screen.show(format!("error: The window cannot be opened: {why}"));
                        window_failed = true;
                        break;
                    }
                },
                () = signals.next() => break,
                request = next_request(&mut requests) => match request {
                    FrontEndRequest::ComeToFront(done) => {
                        self.tell(ToWindow::ComeToFront);
                        let _ = done.send(());
                    }
                    FrontEndRequest::Open(opened) => self.open(&opened),
                    FrontEndRequest::ShowSettings => self.show_settings(),
                    FrontEndRequest::Stop => break,
                },
                () = next_edit(&mut manifest) => self.reload().await,
                event = next_event(&mut events) => self.on_event(&event),
                Ok(()) = self.status.changed() => {
                    let now = self.status.borrow_and_update().clone();
                    self.on_status(&seen, &now);
                    seen = now;
                }
            }
        }
        // A start from now on must not be told that this copy comes to the front.
        drop(requests);
        self.close(&mut signals).await;
        let code = i32::from(window_failed || seen.phase == AppPhase::Failed);
        self.tell(ToWindow::Exit(code));
        Ended::Code(code)
    }

    /// Shows what the desktop opens with the app, if the app has a page for that.
    pub(crate) fn open(&self, opened: &[String]) {
        let page = self.app.as_ref().and_then(|app| app.plan().ui.open.clone());
        if let Some((page, last)) = page.zip(opened.last()) {
            self.tell(ToWindow::Go(opened::path(&page, last)));
        }
    }

    /// Handles a request of one of Ensconce's own pages; others need not wait for it.
    fn handle(&self, id: u64, request: AppRequest) {
        let Some(app) = &self.app else { return };
        let (requests, window) = (app.requests(), self.window.clone());
        tokio::spawn(async move {
            let response = requests.handle(request).await;
            // It consists of names, texts and numbers, which can always be serialised.
            let response = serde_json::to_value(response).unwrap_or_default();
            window.send(ToWindow::Response { id, response });
        });
    }

    /// Shows the settings as soon as there is something for them to cover.
    pub(crate) fn show_settings(&self) {
        self.tell(ToWindow::Settings);
    }

    /// Treats the first status as a change, because the app may have failed before this began.
    fn first_status(&mut self) -> AppStatus {
        let now = self.status.borrow_and_update().clone();
        if self.app.is_some() {
            let nothing = AppStatus { jobs: Vec::new(), failure: None, ..now.clone() };
            self.on_status(&nothing, &now);
        }
        now
    }

    fn tell(&self, message: ToWindow) {
        self.window.send(message);
    }

    /// Removes the icon: it was in the opening, and is too large for each change.
    fn tell_status(&self, status: &AppStatus) {
        let mut status = status.clone();
        status.app.icon = None;
        self.tell(ToWindow::Status(Box::new(status)));
    }

    fn tell_first_page(&self) {
        let first = self.app.as_ref().and_then(|app| {
            let url = app.entry().ok()?.url().to_owned();
            Some(ToWindow::FirstPage { url, title: app.plan().window.title.clone() })
        });
        if let Some(first) = first {
            self.tell(first);
        }
    }

    fn on_status(&mut self, before: &AppStatus, now: &AppStatus) {
        if self.verbose {
            self.screen.show_progress(before, now);
        }
        if let Some(failure) = now.failure.as_ref().filter(|_| before.failure.is_none()) {
            self.screen.show(failure.details.trim_end().to_owned());
        }
        self.tell_status(now);
    }

    fn on_event(&mut self, event: &GatewayEvent) {
        match event {
            GatewayEvent::Refused { origin, .. } => self.show_refusal(origin),
            GatewayEvent::Unanswered { service, page }
                if *page || self.needs(service.as_deref()) =>
            {
                self.tell(ToWindow::Unanswered);
            }
            _ => {}
        }
    }

<<<<<<< HEAD
    /// Says once for each address how it can be let in.
    fn show_refusal(&mut self, origin: &str) {
        if let Some(line) = self.refusals.line(origin) {
=======
    /// Says once for each address how it can be allowed.
    fn show_refusal(&mut self, target: &str) {
        if let Some(line) = self.refusals.line(target) {
>>>>>>> h-docs
            self.screen.show(line);
        }
    }

    /// Reports whether the app is not up without a service.
    fn needs(&self, service: Option<&str>) -> bool {
        let status = self.status.borrow();
        status.jobs.iter().any(|job| Some(job.name.as_str()) == service && !job.optional)
    }

    /// Starts again what has failed. What was wrong may have been corrected in the manifest.
    async fn reload(&mut self) {
        let Some(app) = &mut self.app else { return };
        match app.reload().await {
            Ok(changed) if changed.is_empty() => {}
            Ok(changed) => {
                self.screen
                    .show(format!("The manifest was saved; restarting {}", changed.join(", ")));
            }
            Err(error) => self.screen.show(format!("{error}\nThe app goes on as it was")),
        }
        app.retry();
        self.tell_first_page();
    }

    /// Stops the app in order, and says so if that takes a while.
    async fn close(&mut self, signals: &mut EndSignals) {
        let Some(app) = self.app.take() else { return };
        let stop = app.stop();
        tokio::pin!(stop);
        if tokio::time::timeout(SILENT_CLOSE, &mut stop).await.is_ok() {
            return;
        }
        self.tell_status(&self.status.borrow().clone());
        loop {
            tokio::select! {
                () = &mut stop => return,
                // A second request means that the user does not want to wait; the guards kill what
                // is left.
                () = signals.next() => return,
                Ok(()) = self.status.changed() => {
                    let now = self.status.borrow_and_update().clone();
                    self.tell_status(&now);
                }
            }
        }
    }
}

/// Starts the threads at this side's ends of the pipes: a pipe may be full while a page is busy.
fn connect(ends: Ends) -> (WindowQueue, mpsc::UnboundedReceiver<FromWindow>) {
    let (receiver, mut sender) = ends.split::<FromWindow, ToWindow>();
    let (window, messages) = to_window::queue();
    std::thread::spawn(move || messages.map_while(|m| sender.send(&m).ok()).for_each(drop));
    let (taken, orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || receiver.map_while(|order| taken.send(order).ok()).for_each(drop));
    (window, orders)
}

async fn next_request(
    requests: &mut Option<mpsc::UnboundedReceiver<FrontEndRequest>>,
) -> FrontEndRequest {
    if let Some(queue) = requests
        && let Some(request) = queue.recv().await
    {
        return request;
    }
    std::future::pending().await
}

async fn next_edit(manifest: &mut Option<ManifestWatch>) {
    match manifest {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn next_event(events: &mut Option<broadcast::Receiver<GatewayEvent>>) -> GatewayEvent {
    loop {
        match events {
            Some(receiver) => match receiver.recv().await {
                Ok(event) => return event,
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => *events = None,
            },
            None => std::future::pending().await,
        }
    }
}
