//! The rules of the window: after what has happened so far, what an event leads to.
//!
//! A [`Story`] is told event by event. `on` is the last of them, and returns what it leads to,
//! without the status that Ensconce's own page gets each time: that has a test of its own.

mod closing;
mod display;
mod page;
mod properties;
mod questions;
mod title;

use ensconce_protocol::{AppIdentity, JobKind, JobState, JobStatus};

use super::action::{AbsenceId, NoticeId};
use super::*;

const NOTES: &str = "http://notes.localhost/";

const WINDOW_MADE: Event = Event::Display(DisplayEvent::WindowMade);
const PAINTED: Event = Event::Display(DisplayEvent::OwnPagePainted);
const VISIBLE: Event = Event::Display(DisplayEvent::OwnPageVisible);
const FRONT_REQUESTED: Event = Event::Display(DisplayEvent::FrontRequested);
const ARRIVED: Event = Event::Page(PageEvent::Arrived);
const LOADED: Event = Event::Page(PageEvent::Loaded);
const UNANSWERED: Event = Event::Page(PageEvent::Unanswered);
const SETTINGS_REQUESTED: Event = Event::Settings(SettingsEvent::Requested);
const SETTINGS_CLOSED: Event = Event::Settings(SettingsEvent::Closed);
const CLOSE_REQUESTED: Event = Event::Closing(ClosingEvent::CloseRequested);
const QUIT_REQUESTED: Event = Event::Closing(ClosingEvent::QuitRequested);
const LATEST_SHOW: Event = Event::TimerOver(Timer::LatestShow);

/// What has happened to a window so far.
struct Story(WindowModel);

impl Story {
    fn then(mut self, event: Event) -> Self {
        self.0.handle(event);
        self
    }

    fn on(mut self, event: Event) -> Vec<Action> {
        let mut actions = self.0.handle(event);
        actions.retain(|action| !matches!(action, Action::PublishStatus(_)));
        actions
    }
}

/// The app Notes has just begun to start, and its window is not made yet.
fn beginning() -> Story {
    Story(WindowModel::new(AppPhase::Starting, Some(notes(true))))
}

fn notes(has_settings: bool) -> AppFacts {
    AppFacts { first_page: NOTES.parse().ok(), title: "Notes".to_owned(), has_settings }
}

/// The splash is on the screen, and the app's page is loading beneath it.
fn splash() -> Story {
    beginning().then(WINDOW_MADE).then(PAINTED).then(VISIBLE)
}

/// The user sees the app.
fn app_in_front() -> Story {
    splash().then(ARRIVED).then(LOADED).then(ready())
}

/// There is no app, and the window says why.
fn no_app() -> Story {
    Story(WindowModel::new(AppPhase::Failed, None)).then(WINDOW_MADE)
}

fn starting() -> Event {
    phase(AppPhase::Starting)
}

fn setup() -> Event {
    phase(AppPhase::Setup)
}

fn ready() -> Event {
    phase(AppPhase::Ready)
}

fn failed() -> Event {
    phase(AppPhase::Failed)
}

fn stopping() -> Event {
    phase(AppPhase::Stopping)
}

fn phase(phase: AppPhase) -> Event {
    status(phase, &[])
}

/// The app is up, and a service of it is in this state.
fn service(state: JobState) -> Event {
    services(&[("api", state)])
}

fn services(services: &[(&str, JobState)]) -> Event {
    status(AppPhase::Ready, services)
}

fn status(phase: AppPhase, services: &[(&str, JobState)]) -> Event {
    let app = AppIdentity { name: "Notes".to_owned(), version: String::new(), icon: None };
    let jobs = services.iter().map(|(name, state)| job(name, *state)).collect();
    Event::StatusChanged(Box::new(AppStatus { app, phase, since_ms: 0, jobs, failure: None }))
}

fn job(name: &str, state: JobState) -> JobStatus {
    JobStatus {
        name: name.to_owned(),
        kind: JobKind::Service,
        state,
        optional: true,
        elapsed_ms: 0,
        pid: None,
        reason: None,
        recovered: false,
        progress: None,
        message: None,
    }
}

fn first_page(url: &str) -> Event {
    Event::Page(PageEvent::FirstPageChanged { url: url.to_owned(), title: "Notes".to_owned() })
}

fn page_requested(path: &str) -> Event {
    Event::Page(PageEvent::PageRequested(path.to_owned()))
}

fn answered(question: u64, may_close: bool) -> Event {
    Event::Closing(ClosingEvent::PageAnswered { question: QuestionId(question), may_close })
}

fn download(path: Option<&str>, is_whole: bool) -> Event {
    Event::DownloadEnded(Download { path: path.map(Into::into), is_whole })
}

fn downloaded(name: &str) -> Event {
    download(Some(&format!("/home/ada/Downloads/{name}")), true)
}

fn long_away(absence: u64) -> Event {
    Event::TimerOver(Timer::LongAway(AbsenceId(absence)))
}

fn notice_over(notice: u64) -> Event {
    Event::TimerOver(Timer::NoticeOver(NoticeId(notice)))
}

fn navigate(url: &str) -> Action {
    Action::Navigate(url.parse().unwrap())
}

fn title(title: &str) -> Action {
    Action::SetTitle(title.to_owned())
}

fn leave_notice() -> Action {
    Action::RunScript(LEAVE_NOTICE.to_owned())
}

fn start_notice(notice: u64) -> Action {
    Action::StartTimer(Timer::NoticeOver(NoticeId(notice)))
}

fn start_absence(absence: u64) -> Action {
    Action::StartTimer(Timer::LongAway(AbsenceId(absence)))
}

#[test]
fn ensconces_own_page_gets_each_status() {
    for event in [starting(), setup(), ready(), failed(), stopping(), service(JobState::Failed)] {
        let Event::StatusChanged(status) = event.clone() else { unreachable!() };
        let actions = app_in_front().0.handle(event);
        assert_eq!(actions.first(), Some(&Action::PublishStatus(status)));
    }
}

#[test]
fn what_has_failed_is_started_again_by_the_program() {
    let story = splash().then(failed());
    assert_eq!(story.on(Event::RetryRequested), [Action::RetryFailed]);
}

#[test]
fn the_window_ends_with_the_exit_code_and_does_nothing_after_that() {
    let end = || Event::AppEnded { exit_code: 3 };
    assert_eq!(app_in_front().on(end()), [Action::Exit { exit_code: 3 }]);
    for event in [failed(), CLOSE_REQUESTED, SETTINGS_REQUESTED, FRONT_REQUESTED, end()] {
        assert_eq!(app_in_front().then(end()).0.handle(event), []);
    }
}

/// The model can be tried without a window because it knows nothing of one.
#[test]
fn the_model_knows_no_webview_clock_or_thread() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model");
    let parts = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    for file in parts.filter(|path| path.is_file()).chain([folder.with_extension("rs")]) {
        let text = std::fs::read_to_string(&file).unwrap();
        for foreign in ["tauri::", "tokio::", "Instant", "std::thread", "std::fs", "crate::program"]
        {
            let is_test = file.ends_with("tests.rs");
            assert!(is_test || !text.contains(foreign), "{} uses {foreign}", file.display());
        }
    }
}
