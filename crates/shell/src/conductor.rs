//! Owns the app, and decides what the window shows.
//!
//! One task takes in everything that happens: the app's status, orders from pages and window,
//! signals, a second start, an edited manifest. The window shows one of two things, Ensconce's own
//! page or the app beneath it, and only this task changes which.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ensconce_app::{
    App, Entry, Event, GatewayEvent, ManifestWatch, Status, StatusPhase, refusal, watch_manifest,
};
use ensconce_terminal::Screen;
use tauri::{AppHandle, Emitter, Manager, Window};
use tokio::sync::{broadcast, mpsc, watch};
use url::Url;

use crate::cover::{COVER, cover, uncover};
use crate::launch::{Arguments, Launched};
use crate::page::{AppPage, Next};
use crate::platform::Signals;
use crate::window::MAIN;

/// Closing is silent unless it takes longer than this.
const SILENT_CLOSE: Duration = Duration::from_secs(1);
/// How long a window without a splash stays hidden while its page is loading.
const LATEST_SHOW: Duration = Duration::from_secs(1);
/// How long the title tells about a download.
const TITLE_NEWS: Duration = Duration::from_secs(6);

/// Does what a browser does before it leaves a page; gives whether it may be left. A real
/// `BeforeUnloadEvent` reaches handlers of all kinds.
const ASK_PAGE: &str = r#"(() => {
  const event = document.createEvent("BeforeUnloadEvent");
  event.initEvent("beforeunload", false, true);
  const allowed = window.dispatchEvent(event) && !event.returnValue;
  return allowed || window.confirm("Close? Changes that you have not saved may be lost.");
})()"#;

/// Asks once more for a page in whose place the gateway's notice came. No reload, which would send
/// a form twice.
const LEAVE_NOTICE: &str = r##"
if (document.querySelector("script#notice[type='application/json']"))
  location.replace(location.href.split("#")[0]);
"##;

/// What pages, window and user want.
#[derive(Debug)]
pub(crate) enum Order {
    /// The window exists, and can answer the proxy.
    WindowMade,
    /// Ensconce's own page can be shown.
    Show,
    /// Ensconce's own page is on the screen.
    Shown,
    /// The app's page has had its time to load.
    ShowApp,
    /// A page of the app has begun to come.
    PageArrived,
    /// A page of the app has been loaded.
    PageLoaded,
    /// Start again what has failed.
    Retry,
    /// The user wants to close the window; the page may have something against it.
    CloseWish,
    /// The page has something against it, and the user stays.
    Stay,
    /// Stop everything, then quit.
    Close,
    /// A download has ended.
    Downloaded {
        /// Where it was saved.
        path: Option<PathBuf>,
        /// Whether it was saved whole.
        success: bool,
    },
    /// The window's title has told its news.
    TitleOver,
}

/// The way to the conductor.
pub(crate) struct Conduct {
    orders: mpsc::UnboundedSender<Order>,
    status: watch::Receiver<Status>,
    logs: Option<PathBuf>,
}

impl Conduct {
    /// Starts the conductor.
    pub(crate) fn begin(
        handle: &AppHandle,
        launched: Launched,
        arguments: &Arguments,
        screen: Screen,
    ) -> Self {
        let (orders, queue) = mpsc::unbounded_channel();
        let logs = match &launched {
            Launched::App(app) => Some(app.plan().folders.logs.clone()),
            Launched::Nothing(_) => None,
        };
        let (app, status) = match launched {
            Launched::App(app) => {
                let status = app.status();
                (Some(*app), status)
            }
            // The sender is not needed: a launch that failed has only one status.
            Launched::Nothing(status) => (None, watch::channel(*status).1),
        };
        let conductor = Conductor {
            handle: handle.clone(),
            orders: orders.clone(),
            screen,
            app,
            status: status.clone(),
            page: AppPage::default(),
            showing: Showing::Own,
            window_made: false,
            asked_page: false,
            refused: HashSet::new(),
            verbose: arguments.dev,
        };
        let watch = arguments.dev.then(|| watch_manifest(&arguments.manifest()).ok()).flatten();
        tauri::async_runtime::spawn(conductor.run(queue, watch));
        Self { orders, status, logs }
    }

    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(crate) fn logs(&self) -> Option<PathBuf> {
        self.logs.clone()
    }
}

/// What the window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Showing {
    /// Ensconce's own page.
    Own,
    /// The app.
    App,
}

struct Conductor {
    handle: AppHandle,
    orders: mpsc::UnboundedSender<Order>,
    screen: Screen,
    app: Option<App>,
    status: watch::Receiver<Status>,
    page: AppPage,
    showing: Showing,
    window_made: bool,
    /// Whether the page was asked about closing; a second wish is not asked about.
    asked_page: bool,
    /// What was refused and has been told.
    refused: HashSet<String>,
    verbose: bool,
}

impl Conductor {
    async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
        mut manifest: Option<ManifestWatch>,
    ) {
        let mut signals = Signals::new();
        let mut focus = self.app.as_mut().and_then(App::focus_wishes);
        let mut events = self.app.as_ref().map(App::events);
        let mut seen = self.first_status();
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Close) | None => break,
                    Some(Order::CloseWish) if self.may_close() => break,
                    Some(order) => self.obey(order),
                },
                () = signals.next() => break,
                () = next_wish(&mut focus) => self.come_to_front(),
                () = next_edit(&mut manifest) => self.reload(),
                event = next_event(&mut events) => self.on_event(&event),
                Ok(()) = self.status.changed() => {
                    let now = self.status.borrow_and_update().clone();
                    self.on_status(&seen, &now);
                    seen = now;
                }
            }
        }
        let failed = seen.phase == StatusPhase::Failed;
        // A start from now on must not hear that this copy comes to the front.
        drop(focus);
        self.close(&mut signals).await;
        self.handle.exit(i32::from(failed));
    }

    /// Takes in the first status as a change, for the app may have failed before this began.
    fn first_status(&mut self) -> Status {
        let now = self.status.borrow_and_update().clone();
        if self.app.is_some() {
            let nothing = Status { steps: Vec::new(), failure: None, ..now.clone() };
            self.on_status(&nothing, &now);
        }
        now
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::WindowMade => {
                self.window_made = true;
                self.show_what_fits();
            }
            Order::Show => self.show_window(),
            Order::Shown => self.open_beneath(),
            Order::ShowApp => self.show_window(),
            Order::PageArrived => self.on_arrival(),
            Order::PageLoaded => self.on_app_page(),
            Order::CloseWish | Order::Close => {}
            Order::Retry => self.retry(),
            Order::Stay => self.asked_page = false,
            Order::Downloaded { path, success } => self.tell_download(path, success),
            Order::TitleOver => self.set_title(None),
        }
    }

    /// Begins to load the app's page beneath the splash. Not before: only now the window has its
    /// size, and whatever the page does would hold up the splash. Requests wait for their service.
    fn open_beneath(&mut self) {
        let is_starting = self.status.borrow().phase == StatusPhase::Starting;
        if let Some(first) = self.app.as_ref().and_then(first_page).filter(|_| is_starting)
            && !self.page.is_opened()
        {
            self.open(&first);
        }
    }

    fn on_arrival(&mut self) {
        self.page.arrive();
        self.show_what_fits();
    }

    fn on_app_page(&mut self) {
        self.asked_page = false;
        self.page.load();
        if self.showing == Showing::App {
            self.show_window();
        }
    }

    /// Asks the app's page, as a browser does, whether something would be lost.
    fn may_close(&mut self) -> bool {
        let page = self.handle.get_webview(MAIN);
        let Some(page) = page.filter(|_| self.showing == Showing::App) else { return true };
        if std::mem::replace(&mut self.asked_page, true) {
            return true;
        }
        let orders = self.orders.clone();
        let asked = page.eval_with_callback(ASK_PAGE, move |answer| {
            let stays = answer.trim() == "false";
            let _ = orders.send(if stays { Order::Stay } else { Order::Close });
        });
        asked.is_err()
    }

    /// Says in the title for a moment what has become of a download.
    fn tell_download(&self, path: Option<PathBuf>, success: bool) {
        let name = path.as_deref().and_then(Path::file_name).unwrap_or_default();
        let name = name.to_string_lossy();
        self.set_title(Some(if success {
            format!("Downloaded {name}")
        } else {
            format!("The download of {name} failed")
        }));
        let orders = self.orders.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(TITLE_NEWS).await;
            let _ = orders.send(Order::TitleOver);
        });
    }

    fn set_title(&self, news: Option<String>) {
        let title = self.app.as_ref().map(|app| app.plan().window.title.clone());
        let Some((window, title)) = self.window().zip(title) else { return };
        let title = news.map_or_else(|| title.clone(), |news| format!("{news} – {title}"));
        let _ = window.set_title(&title);
    }

    fn on_event(&mut self, event: &Event) {
        match event {
            Event::Gateway(GatewayEvent::Refused { target, .. }) => self.show_refusal(target),
            Event::Gateway(GatewayEvent::Unanswered { service, page })
                if *page || self.needs(service.as_deref()) =>
            {
                self.page.spoil();
            }
            Event::Gateway(_) => {}
        }
    }

    /// Says once for each address how it can be let in.
    fn show_refusal(&mut self, target: &str) {
        if self.refused.insert(target.to_owned()) {
            self.screen.show(refusal(target));
        }
    }

    /// Whether the app is not up without a service.
    fn needs(&self, service: Option<&str>) -> bool {
        let status = self.status.borrow();
        status.steps.iter().any(|step| Some(step.name.as_str()) == service && !step.optional)
    }

    fn on_status(&mut self, before: &Status, now: &Status) {
        if self.verbose {
            self.screen.show_progress(before, now);
        }
        if let Some(failure) = now.failure.as_ref().filter(|_| before.failure.is_none()) {
            self.screen.show(failure.details.trim_end().to_owned());
        }
        if now.phase != StatusPhase::Ready {
            self.page.unsettle();
        }
        self.show_what_fits();
        let _ = self.handle.emit_to(COVER, "status", now);
    }

    /// Shows the app when it is up, and Ensconce's own page when it is not.
    fn show_what_fits(&mut self) {
        let is_up = self.status.borrow().phase == StatusPhase::Ready;
        match self.showing {
            _ if !self.window_made => {}
            Showing::Own if is_up => self.show_app(),
            Showing::App if !is_up => self.show_own(),
            Showing::Own | Showing::App => {}
        }
    }

    fn show_own(&mut self) {
        self.showing = Showing::Own;
        cover(&self.handle);
    }

    fn show_app(&mut self) {
        let Some(first) = self.app.as_ref().and_then(first_page) else { return };
        match self.page.next(&first) {
            Next::Open => self.open(&first),
            Next::Wait => {}
            Next::Show => self.uncover(),
        }
    }

    fn open(&mut self, first: &Url) {
        let is_up = self.status.borrow().phase == StatusPhase::Ready;
        self.page.open(first, is_up);
        let Some(page) = self.handle.get_webview(MAIN) else { return };
        if let Err(error) = page.navigate(first.clone()) {
            tracing::error!("The window cannot go on: {error}");
        }
    }

    fn uncover(&mut self) {
        self.showing = Showing::App;
        self.page.show();
        uncover(&self.handle);
        if let Some(page) = self.handle.get_webview(MAIN) {
            let _ = page.eval(LEAVE_NOTICE);
        }
        // Otherwise it is shown when it is loaded; but some pages never have all that they ask for.
        if self.page.is_loaded() {
            self.show_window();
        } else {
            let orders = self.orders.clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(LATEST_SHOW).await;
                let _ = orders.send(Order::ShowApp);
            });
        }
    }

    fn retry(&mut self) {
        match &self.app {
            // What was wrong may have been corrected in the manifest.
            Some(_) => self.reload(),
            // There is nothing to try again with: begin from the beginning.
            None => self.handle.restart(),
        }
    }

    fn reload(&mut self) {
        let Some(app) = &mut self.app else { return };
        match app.reload() {
            Ok(changed) if changed.is_empty() => {}
            Ok(changed) => {
                self.screen
                    .show(format!("The manifest was saved; restarting {}", changed.join(", ")));
            }
            Err(error) => self.screen.show(format!("{error}\nThe app goes on as it was")),
        }
        app.retry();
        // The first page may be another one now.
        let first = self.app.as_ref().and_then(first_page);
        if let Some(first) =
            first.filter(|first| self.page.is_opened() && self.page.is_other(first))
        {
            self.open(&first);
        }
    }

    fn show_window(&self) {
        if let Some(window) = self.window().filter(|window| !window.is_visible().unwrap_or(false)) {
            let _ = window.show();
            let _ = window.set_focus();
        }
    }

    fn come_to_front(&self) {
        if let Some(window) = self.window() {
            let _ = window.unminimize();
            let _ = window.show();
            let _ = window.set_focus();
        }
    }

    fn window(&self) -> Option<Window> {
        self.handle.get_window(MAIN)
    }

    /// Stops the app in order, and says so when that takes its time.
    async fn close(&mut self, signals: &mut Signals) {
        let Some(app) = self.app.take() else { return };
        let stop = app.stop();
        tokio::pin!(stop);
        if tokio::time::timeout(SILENT_CLOSE, &mut stop).await.is_ok() {
            return;
        }
        self.show_what_fits();
        loop {
            tokio::select! {
                () = &mut stop => return,
                // Whoever asks twice does not want to wait; the guards kill what is left.
                () = signals.next() => return,
                Ok(()) = self.status.changed() => {
                    let now = self.status.borrow_and_update().clone();
                    let _ = self.handle.emit_to(COVER, "status", &now);
                }
            }
        }
    }
}

fn first_page(app: &App) -> Option<Url> {
    match app.entry().ok()? {
        Entry::Window { url, .. } | Entry::Browser { url } => url.parse().ok(),
    }
}

async fn next_wish(wishes: &mut Option<mpsc::UnboundedReceiver<()>>) {
    match wishes {
        Some(wishes) => match wishes.recv().await {
            Some(()) => {}
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

async fn next_edit(manifest: &mut Option<ManifestWatch>) {
    match manifest {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn next_event(events: &mut Option<broadcast::Receiver<Event>>) -> Event {
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
