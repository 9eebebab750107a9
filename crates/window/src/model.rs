//! Decides what the window shows: a function from the state so far and an event to actions.
//!
//! It knows no webview, no clock and no thread, so that each of its rules can be tried in a test.
//! Events come from the [driver](crate::driver), and the [stage](crate::stage) does what they lead
//! to.
//!
//! Each concern is a part with a state of its own:
//!
//! - `display`: whether there is a window, whether it is seen, and which of its two pages is
//! - `page`: the app's page, from its first request until the user has seen it
//! - `questions`: set-up and settings
//! - `closing`: the way to the window's end
//! - `outages`: services that are away for a moment
//! - `title`: what the title bar says
//!
//! The parts do not know each other; [`WindowModel`] puts them together. Whatever else the window
//! learns to do becomes a part beside these, with its own kind of event, and actions for the stage.

mod action;
mod closing;
mod display;
mod event;
mod outages;
mod page;
mod questions;
#[cfg(test)]
mod tests;
mod title;

use ensconce_protocol::{AppPhase, AppStatus};
use url::Url;

pub(crate) use action::{Action, OwnPageView, QuestionId, Timer};
pub(crate) use closing::MAY_CLOSE;
pub(crate) use event::{ClosingEvent, DisplayEvent, Download, Event, PageEvent, SettingsEvent};

use closing::Closing;
use display::{Display, Front};
use outages::{Outages, ServiceChange, ServiceNews};
use page::{AppPage, LEAVE_NOTICE, PageStep};
use questions::Questions;
use title::Title;

/// What is known of an app before its window opens.
#[derive(Debug, Clone)]
pub(crate) struct AppFacts {
    /// The address of its first page.
    pub(crate) first_page: Option<Url>,
    /// The window's title.
    pub(crate) title: String,
    /// Whether there is anything to set.
    pub(crate) has_settings: bool,
}

/// The state of the window, and the rules by which it changes.
#[derive(Debug)]
pub(crate) struct WindowModel {
    /// What the app is doing.
    phase: AppPhase,
    display: Display,
    page: AppPage,
    questions: Questions,
    closing: Closing,
    outages: Outages,
    title: Title,
    has_ended: bool,
}

impl WindowModel {
    /// Makes the model of a window that is not made yet, for an app or to say why there is none.
    pub(crate) fn new(phase: AppPhase, app: Option<AppFacts>) -> Self {
        let has_settings = app.as_ref().is_some_and(|app| app.has_settings);
        let (first_page, title) = app.map(|app| (app.first_page, app.title)).unzip();
        Self {
            phase,
            display: Display::default(),
            page: AppPage::new(first_page.flatten()),
            questions: Questions::new(has_settings, phase),
            closing: Closing::default(),
            outages: Outages::default(),
            title: Title::new(title),
            has_ended: false,
        }
    }

    /// Handles an event: returns what is to be done about it, in this order. After the end that is
    /// nothing.
    pub(crate) fn handle(&mut self, event: Event) -> Vec<Action> {
        if self.has_ended {
            return Vec::new();
        }
        let mut actions = self.on_event(event);
        if self.display.is_shown() && !self.has_ended {
            actions.extend(self.title.refresh(self.outages.are_long()));
        }
        actions
    }

    fn on_event(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Display(event) => self.on_display(event),
            Event::Page(event) => self.on_page(event),
            Event::Settings(event) => self.on_settings(event),
            Event::Closing(event) => {
                let has_app_in_front = self.display.has_app_in_front();
                self.closing.handle(event, has_app_in_front).into_iter().collect()
            }
            Event::StatusChanged(status) => self.on_status(status),
            Event::RetryRequested => vec![Action::RetryFailed],
            Event::DownloadEnded(download) => {
                self.title.announce_download(&download);
                Vec::new()
            }
            Event::TimerOver(timer) => self.on_timer(timer),
            Event::AppEnded { exit_code } => {
                self.has_ended = true;
                vec![Action::Exit { exit_code }]
            }
        }
    }

    fn on_display(&mut self, event: DisplayEvent) -> Vec<Action> {
        match event {
            DisplayEvent::WindowMade => {
                self.display.make();
                self.show_what_fits()
            }
            DisplayEvent::OwnPagePainted => self.display.show().into_iter().collect(),
            DisplayEvent::OwnPageVisible => self.open_beneath(),
            DisplayEvent::FrontRequested => self.display.bring_to_front().into_iter().collect(),
        }
    }

    fn on_page(&mut self, event: PageEvent) -> Vec<Action> {
        match event {
            PageEvent::FirstPageChanged { url, title } => self.on_first_page(&url, title),
            PageEvent::PageRequested(path) => {
                self.page.request(&path);
                self.go_on().into_iter().collect()
            }
            PageEvent::Arrived => self.on_arrival(),
            PageEvent::Loaded => self.on_loaded(),
            PageEvent::Unanswered => {
                self.page.spoil();
                Vec::new()
            }
        }
    }

    fn on_settings(&mut self, event: SettingsEvent) -> Vec<Action> {
        match event {
            SettingsEvent::Requested => self.on_settings_requested(),
            SettingsEvent::Closed => {
                self.questions.close(self.phase);
                self.show_what_fits()
            }
        }
    }

    fn on_timer(&mut self, timer: Timer) -> Vec<Action> {
        match timer {
            Timer::LatestShow => return self.display.show().into_iter().collect(),
            Timer::LongAway(absence) => self.outages.lengthen(absence),
            Timer::NoticeOver(notice) => self.title.end_notice(notice),
        }
        Vec::new()
    }

    fn on_status(&mut self, status: Box<AppStatus>) -> Vec<Action> {
        self.phase = status.phase;
        if !self.is_up() {
            self.page.unsettle();
        }
        self.questions.follow(self.phase);
        let news = self.outages.follow(&status);
        let mut actions = vec![Action::PublishStatus(status)];
        actions.extend(self.show_what_fits());
        actions.extend(news.iter().flat_map(|news| self.pass_on(news)));
        actions
    }

    fn is_up(&self) -> bool {
        self.phase == AppPhase::Ready
    }

    /// Tells the page at once, and the user, quietly, when it takes its time.
    fn pass_on(&mut self, news: &ServiceNews) -> Vec<Action> {
        self.title.withdraw(&news.service);
        let tell_page = self.page.is_opened().then(|| Action::RunScript(news.script()));
        let mut actions: Vec<_> = tell_page.into_iter().collect();
        match news.change {
            ServiceChange::Left(absence) => {
                actions.push(Action::StartTimer(Timer::LongAway(absence)));
            }
            ServiceChange::Returned => {}
            ServiceChange::Failed => self.title.announce_failure(&news.service),
        }
        actions
    }

    fn on_first_page(&mut self, url: &str, title: String) -> Vec<Action> {
        self.title.rename(title);
        if self.page.change_first(url) { self.open() } else { Vec::new() }
    }

    /// Begins to load the app's page beneath the splash. Not before the splash is seen: only then
    /// the window has its size, and whatever the page does would hold up the splash. The page's
    /// requests wait for their service.
    fn open_beneath(&mut self) -> Vec<Action> {
        let is_beneath = matches!(self.display.front(), Some(Front::OwnPage(_)));
        let is_early = self.phase == AppPhase::Starting && !self.page.is_opened();
        if is_beneath && is_early { self.open() } else { Vec::new() }
    }

    fn open(&mut self) -> Vec<Action> {
        self.page.open(self.is_up())
    }

    fn on_arrival(&mut self) -> Vec<Action> {
        self.page.arrive();
        if self.display.has_app_in_front() {
            self.page.see();
        }
        self.show_what_fits()
    }

    fn on_loaded(&mut self) -> Vec<Action> {
        self.closing.replace_page();
        self.page.load();
        if self.display.has_app_in_front() { self.show_loaded() } else { Vec::new() }
    }

    /// Shows the app's page that is there, or the one that is wanted after it.
    fn show_loaded(&mut self) -> Vec<Action> {
        let show = self.display.show();
        show.into_iter().chain(self.go_on()).collect()
    }

    fn go_on(&mut self) -> Option<Action> {
        if self.display.has_app_in_front() { self.page.go_on() } else { None }
    }

    /// Shows the app when it is up and the user is asked nothing, and else Ensconce's own page.
    fn show_what_fits(&mut self) -> Vec<Action> {
        let fits = self.is_up() && !self.questions.are_asked();
        let mut actions = match self.display.front() {
            Some(Front::OwnPage(_)) if fits => self.show_app(),
            Some(Front::AppPage) if !fits => {
                self.display.cover(OwnPageView::Status).into_iter().collect()
            }
            _ => Vec::new(),
        };
        actions.extend(self.replace_closed_settings());
        actions
    }

    /// Shows what the app is doing in the place of settings that are closed, while the app itself
    /// cannot be seen.
    fn replace_closed_settings(&mut self) -> Option<Action> {
        let are_in_front = self.display.front() == Some(Front::OwnPage(OwnPageView::Settings));
        let are_closed = !self.questions.are_settings_open();
        if are_in_front && are_closed { self.display.cover(OwnPageView::Status) } else { None }
    }

    fn show_app(&mut self) -> Vec<Action> {
        match self.page.next_step() {
            PageStep::Open => self.open(),
            PageStep::Wait => Vec::new(),
            PageStep::Show => self.uncover(),
        }
    }

    fn uncover(&mut self) -> Vec<Action> {
        let mut actions: Vec<_> = self.display.uncover().into_iter().collect();
        self.page.see();
        actions.push(Action::RunScript(LEAVE_NOTICE.to_owned()));
        if self.page.is_loaded() {
            actions.extend(self.show_loaded());
        } else if !self.display.is_shown() {
            // It is shown when it is loaded; but some pages never have all that they ask for.
            actions.push(Action::StartTimer(Timer::LatestShow));
        }
        actions.extend(self.show_settings());
        actions
    }

    /// Lays the settings over the app, now or when the app is seen. Until then the window has
    /// something else to show, and does not come to the front for it.
    fn on_settings_requested(&mut self) -> Vec<Action> {
        self.questions.request_settings();
        let mut actions: Vec<_> = self.show_settings().into_iter().collect();
        if self.display.has_app_in_front() || self.questions.are_asked() {
            actions.extend(self.display.bring_to_front());
        }
        actions
    }

    fn show_settings(&mut self) -> Option<Action> {
        let opens = self.display.has_app_in_front() && self.questions.open_settings();
        if opens { self.display.cover(OwnPageView::Settings) } else { None }
    }
}
