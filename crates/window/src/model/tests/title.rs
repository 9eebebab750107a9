//! What the title bar says, and what the page is told, of services and downloads.

use super::*;
use JobState::{Failed, Ready, Restarting, Starting, Stopped};

/// The app is seen, and its service has ended.
fn away() -> Story {
    app_in_front().then(service(Ready)).then(service(Restarting))
}

/// The app is seen, and its service was given up.
fn given_up() -> Story {
    app_in_front().then(service(Failed))
}

fn told(service: &str, state: &str) -> Action {
    let detail = format!(r#"{{"service":"{service}","state":"{state}"}}"#);
    Action::RunScript(format!(
        "window.dispatchEvent(new CustomEvent(\"ensconce\", {{ detail: {detail} }}));"
    ))
}

#[test]
fn a_crash_is_told_to_the_page_at_once_and_so_is_its_end() {
    let up = || app_in_front().then(service(Ready));
    assert_eq!(up().on(service(Restarting)), [told("api", "reconnecting"), start_absence(1)]);
    assert_eq!(away().on(service(Starting)), []);
    assert_eq!(away().then(service(Starting)).on(service(Ready)), [told("api", "back")]);
    assert_eq!(away().on(service(Stopped)), [told("api", "back")]);
}

#[test]
fn a_service_that_is_away_for_a_moment_is_not_in_the_title() {
    assert_eq!(away().then(service(Ready)).on(long_away(1)), []);
}

#[test]
fn a_service_that_is_away_for_longer_is_in_the_title_until_it_is_back() {
    let long = || away().then(long_away(1));
    assert_eq!(away().on(long_away(1)), [title("Reconnecting… – Notes")]);
    assert_eq!(long().on(service(Ready)), [told("api", "back"), title("Notes")]);
}

#[test]
fn each_absence_has_its_own_moment() {
    let again = || away().then(service(Ready)).then(service(Restarting));
    assert_eq!(again().on(long_away(1)), []);
    assert_eq!(again().on(long_away(2)), [title("Reconnecting… – Notes")]);
}

#[test]
fn the_title_waits_for_the_last_of_several_services() {
    let both = [("api", Restarting), ("jobs", Restarting)];
    let away = app_in_front().then(services(&both)).then(long_away(1)).then(long_away(2));
    let one = away.then(services(&[("api", Ready), ("jobs", Restarting)]));
    let back = services(&[("api", Ready), ("jobs", Ready)]);
    assert_eq!(one.on(back), [told("jobs", "back"), title("Notes")]);
}

#[test]
fn before_the_app_is_up_its_services_are_no_news() {
    let start = |state| status(AppPhase::Starting, &[("api", state)]);
    assert_eq!(splash().on(start(Restarting)), []);
    assert_eq!(splash().then(start(Restarting)).on(service(Ready)), []);
    assert_eq!(
        app_in_front().on(status(AppPhase::Stopping, &[("api", JobState::Stopping)])),
        [Action::CoverApp(OwnPageView::Status)]
    );
}

#[test]
fn a_service_that_is_away_is_forgotten_when_the_whole_app_has_failed() {
    let long = || away().then(long_away(1));
    let failed = [Action::CoverApp(OwnPageView::Status), title("Notes")];
    assert_eq!(long().on(status(AppPhase::Failed, &[("api", Failed)])), failed);
    assert_eq!(away().then(failed_app()).then(service(Ready)).on(long_away(1)), []);
}

fn failed_app() -> Event {
    super::failed()
}

#[test]
fn a_page_that_is_not_opened_is_told_nothing() {
    let story = beginning().then(WINDOW_MADE).then(PAINTED).then(setup());
    assert_eq!(story.on(service(Restarting)), [start_absence(1)]);
}

#[test]
fn a_service_that_was_given_up_is_in_the_title_for_a_while() {
    let news = [told("api", "failed"), title("api is not available – Notes"), start_notice(1)];
    assert_eq!(app_in_front().on(service(Failed)), news);
    assert_eq!(given_up().on(notice_over(1)), [title("Notes")]);
    assert_eq!(given_up().on(service(Failed)), []);
}

#[test]
fn it_is_there_as_long_as_any_other_notice() {
    // It was away before it was given up, and that has become a while only now.
    assert_eq!(away().then(service(Failed)).on(long_away(1)), []);
    // Another one is away, and comes back.
    let other = |state| services(&[("api", Failed), ("jobs", state)]);
    let away = || given_up().then(other(Restarting));
    assert_eq!(away().on(long_away(1)), []);
    assert_eq!(away().then(long_away(1)).on(other(Ready)), [told("jobs", "back")]);
    assert_eq!(away().then(long_away(1)).on(notice_over(1)), [title("Reconnecting… – Notes")]);
}

#[test]
fn it_is_there_until_its_own_time_is_over() {
    let second = app_in_front().then(downloaded("a.csv")).then(service(Failed));
    assert_eq!(second.on(notice_over(1)), []);
    let second = app_in_front().then(downloaded("a.csv")).then(service(Failed));
    assert_eq!(second.then(notice_over(1)).on(notice_over(2)), [title("Notes")]);
}

#[test]
fn its_time_begins_when_it_can_be_read() {
    let hidden = || beginning().then(ready()).then(WINDOW_MADE).then(ARRIVED).then(service(Failed));
    let seen = [Action::ShowWindow, title("api is not available – Notes"), start_notice(1)];
    assert_eq!(hidden().on(LOADED), seen);
}

#[test]
fn it_is_taken_back_when_the_service_is_tried_again() {
    let again = [told("api", "reconnecting"), start_absence(1), title("Notes")];
    assert_eq!(given_up().on(service(Restarting)), again);
    assert_eq!(given_up().on(service(Ready)), [told("api", "back"), title("Notes")]);
}

#[test]
fn a_download_is_in_the_title_for_a_while() {
    let saved = [title("Downloaded r.csv – Notes"), start_notice(1)];
    assert_eq!(app_in_front().on(downloaded("r.csv")), saved);
    let failed = [title("The download of r.csv failed – Notes"), start_notice(1)];
    assert_eq!(app_in_front().on(download(Some("/tmp/r.csv"), false)), failed);
    assert_eq!(app_in_front().then(downloaded("r.csv")).on(notice_over(1)), [title("Notes")]);
}

#[test]
fn the_latest_notice_takes_the_place_of_the_one_before() {
    let second = [title("Downloaded b – Notes"), start_notice(2)];
    assert_eq!(app_in_front().then(downloaded("a")).on(downloaded("b")), second);
}

#[test]
fn the_window_follows_a_title_that_was_edited() {
    let renamed = Event::Page(PageEvent::FirstPageChanged {
        url: NOTES.to_owned(),
        title: "My notes".to_owned(),
    });
    assert_eq!(app_in_front().on(renamed.clone()), [title("My notes")]);
    assert_eq!(given_up().on(renamed), [title("api is not available – My notes")]);
}

#[test]
fn a_name_cannot_end_the_script() {
    let actions = app_in_front().on(services(&[("a\"</script>", Failed)]));
    let script = r#"{"service":"a\"</script>","state":"failed"}"#;
    assert!(matches!(&actions[0], Action::RunScript(text) if text.contains(script)));
}
