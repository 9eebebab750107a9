//! What must hold whatever happens, in any order. An [`Observer`] sees events and actions only,
//! and knows nothing of the model's own state.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::*;

const ADDRESSES: [&str; 3] = [NOTES, "http://notes.localhost/?token=2", "http://other.localhost/"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The [`Observer`] says what that is.
    #[test]
    fn what_must_hold_holds(before in vec(event(), 0..6), after in vec(event(), 0..60)) {
        let mut observer = Observer::new();
        for event in before.into_iter().chain([WINDOW_MADE]).chain(after) {
            observer.see(event);
        }
    }

    /// Nothing that has happened keeps an app from being seen that is up and whose page comes.
    #[test]
    fn an_app_that_is_up_is_seen_in_the_end(events in vec(event(), 0..60)) {
        let mut observer = Observer::after(events);
        // A page that lacks an answer is opened once more, and settings may still be wanted.
        let seen = [ready(), SETTINGS_CLOSED, ARRIVED, ARRIVED, LOADED, PAINTED, SETTINGS_CLOSED];
        for event in seen {
            observer.see(event);
        }
        prop_assert!(observer.is_shown && observer.has_app_in_front);
    }

    /// Set-up that was cut short by a failure does not keep it from being seen either.
    #[test]
    fn an_app_that_is_mended_is_seen_in_the_end(events in vec(event(), 0..60)) {
        let mut observer = Observer::without_settings();
        let mended = [failed(), ready(), ARRIVED, ARRIVED, LOADED, PAINTED];
        for event in [WINDOW_MADE].into_iter().chain(events).chain(mended) {
            observer.see(event);
        }
        prop_assert!(observer.is_shown && observer.has_app_in_front);
    }

    /// No page can keep the window open.
    #[test]
    fn the_second_request_in_a_row_closes_the_window(events in vec(event(), 0..60)) {
        let mut observer = Observer::after(events);
        let stops = observer.stops;
        observer.see(CLOSE_REQUESTED);
        observer.see(CLOSE_REQUESTED);
        prop_assert!(observer.stops > stops);
    }

    #[test]
    fn nothing_is_done_after_the_end(
        events in vec(event(), 0..60), later in vec(event(), 1..20)
    ) {
        let mut observer = Observer::after(events);
        let exit_code = 3;
        prop_assert_eq!(observer.see(Event::AppEnded { exit_code }), [Action::Exit { exit_code }]);
        for event in later {
            prop_assert_eq!(observer.model.handle(event), []);
        }
    }

    /// Notices and absences come to an end.
    #[test]
    fn the_title_is_the_apps_own_in_the_end(events in vec(event(), 0..60)) {
        let mut observer = Observer::after(events);
        let all_well = services(&[("api", JobState::Ready), ("jobs", JobState::Ready)]);
        for event in [PAINTED, all_well] {
            observer.see(event);
        }
        observer.see(notice_over(observer.notice));
        prop_assert_eq!(observer.title, "Notes");
    }
}

/// What can be seen of a window from outside, and what must not be.
struct Observer {
    model: WindowModel,
    phase: AppPhase,
    /// Whether the app's set-up has begun, and is not over.
    is_in_setup: bool,
    are_settings_open: bool,
    is_made: bool,
    is_shown: bool,
    has_app_in_front: bool,
    /// What Ensconce's own page shows, or has shown when it was seen last.
    view: OwnPageView,
    title: String,
    /// The last notice in the title.
    notice: u64,
    /// The address of the page that was opened last, without its query.
    opened: Option<Url>,
    has_arrived: bool,
    has_been_seen: bool,
    requests: usize,
    stops: usize,
}

impl Observer {
    fn new() -> Self {
        Self::of(true)
    }

    fn without_settings() -> Self {
        Self::of(false)
    }

    fn of(has_settings: bool) -> Self {
        Self {
            model: WindowModel::new(AppPhase::Starting, Some(notes(has_settings))),
            phase: AppPhase::Starting,
            is_in_setup: false,
            are_settings_open: false,
            is_made: false,
            is_shown: false,
            has_app_in_front: false,
            view: OwnPageView::Status,
            title: "Notes".to_owned(),
            notice: 0,
            opened: None,
            has_arrived: false,
            has_been_seen: false,
            requests: 0,
            stops: 0,
        }
    }

    /// A window that is made, and all this has happened to it.
    fn after(events: Vec<Event>) -> Self {
        let mut observer = Self::new();
        observer.see(WINDOW_MADE);
        for event in events {
            observer.see(event);
        }
        observer
    }

    /// Passes an event to the model, and looks at what it leads to.
    fn see(&mut self, event: Event) -> Vec<Action> {
        self.note(&event);
        let before = self.title.clone();
        let actions = self.model.handle(event.clone());
        for (action, next) in actions.iter().zip(actions.iter().skip(1).map(Some).chain([None])) {
            self.look_at(action, next == Some(&Action::ReportEntryUsed));
        }
        let is_asked = self.is_in_setup || self.are_settings_open;
        let may_be_seen = self.phase == AppPhase::Ready && !is_asked;
        assert!(!self.has_app_in_front || may_be_seen, "the app is seen");
        let shows_settings = !self.has_app_in_front && self.view == OwnPageView::Settings;
        assert!(shows_settings == self.are_settings_open, "settings cannot be left");
        assert!(self.stops <= self.requests, "more is told than was wanted");
        if self.title != before {
            self.look_at_title(&before, &event);
        }
        actions
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::StatusChanged(status) => {
                self.phase = status.phase;
                self.are_settings_open &= status.phase != AppPhase::Stopping;
                self.is_in_setup = match status.phase {
                    AppPhase::Setup => true,
                    AppPhase::Failed | AppPhase::Stopping => false,
                    AppPhase::Starting | AppPhase::Ready => self.is_in_setup,
                };
            }
            Event::Settings(SettingsEvent::Closed) => {
                self.is_in_setup = self.phase == AppPhase::Setup;
                self.are_settings_open = false;
            }
            Event::Display(DisplayEvent::WindowMade) => self.is_made = true,
            Event::Page(PageEvent::Arrived) => {
                self.has_arrived = true;
                self.has_been_seen |= self.has_app_in_front;
            }
            Event::Closing(ClosingEvent::CloseRequested | ClosingEvent::QuitRequested) => {
                self.requests += 1;
            }
            _ => {}
        }
    }

    fn look_at(&mut self, action: &Action, opens: bool) {
        match action {
            Action::ShowWindow => {
                assert!(self.is_made && !self.is_shown, "it is shown again");
                self.is_shown = true;
            }
            Action::BringToFront => self.is_shown = self.is_made,
            Action::SetTitle(title) => title.clone_into(&mut self.title),
            Action::CoverApp(view) => self.look_at_cover(*view),
            Action::UncoverApp => self.look_at_uncovering(),
            Action::Navigate(url) => self.look_at_navigation(url, opens),
            Action::RunScript(_) => assert!(self.opened.is_some(), "no page hears it"),
            Action::AskToClose(_) => assert!(self.has_app_in_front, "nobody can answer"),
            Action::StartTimer(Timer::NoticeOver(notice)) => {
                assert!(self.is_shown, "nobody can read it");
                self.notice = notice.0;
            }
            Action::StopApp => self.stops += 1,
            Action::Exit { .. }
            | Action::StartTimer(_)
            | Action::PublishStatus(_)
            | Action::ReportEntryUsed
            | Action::RetryFailed => {}
        }
    }

    fn look_at_cover(&mut self, view: OwnPageView) {
        let replaces_settings = self.view == OwnPageView::Settings && !self.are_settings_open;
        assert!(self.has_app_in_front || replaces_settings, "it is covered already");
        if view == OwnPageView::Settings {
            assert!(self.has_app_in_front, "settings cover what is no app");
            assert!(!self.is_in_setup, "settings cover set-up");
            self.are_settings_open = true;
        }
        self.has_app_in_front = false;
        self.view = view;
    }

    fn look_at_uncovering(&mut self) {
        assert!(self.is_made && !self.has_app_in_front, "there is nothing to take away");
        assert!(self.has_arrived, "there is nothing to see yet");
        self.has_app_in_front = true;
        self.has_been_seen = true;
    }

    fn look_at_navigation(&mut self, url: &Url, opens: bool) {
        assert!(self.is_made, "there is no window");
        if !opens {
            let target = url.path().starts_with("/page") && self.has_app_in_front;
            assert!(target && self.has_been_seen, "nobody wanted {url}");
            return;
        }
        let mut place = url.clone();
        place.set_query(None);
        let is_other = self.opened.as_ref() != Some(&place);
        assert!(is_other || !self.has_been_seen, "what the user has seen is loaded again");
        self.opened = Some(place);
        self.has_arrived = false;
        self.has_been_seen = false;
    }

    /// A notice goes when its time is over, or with something newer. Nothing else takes it away.
    fn look_at_title(&self, before: &str, event: &Event) {
        let had_notice = !matches!(before, "Notes" | "Reconnecting… – Notes");
        let may_end = match event {
            Event::TimerOver(Timer::NoticeOver(notice)) => notice.0 == self.notice,
            Event::DownloadEnded(_) | Event::StatusChanged(_) => true,
            _ => false,
        };
        assert!(!had_notice || may_end, "{before:?} is cut short by {event:?}");
    }
}

fn event() -> impl Strategy<Value = Event> {
    let constant = |weight, event: Event| (weight, Just(event).boxed());
    Union::new_weighted(vec![
        (8, select(vec![starting(), setup(), ready(), ready(), failed(), stopping()]).boxed()),
        (6, states().boxed()),
        constant(3, PAINTED),
        constant(3, VISIBLE),
        constant(1, FRONT_REQUESTED),
        constant(6, ARRIVED),
        constant(4, LOADED),
        constant(2, UNANSWERED),
        constant(2, SETTINGS_REQUESTED),
        constant(3, SETTINGS_CLOSED),
        constant(2, CLOSE_REQUESTED),
        constant(1, QUIT_REQUESTED),
        constant(1, LATEST_SHOW),
        constant(1, downloaded("a.csv")),
        (1, select(ADDRESSES.to_vec()).prop_map(first_page).boxed()),
        (1, select(vec!["/page", "/page?b", "//elsewhere/page"]).prop_map(page_requested).boxed()),
        (2, (1..4_u64, any::<bool>()).prop_map(|(number, ok)| answered(number, ok)).boxed()),
        (2, (1..6_u64).prop_map(long_away).boxed()),
        (2, (1..6_u64).prop_map(notice_over).boxed()),
    ])
}

/// The app is up, and its services are somehow.
fn states() -> impl Strategy<Value = Event> {
    let state = || {
        use JobState::{Failed, Ready, Restarting, Starting, Stopped};
        select(vec![Ready, Ready, Restarting, Starting, Failed, Stopped])
    };
    (state(), state()).prop_map(|(api, jobs)| services(&[("api", api), ("jobs", jobs)]))
}
