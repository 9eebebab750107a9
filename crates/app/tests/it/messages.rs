//! What people read when something is refused.

use ensconce_app::{AppError, Mistake};
use ensconce_protocol::AppRequest;

use crate::world::{World, outcome, restore, save};

#[tokio::test]
async fn every_refusal_is_a_sentence() {
    let world = World::with_notes("1.0.0", "update");
    let app = world.start_up().await;
    let requests = app.requests();
    for request in [
        save("7", "nick", "x"),
        save("nick", "nick", "x"),
        restore("x"),
        AppRequest::Backup { database: "mian".to_owned() },
        AppRequest::Restore { database: "mian".to_owned(), id: "x".to_owned() },
    ] {
        let op = request.op();
        let outcome = outcome(&requests, request).await;
        let message = outcome.message.unwrap();
        let first = message.chars().next().unwrap();
        assert!(first.is_uppercase() && message.ends_with('.'), "{op}: {message}");
        assert!(!message.ends_with(".."), "{op}: {message}");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_app_that_is_in_use_is_told_by_its_process() {
    let world = World::with_notes("1.0.0", "update");
    let offline = world.hold().await;
    let error = world.try_start().await.err().unwrap();
    let text = error.to_string();
    assert_eq!(text, format!("Notes is in use (process {})", std::process::id()));
    assert_eq!(error.hints(), ["Wait until that is done, then try again"]);
    assert_eq!(error.mistake(), Mistake::Failure);
    offline.release().await;
    let app = world.start_up().await;
    let error = world.try_start().await.err().unwrap();
    assert!(matches!(&error, AppError::InUse { running: Some(_), .. }), "{error}");
    assert!(error.to_string().starts_with("Notes is running already (process "), "{error}");
    app.stop().await;
}
