//! Closing: who is asked, and that nobody can keep the window open.

use super::*;

fn ask(question: u64) -> Action {
    Action::AskToClose(QuestionId(question))
}

#[test]
fn the_apps_page_is_asked_once() {
    assert_eq!(app_in_front().on(CLOSE_REQUESTED), [ask(1)]);
    assert_eq!(app_in_front().then(CLOSE_REQUESTED).on(answered(1, true)), [Action::StopApp]);
}

#[test]
fn a_user_who_stays_is_asked_again_next_time() {
    let stays = || app_in_front().then(CLOSE_REQUESTED).then(answered(1, false));
    assert_eq!(app_in_front().then(CLOSE_REQUESTED).on(answered(1, false)), []);
    assert_eq!(stays().on(CLOSE_REQUESTED), [ask(2)]);
    assert_eq!(stays().then(CLOSE_REQUESTED).on(answered(2, true)), [Action::StopApp]);
}

#[test]
fn a_page_that_does_not_answer_cannot_keep_the_window_open() {
    assert_eq!(app_in_front().then(CLOSE_REQUESTED).on(CLOSE_REQUESTED), [Action::StopApp]);
}

#[test]
fn a_page_that_came_after_the_question_is_asked_too() {
    let another = || app_in_front().then(CLOSE_REQUESTED).then(LOADED);
    assert_eq!(another().on(CLOSE_REQUESTED), [ask(2)]);
    assert_eq!(another().then(CLOSE_REQUESTED).on(CLOSE_REQUESTED), [Action::StopApp]);
}

#[test]
fn an_answer_counts_until_the_page_is_asked_again() {
    let another = || app_in_front().then(CLOSE_REQUESTED).then(LOADED);
    assert_eq!(another().on(answered(1, true)), [Action::StopApp]);
    assert_eq!(another().then(CLOSE_REQUESTED).on(answered(1, true)), []);
    assert_eq!(
        app_in_front().then(CLOSE_REQUESTED).then(CLOSE_REQUESTED).on(answered(1, true)),
        []
    );
}

#[test]
fn nobody_is_asked_while_the_app_is_covered() {
    let covered = [splash(), splash().then(failed()), app_in_front().then(SETTINGS_REQUESTED)];
    for story in covered {
        assert_eq!(story.on(CLOSE_REQUESTED), [Action::StopApp]);
    }
    assert_eq!(no_app().on(CLOSE_REQUESTED), [Action::StopApp]);
}

#[test]
fn whoever_quits_is_not_asked() {
    for story in [splash(), app_in_front(), no_app()] {
        assert_eq!(story.on(QUIT_REQUESTED), [Action::StopApp]);
    }
}

#[test]
fn each_request_is_passed_on_while_the_app_is_closing() {
    let told = || app_in_front().then(QUIT_REQUESTED);
    assert_eq!(told().on(CLOSE_REQUESTED), [Action::StopApp]);
    assert_eq!(told().on(LOADED), []);
}
