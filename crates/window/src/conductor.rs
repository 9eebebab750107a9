//! Decides what the window shows.
//!
//! One task takes in everything that happens: what the program tells of the app, orders from pages
//! and window. The window shows one of two things, Ensconce's own page or the app beneath it, and
//! only this task changes which.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use ensconce_link::{AppIdentity, AppPhase, FromWindow, Opening, Receiver, Status, ToWindow};
use tauri::{AppHandle, Emitter, Manager, Window};
use tokio::sync::{mpsc, watch};
use url::Url;

use crate::cover::{COVER, View, cover, uncover};
use crate::outages::{News, Outages, Turn};
use crate::page::{AppPage, Next};
use crate::program;
use crate::window::MAIN;

/// How long a window without a splash stays hidden while its page is loading.
const LATEST_SHOW: Duration = Duration::from_secs(1);
/// A service that is away for less than this is not talked about.
const BLINK: Duration = Duration::from_secs(1);
/// How long the title tells about a download, or a part that was given up.
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
    /// The user wants to see the settings.
    OpenSettings,
    /// The user is done with set-up or settings.
    CloseSettings,
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
    /// A service has been away for a while.
    LongAway,
    /// What the program tells.
    Told(ToWindow),
}

/// The way to the conductor.
pub(crate) struct Conduct {
    orders: mpsc::UnboundedSender<Order>,
    status: watch::Receiver<Status>,
}

impl Conduct {
    /// Starts the conductor.
    pub(crate) fn begin(handle: &AppHandle, opening: &Opening, told: Receiver<ToWindow>) -> Self {
        let (orders, queue) = mpsc::unbounded_channel();
        let (status, seen) = watch::channel(opening.status.clone());
        let conductor = Conductor {
            handle: handle.clone(),
            orders: orders.clone(),
            face: opening.status.app.clone(),
            first: opening.app.as_ref().and_then(|app| app.entry.url().parse().ok()),
            wanted: None,
            title: opening.app.as_ref().map(|app| app.title.clone()),
            status,
            page: AppPage::default(),
            outages: Outages::default(),
            showing: Showing::Own,
            window_made: false,
            asks: opening.status.phase == AppPhase::Setup,
            has_settings: opening.app.as_ref().is_some_and(|app| app.has_settings),
            settings_wanted: false,
            asked_page: false,
        };
        let listening = orders.clone();
        thread::spawn(move || {
            told.map_while(|message| listening.send(Order::Told(message)).ok()).for_each(drop);
        });
        tauri::async_runtime::spawn(conductor.run(queue));
        Self { orders, status: seen }
    }

    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
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
    face: AppIdentity,
    /// The address of the app's first page; for a browser's door it works once.
    first: Option<Url>,
    /// The page that is wanted as soon as the first one is there.
    wanted: Option<Url>,
    title: Option<String>,
    status: watch::Sender<Status>,
    page: AppPage,
    outages: Outages,
    showing: Showing,
    window_made: bool,
    /// Whether the app asks its user something, or the user looks at the settings.
    asks: bool,
    has_settings: bool,
    /// Whether the settings are to be shown as soon as the app is there.
    settings_wanted: bool,
    /// Whether the page was asked about closing; a second wish is not asked about.
    asked_page: bool,
}

impl Conductor {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        while let Some(order) = orders.recv().await {
            self.obey(order);
        }
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
            Order::CloseWish if self.may_close() => program::tell(&FromWindow::Close),
            Order::CloseWish => {}
            Order::Close => program::tell(&FromWindow::Close),
            Order::OpenSettings => self.open_settings(),
            Order::CloseSettings => self.close_settings(),
            Order::Retry => program::tell(&FromWindow::Retry),
            Order::Stay => self.asked_page = false,
            Order::Downloaded { path, success } => self.tell_download(path, success),
            Order::TitleOver | Order::LongAway => self.tell_outages(),
            Order::Told(message) => self.hear(message),
        }
    }

    fn hear(&mut self, message: ToWindow) {
        match message {
            ToWindow::Open(_) => {}
            ToWindow::Status(status) => self.on_status(*status),
            ToWindow::FirstPage { url, title } => self.on_first_page(&url, title),
            ToWindow::Unanswered => self.page.spoil(),
            ToWindow::ComeToFront => self.come_to_front(),
            ToWindow::Go(path) => self.go_to(&path),
            ToWindow::Settings => self.open_settings(),
            ToWindow::SetupAnswer { id, answer } => program::answered(id, answer),
            ToWindow::Exit(code) => self.handle.exit(code),
        }
    }

    fn on_status(&mut self, status: Status) {
        if status.phase != AppPhase::Ready {
            self.page.unsettle();
        }
        self.asks |= status.phase == AppPhase::Setup;
        let status = Status { app: self.face.clone(), ..status };
        let _ = self.handle.emit_to(COVER, "status", &status);
        let news = self.outages.follow(&status);
        self.status.send_replace(status);
        self.show_what_fits();
        news.iter().for_each(|news| self.pass_on(news));
    }

    /// Tells the page at once, and the user, quietly, when it takes its time.
    fn pass_on(&self, news: &News) {
        if let Some(page) = self.handle.get_webview(MAIN) {
            let _ = page.eval(news.script());
        }
        match news.state {
            Turn::Reconnecting => self.order_later(BLINK, Order::LongAway),
            Turn::Back => self.tell_outages(),
            Turn::Failed => self.tell_for_a_moment(format!("{} is not available", news.service)),
        }
    }

    fn tell_outages(&self) {
        self.set_title(self.outages.any().then(|| "Reconnecting…".to_owned()));
    }

    /// The manifest may have been edited; and an address that works once was used.
    fn on_first_page(&mut self, url: &str, title: String) {
        self.title = Some(title);
        let Ok(first) = url.parse() else { return };
        let is_other = self.page.is_opened() && self.page.is_other(&first);
        self.first = Some(first);
        if is_other {
            self.open();
        }
    }

    /// Goes to a page of the app, or keeps it for when the first one is there.
    fn go_to(&mut self, path: &str) {
        let Some(first) = &self.first else { return };
        let Ok(target) = first.join(path) else { return };
        if target.origin() == first.origin() {
            self.wanted = Some(target);
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        let is_there = self.showing == Showing::App && self.page.is_loaded();
        let Some(target) = self.wanted.take_if(|_| is_there) else { return };
        if let Some(page) = self.handle.get_webview(MAIN)
            && let Err(error) = page.navigate(target)
        {
            program::warn(format!("The window cannot go on: {error}"));
        }
    }

    /// Begins to load the app's page beneath the splash. Not before: only now the window has its
    /// size, and whatever the page does would hold up the splash. Requests wait for their service.
    fn open_beneath(&mut self) {
        if self.status.borrow().phase == AppPhase::Starting && !self.page.is_opened() {
            self.open();
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
        self.go_on();
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
        self.tell_for_a_moment(if success {
            format!("Downloaded {name}")
        } else {
            format!("The download of {name} failed")
        });
    }

    fn tell_for_a_moment(&self, news: String) {
        self.set_title(Some(news));
        self.order_later(TITLE_NEWS, Order::TitleOver);
    }

    fn order_later(&self, pause: Duration, order: Order) {
        let orders = self.orders.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(pause).await;
            let _ = orders.send(order);
        });
    }

    fn set_title(&self, news: Option<String>) {
        let Some((window, title)) = self.window().zip(self.title.clone()) else { return };
        let title = news.map_or_else(|| title.clone(), |news| format!("{news} – {title}"));
        let _ = window.set_title(&title);
    }

    /// Shows the app when it is up, and Ensconce's own page when it is not.
    fn show_what_fits(&mut self) {
        let is_up = self.status.borrow().phase == AppPhase::Ready && !self.asks;
        match self.showing {
            _ if !self.window_made => {}
            Showing::Own if is_up => self.show_app(),
            Showing::App if !is_up => self.show_own(),
            Showing::Own | Showing::App => {}
        }
    }

    fn show_own(&mut self) {
        self.showing = Showing::Own;
        cover(&self.handle, View::Status);
    }

    /// Lays the settings over the app, now or when the app is there.
    fn open_settings(&mut self) {
        self.settings_wanted = self.has_settings && !self.asks;
        self.show_settings();
        if self.showing == Showing::App || self.asks {
            self.come_to_front();
        }
    }

    fn show_settings(&mut self) {
        if self.settings_wanted && self.showing == Showing::App {
            self.settings_wanted = false;
            self.asks = true;
            self.showing = Showing::Own;
            cover(&self.handle, View::Settings);
        }
    }

    fn close_settings(&mut self) {
        self.asks = self.status.borrow().phase == AppPhase::Setup;
        self.show_what_fits();
    }

    fn show_app(&mut self) {
        let Some(first) = &self.first else { return };
        match self.page.next(first) {
            Next::Open => self.open(),
            Next::Wait => {}
            Next::Show => self.uncover(),
        }
    }

    fn open(&mut self) {
        let Some(first) = self.first.clone() else { return };
        let is_up = self.status.borrow().phase == AppPhase::Ready;
        self.page.open(&first, is_up);
        let Some(page) = self.handle.get_webview(MAIN) else { return };
        if let Err(error) = page.navigate(first) {
            program::warn(format!("The window cannot go on: {error}"));
        }
        program::tell(&FromWindow::EntryUsed);
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
            self.go_on();
        } else {
            self.order_later(LATEST_SHOW, Order::ShowApp);
        }
        self.show_settings();
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
}
