//! The app's page: when it is opened, opened again, and left alone.

use super::*;

const OTHER: &str = "http://other.localhost/";

fn open(url: &str) -> [Action; 2] {
    [navigate(url), Action::ReportEntryUsed]
}

#[test]
fn it_is_opened_beneath_the_splash_as_soon_as_that_is_seen() {
    let painted = || beginning().then(WINDOW_MADE).then(PAINTED);
    assert_eq!(painted().on(VISIBLE), open(NOTES));
    assert_eq!(painted().then(VISIBLE).on(VISIBLE), []);
}

#[test]
fn it_is_not_opened_beneath_what_has_failed_or_asks() {
    for event in [setup(), failed(), stopping()] {
        assert_eq!(beginning().then(WINDOW_MADE).then(event).on(VISIBLE), []);
    }
}

#[test]
fn it_is_opened_when_the_app_is_up_if_it_was_not_before() {
    assert_eq!(beginning().then(ready()).on(WINDOW_MADE), open(NOTES));
    assert_eq!(beginning().then(WINDOW_MADE).on(ready()), open(NOTES));
    let asked = beginning().then(setup()).then(WINDOW_MADE).then(PAINTED).then(VISIBLE);
    assert_eq!(asked.then(ready()).on(SETTINGS_CLOSED), open(NOTES));
}

#[test]
fn it_is_waited_for() {
    assert_eq!(splash().on(ready()), []);
}

#[test]
fn the_end_of_a_page_that_was_given_up_is_not_its_own() {
    let story = splash().then(LOADED).then(ready());
    assert_eq!(story.on(ARRIVED), [Action::UncoverApp, leave_notice()]);
    let hidden = beginning().then(ready()).then(WINDOW_MADE).then(LOADED);
    let wait = Action::StartTimer(Timer::LatestShow);
    assert_eq!(hidden.on(ARRIVED), [Action::UncoverApp, leave_notice(), wait]);
}

#[test]
fn without_an_answer_it_is_opened_once_more_when_the_app_is_up() {
    let spoiled = || splash().then(ARRIVED).then(UNANSWERED);
    assert_eq!(spoiled().on(ready()), open(NOTES));
    assert_eq!(spoiled().then(ready()).on(ARRIVED), [Action::UncoverApp, leave_notice()]);
    assert_eq!(splash().then(UNANSWERED).then(ready()).then(UNANSWERED).on(ready()), []);
}

#[test]
fn what_gets_no_answer_though_the_app_is_up_is_shown() {
    let story = beginning().then(WINDOW_MADE).then(PAINTED).then(ready()).then(UNANSWERED);
    assert_eq!(story.on(ARRIVED), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn one_that_was_opened_before_the_app_failed_may_be_opened_again() {
    let opened = beginning().then(WINDOW_MADE).then(PAINTED).then(ready());
    let spoiled = opened.then(failed()).then(ARRIVED).then(UNANSWERED);
    assert_eq!(spoiled.on(ready()), open(NOTES));
}

#[test]
fn what_the_user_has_seen_is_kept() {
    let away = app_in_front().then(failed()).then(UNANSWERED).then(starting());
    assert_eq!(away.on(ready()), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn another_entry_token_is_no_other_page() {
    let token = |token| first_page(&format!("{NOTES}?ensconce_token={token}"));
    assert_eq!(splash().on(token("two")), []);
    assert_eq!(app_in_front().on(token("two")), []);
    assert_eq!(
        app_in_front().then(token("two")).then(failed()).on(ready()),
        [Action::UncoverApp, leave_notice()]
    );
}

#[test]
fn a_token_is_used_once() {
    let second = "http://notes.localhost/?ensconce_token=two";
    let story = splash().then(first_page(second)).then(ARRIVED).then(UNANSWERED);
    assert_eq!(story.on(ready()), open(second));
}

#[test]
fn another_address_is_opened_in_any_case() {
    assert_eq!(splash().on(first_page(OTHER)), open(OTHER));
    assert_eq!(app_in_front().on(first_page(OTHER)), open(OTHER));
    assert_eq!(app_in_front().then(failed()).on(first_page(OTHER)), open(OTHER));
}

#[test]
fn another_address_waits_until_it_may_be_opened() {
    assert_eq!(beginning().then(WINDOW_MADE).on(first_page(OTHER)), []);
    let story = beginning().then(WINDOW_MADE).then(PAINTED).then(first_page(OTHER));
    assert_eq!(story.on(VISIBLE), open(OTHER));
}

#[test]
fn what_is_no_address_is_not_opened() {
    assert_eq!(app_in_front().on(first_page("nowhere")), []);
}

#[test]
fn another_address_that_the_user_has_seen_is_kept_too() {
    let seen = app_in_front().then(first_page(OTHER)).then(ARRIVED).then(LOADED);
    let away = seen.then(failed()).then(UNANSWERED);
    assert_eq!(away.on(ready()), [Action::UncoverApp, leave_notice()]);
}

#[test]
fn a_page_that_is_wanted_is_gone_to_at_once() {
    let wanted = page_requested("/open?what=%20a");
    assert_eq!(app_in_front().on(wanted), [navigate("http://notes.localhost/open?what=%20a")]);
    assert_eq!(
        app_in_front().then(page_requested("/a")).on(page_requested("/b")),
        [navigate("http://notes.localhost/b")]
    );
}

#[test]
fn a_page_that_is_wanted_too_early_is_gone_to_after_the_first() {
    let wanted = || beginning().then(page_requested("/a")).then(page_requested("/b"));
    let arrived = || wanted().then(WINDOW_MADE).then(PAINTED).then(VISIBLE).then(ARRIVED);
    let go = || navigate("http://notes.localhost/b");
    assert_eq!(arrived().then(ready()).on(LOADED), [go()]);
    assert_eq!(arrived().then(LOADED).on(ready()), [Action::UncoverApp, leave_notice(), go()]);
}

#[test]
fn a_page_that_is_wanted_while_the_app_is_covered_comes_with_it() {
    let covered = app_in_front().then(failed()).then(page_requested("/a"));
    let go = navigate("http://notes.localhost/a");
    assert_eq!(covered.on(ready()), [Action::UncoverApp, leave_notice(), go]);
}

#[test]
fn no_path_leads_out_of_the_app() {
    for path in ["//example.com/", "https://example.com/", "http://notes.localhost:81/"] {
        assert_eq!(app_in_front().on(page_requested(path)), []);
    }
}
