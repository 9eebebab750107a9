//! What people and scripts read in place of an answer.

use ensconce_gateway::Backend;

use crate::client::Answer;
use crate::world::{Kind, World, site};

const PERSON: &str = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

fn data(answer: &Answer) -> serde_json::Value {
    let text = answer.text();
    let (_, rest) = text.split_once(r#"<script type="application/json" id="notice">"#).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn a_person_gets_the_page() {
    let world = World::start(site(), Kind::Proxy).await;
    world.backends.publish("api", Backend::Failed("</script><script>".to_owned()));
    let answer = world.window("GET", "http://items.localhost/", &[PERSON]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.ends_with("frame-ancestors 'none'"));
    let expected = serde_json::json!({
        "kind": "failed", "app": "Items", "service": "api", "retry_ms": null, "target": null,
    });
    assert_eq!(data(&answer), expected);
}

#[tokio::test]
async fn a_blocked_target_is_named_and_harmless() {
    let world = World::start(site(), Kind::Proxy).await;
    let answer = world.window("GET", "http://evil.test:81/x", &[PERSON]).await;
    let data = data(&answer);
    assert_eq!(
        (answer.status, &data["kind"], &data["target"]),
        (403, &"blocked".into(), &"evil.test:81".into())
    );
}

#[tokio::test]
async fn a_script_gets_json() {
    let world = World::start(site(), Kind::Browser).await;
    let json = world.browser("GET", "/", &[PERSON, "Sec-Fetch-Dest: empty"]).await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!((json.status, json.kind().as_str()), (401, "no_session"));
    let page = world.browser("GET", "/", &[PERSON]).await;
    assert_eq!(data(&page)["kind"], "no_session");
    let head = world.browser("HEAD", "/", &[PERSON]).await;
    assert_eq!((head.status, head.body.len()), (401, 0));
}
