//! Set-up, and the settings that lie over the app.

use super::*;

const COVER: Action = Action::CoverApp(OwnPageView::Settings);
const STATUS: Action = Action::CoverApp(OwnPageView::Status);

/// An app that asks at its first start, with set-up on the screen.
fn asking() -> Story {
    beginning().then(setup()).then(WINDOW_MADE).then(PAINTED).then(VISIBLE)
}

/// Settings lie over the app.
fn settings() -> Story {
    app_in_front().then(SETTINGS_REQUESTED)
}

#[test]
fn settings_are_laid_over_the_app_and_come_to_the_front() {
    assert_eq!(app_in_front().on(SETTINGS_REQUESTED), [COVER, Action::BringToFront]);
}

#[test]
fn settings_are_closed_for_the_app_as_it_was() {
    assert_eq!(settings().on(SETTINGS_CLOSED), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn settings_that_are_open_only_come_to_the_front() {
    assert_eq!(settings().on(SETTINGS_REQUESTED), [Action::BringToFront]);
    let closed = settings().then(SETTINGS_REQUESTED);
    assert_eq!(closed.on(SETTINGS_CLOSED), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn settings_that_are_wanted_too_early_are_laid_over_the_app_when_it_is_seen() {
    let uncover = [Action::UncoverApp, leave_notice(), COVER];
    assert_eq!(splash().on(SETTINGS_REQUESTED), []);
    assert_eq!(splash().then(SETTINGS_REQUESTED).then(ready()).on(ARRIVED), uncover);
    let failed = app_in_front().then(failed()).then(SETTINGS_REQUESTED);
    assert_eq!(failed.on(ready()), uncover);
}

#[test]
fn settings_stay_while_a_service_restarts() {
    assert_eq!(settings().on(ready()), []);
    assert_eq!(settings().on(ARRIVED), []);
    assert_eq!(settings().then(starting()).on(ready()), []);
}

#[test]
fn settings_are_closed_for_what_the_app_is_doing_while_it_is_not_up() {
    for event in [starting(), setup(), failed()] {
        assert_eq!(settings().on(event.clone()), []);
        assert_eq!(settings().then(event).on(SETTINGS_CLOSED), [STATUS]);
    }
    let closed = settings().then(failed()).then(SETTINGS_CLOSED);
    assert_eq!(closed.on(ready()), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn settings_are_closed_for_the_splash_while_the_apps_page_is_on_its_way() {
    let reopened = || settings().then(first_page("http://other.localhost/"));
    assert_eq!(reopened().on(SETTINGS_CLOSED), [STATUS]);
    let uncover = [Action::UncoverApp, leave_notice()];
    assert_eq!(reopened().then(SETTINGS_CLOSED).on(ARRIVED), uncover);
}

#[test]
fn an_end_that_takes_its_time_takes_the_place_of_settings() {
    assert_eq!(settings().on(stopping()), [STATUS]);
    assert_eq!(settings().then(stopping()).on(stopping()), []);
    assert_eq!(settings().then(stopping()).on(SETTINGS_CLOSED), []);
}

#[test]
fn an_app_without_settings_only_comes_to_the_front() {
    let app = Some(notes(false));
    let story = Story(WindowModel::new(AppPhase::Ready, app)).then(WINDOW_MADE);
    let shown = story.then(ARRIVED).then(LOADED);
    assert_eq!(shown.on(SETTINGS_REQUESTED), [Action::BringToFront]);
}

#[test]
fn set_up_stays_until_the_user_leaves_it() {
    let answered = || asking().then(starting());
    assert_eq!(asking().on(starting()), []);
    assert_eq!(answered().on(ready()), []);
    let opened = answered().then(ready()).then(SETTINGS_CLOSED);
    assert_eq!(opened.on(ARRIVED), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn set_up_cannot_be_left_while_the_app_asks() {
    let left = asking().then(SETTINGS_CLOSED).then(ready());
    assert_eq!(left.then(ARRIVED).on(ready()), []);
}

#[test]
fn an_app_that_has_failed_asks_nothing_and_is_seen_when_it_is_mended() {
    let mended = asking().then(starting()).then(failed()).then(starting()).then(ready());
    assert_eq!(mended.on(ARRIVED), [Action::UncoverApp, leave_notice()]);
    let still_asks = asking().then(failed()).then(setup()).then(ready());
    assert_eq!(still_asks.then(ARRIVED).on(ready()), []);
}

#[test]
fn an_app_that_asks_again_is_covered_by_set_up() {
    assert_eq!(app_in_front().on(setup()), [Action::CoverApp(OwnPageView::Status)]);
}

#[test]
fn settings_do_not_cover_set_up() {
    assert_eq!(asking().on(SETTINGS_REQUESTED), [Action::BringToFront]);
    let wanted = || splash().then(SETTINGS_REQUESTED).then(setup()).then(ARRIVED);
    assert_eq!(wanted().on(ready()), []);
    let left = [Action::UncoverApp, leave_notice()];
    assert_eq!(wanted().then(ready()).on(SETTINGS_CLOSED), left);
}
