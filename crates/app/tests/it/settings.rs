//! Answers that are kept, whoever else keeps some meanwhile.

use ensconce_protocol::{AppPhase, AppRequest, AppResponse, JobState};
use serde_json::json;

use crate::world::{World, done, outcome, save, soon, state_of, wait_for};

/// Two pages; the check of the first takes as long as the test wants.
const PAGES: &str = r#"
[service.api]
command = ["sleep", "1000"]
env = { MARK = "x" }

[[setup.page]]
title = "One"
fields = [{ name = "one", label = "One", default = "1", env = "ONE" }]
check = { command = ["sh", "-c", "touch ../checking; until [ -e ../go-on ]; do sleep 0.02; done"] }

[[setup.page]]
title = "Two"
fields = [{ name = "two", label = "Two", default = "2" }]
"#;

#[tokio::test]
async fn pages_that_are_saved_at_once_are_both_kept() {
    let world = World::new("1.0.0", PAGES);
    let app = world.start_up().await;
    let requests = app.requests();
    let first = tokio::spawn({
        let requests = requests.clone();
        async move { done(&requests, save("0", "one", "first")).await }
    });
    while !world.path("checking").exists() {
        tokio::task::yield_now().await;
    }
    done(&requests, save("1", "two", "second")).await;
    std::fs::write(world.path("go-on"), "").unwrap();
    first.await.unwrap();
    let AppResponse::Description(description) = requests.handle(AppRequest::Describe).await else {
        panic!("no description");
    };
    let value = |page: usize| description.pages[page].fields[0].value.clone();
    assert_eq!((value(0), value(1)), (json!("first"), json!("second")));
    app.stop().await;
    let kept = std::fs::read_to_string(world.data(".ensconce/settings.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["answers"], json!({ "one": "first", "two": "second" }));
}

/// A service is given what is asked, and nothing else: an answer that only changes what is asked
/// changes what it is given.
#[tokio::test]
async fn an_answer_that_hides_a_field_restarts_who_was_given_it() {
    let world = World::new(
        "1.0.0",
        r#"
[service.api]
command = ["sh", "-c", "echo \"A=$A B=$B\" >> {data}/given; exec sleep 1000"]

[[setup.page]]
title = "Which"

[[setup.page.fields]]
name = "which"
type = "choice"
label = "Which"
choices = ["a", "b"]
default = "a"

[[setup.page.fields]]
name = "a"
label = "A"
env = "A"
default = "one"
show_if = { which = "a" }

[[setup.page.fields]]
name = "b"
label = "B"
env = "B"
default = "two"
show_if = { which = "b" }
"#,
    );
    let app = world.start_up().await;
    let given = || std::fs::read_to_string(world.data("given")).unwrap_or_default();
    soon("the first start", || given() == "A=one B=\n").await;
    let said = done(&app.requests(), save("0", "which", "b")).await;
    assert_eq!(said.message.as_deref(), Some("Restarting api"));
    soon("the second start", || given() == "A=one B=\nA= B=two\n").await;
    // Nothing is restarted for an answer that it had.
    let said = done(&app.requests(), save("0", "which", "b")).await;
    assert_eq!(said.message, None);
    app.stop().await;
    assert_eq!(given().lines().count(), 2);
}

#[tokio::test]
async fn what_waits_for_answers_starts_with_them() {
    let world = World::new(
        "1.0.0",
        r#"
[service.early]
command = ["sleep", "1000"]

[service.late]
command = ["sleep", "1000"]
env = { KEY = "{setup.key}" }

[[setup.page]]
title = "Key"
fields = [{ name = "key", label = "Key" }]
"#,
    );
    let app = world.start().await;
    let status = wait_for(&app, "the early one", |status| {
        state_of(status, "early") == Some(JobState::Ready)
    })
    .await;
    assert_eq!((status.phase, state_of(&status, "late")), (AppPhase::Setup, None));
    let refused = outcome(&app.requests(), AppRequest::Finish).await;
    assert_eq!(refused.message.as_deref(), Some("Some answers are still needed."));
    done(&app.requests(), save("0", "key", "k")).await;
    done(&app.requests(), AppRequest::Finish).await;
    let status = wait_for(&app, "the app to be up", |status| status.phase == AppPhase::Ready).await;
    assert_eq!(state_of(&status, "late"), Some(JobState::Ready));
    app.stop().await;
}
