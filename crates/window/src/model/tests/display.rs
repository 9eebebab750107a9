//! Which page is seen, and when the window is shown.

use super::*;

#[test]
fn nothing_is_done_with_a_window_that_is_not_made() {
    for event in [starting(), ready(), FRONT_REQUESTED, SETTINGS_REQUESTED, page_requested("/a")] {
        assert_eq!(beginning().on(event), []);
    }
}

#[test]
fn the_window_is_shown_when_the_splash_has_something_to_show() {
    let story = beginning().then(WINDOW_MADE);
    assert_eq!(story.on(PAINTED), [Action::ShowWindow]);
}

#[test]
fn the_splash_says_the_rest_in_a_window_that_is_already_shown() {
    assert_eq!(splash().on(starting()), []);
    assert_eq!(splash().on(PAINTED), []);
}

#[test]
fn the_app_is_seen_when_it_is_up_and_its_page_has_begun_to_come() {
    let both = [Action::UncoverApp, leave_notice()];
    assert_eq!(splash().then(ready()).on(ARRIVED), both);
    assert_eq!(splash().then(ARRIVED).on(ready()), both);
    assert_eq!(splash().then(ARRIVED).then(LOADED).on(ready()), both);
}

#[test]
fn an_app_that_is_not_up_is_not_seen() {
    assert_eq!(splash().on(ARRIVED), []);
    assert_eq!(splash().then(ARRIVED).on(LOADED), []);
    for event in [starting(), setup(), failed(), stopping()] {
        assert_eq!(splash().then(ARRIVED).then(LOADED).on(event), []);
    }
}

#[test]
fn an_app_that_is_up_before_its_splash_is_seen_without_one() {
    let hidden = || beginning().then(ready()).then(WINDOW_MADE).then(ARRIVED);
    assert_eq!(hidden().on(LOADED), [Action::ShowWindow]);
    // Some pages never have all that they ask for.
    assert_eq!(hidden().on(LATEST_SHOW), [Action::ShowWindow]);
    assert_eq!(hidden().then(LATEST_SHOW).on(LOADED), []);
    assert_eq!(hidden().then(LOADED).on(LATEST_SHOW), []);
}

#[test]
fn a_hidden_window_waits_for_its_page_no_longer_than_a_moment() {
    let story = beginning().then(ready()).then(WINDOW_MADE);
    let wait = Action::StartTimer(Timer::LatestShow);
    assert_eq!(story.on(ARRIVED), [Action::UncoverApp, leave_notice(), wait]);
}

#[test]
fn what_has_failed_or_takes_its_time_covers_the_app() {
    for event in [starting(), setup(), failed(), stopping()] {
        assert_eq!(app_in_front().on(event), [Action::CoverApp(OwnPageView::Status)]);
    }
}

#[test]
fn a_page_that_covers_the_app_is_not_laid_over_it_again() {
    for event in [starting(), setup(), failed(), stopping()] {
        assert_eq!(app_in_front().then(failed()).on(event), []);
    }
}

#[test]
fn an_app_that_is_up_again_is_seen_as_it_was() {
    let story = app_in_front().then(failed()).then(starting());
    assert_eq!(story.on(ready()), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn a_window_that_is_wanted_comes_to_the_front_whatever_is_in_it() {
    for story in [splash(), splash().then(failed()), app_in_front()] {
        assert_eq!(story.on(FRONT_REQUESTED), [Action::BringToFront]);
    }
    let unseen = beginning().then(WINDOW_MADE).then(FRONT_REQUESTED);
    assert_eq!(unseen.on(PAINTED), []);
}

#[test]
fn a_window_without_an_app_is_shown_with_the_reason() {
    assert_eq!(no_app().on(PAINTED), [Action::ShowWindow]);
    for event in [VISIBLE, SETTINGS_REQUESTED, page_requested("/a"), downloaded("a"), ready()] {
        assert_eq!(no_app().then(PAINTED).on(event), []);
    }
}
