//! Services that die while requests are on their way to them.

use std::time::Duration;

use ensconce_gateway::{Backend, Limits, Site};
use tokio::sync::mpsc;

use crate::client::{Answer, Line};
use crate::service::{self, echo, head};
use crate::upgrades::UPGRADE;
use crate::world::{Kind, World, site};

const URL: &str = "http://items.localhost/";

/// A site whose gateway is patient: what it waits for has to come from the test.
fn patient() -> Site {
    let long = Duration::from_secs(300);
    Site { limits: Limits { refused: long, wait_for_service: long, ..Limits::default() }, ..site() }
}

/// A service that reads each request and hangs up, as one does that is just dying, and says so.
async fn dying() -> (service::Service, mpsc::UnboundedReceiver<()>) {
    let (told, hung_up) = mpsc::unbounded_channel();
    let service = service::scripted(move |mut stream| {
        let told = told.clone();
        async move {
            head(&mut stream).await;
            drop(stream);
            told.send(()).unwrap();
        }
    })
    .await;
    (service, hung_up)
}

/// Starts a request that two connections of a dying service take, and then the service again.
async fn across_a_restart(method: &str, headers: &[&str]) -> Answer {
    let (dying, mut hung_up) = dying().await;
    let world = World::ready(patient(), Kind::Proxy, &dying.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied(method, URL, headers)).await;
    for _ in 0..2 {
        hung_up.recv().await.unwrap();
    }
    let restarted = service::tcp(echo).await;
    world.backends.publish("api", Backend::Restarting);
    world.backends.publish("api", Backend::Ready(restarted.address.clone()));
    line.answer(method).await
}

/// The second try met the process that was still ending, and its failure was the answer.
#[tokio::test]
async fn a_request_that_can_be_repeated_waits_for_the_restart() {
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(across_a_restart(method, &[]).await.status, 200, "{method}");
    }
}

#[tokio::test]
async fn the_request_that_opens_a_websocket_waits_too() {
    assert_eq!(across_a_restart("GET", &UPGRADE).await.status, 200);
}

#[tokio::test]
async fn a_crash_that_ends_in_a_failure_is_told_as_one() {
    let (dying, mut hung_up) = dying().await;
    let world = World::ready(patient(), Kind::Proxy, &dying.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    for _ in 0..2 {
        hung_up.recv().await.unwrap();
    }
    world.backends.publish("api", Backend::Failed("It ended too often".to_owned()));
    let answer = line.answer("GET").await;
    assert_eq!((answer.status, answer.kind().as_str()), (503, "failed"));
}

/// A request that makes the service crash would otherwise do so for as long as it is restarted.
#[tokio::test]
async fn a_request_that_kills_its_service_does_so_three_times_at_most() {
    let (dying, mut hung_up) = dying().await;
    let world = World::ready(patient(), Kind::Proxy, &dying.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    for _ in 0..3 {
        hung_up.recv().await.unwrap();
        world.backends.publish("api", Backend::Restarting);
        world.backends.publish("api", Backend::Ready(dying.address.clone()));
    }
    let answer = line.answer("GET").await;
    assert_eq!((answer.status, answer.kind().as_str()), (502, "bad_gateway"));
    assert!(hung_up.try_recv().is_err());
}

/// Nobody can tell how much of it was done.
#[tokio::test]
async fn a_request_that_cannot_be_repeated_is_not() {
    let (dying, mut hung_up) = dying().await;
    let world = World::ready(patient(), Kind::Proxy, &dying.address).await;
    for (method, headers) in [("POST", "Content-Length: 0"), ("GET", "Content-Length: 3")] {
        let mut line = Line::open(world.address).await;
        line.send(world.proxied(method, URL, &[headers])).await;
        line.send(if method == "GET" { "abc" } else { "" }).await;
        assert_eq!(line.answer(method).await.status, 502, "{method}");
        hung_up.recv().await.unwrap();
    }
    assert!(hung_up.try_recv().is_err());
}

/// Once a service is known to be gone, no request is lost on a connection to its last process.
#[tokio::test]
async fn a_kept_connection_is_not_used_after_a_restart() {
    let first = service::tcp(echo).await;
    let world = World::ready(patient(), Kind::Proxy, &first.address).await;
    let post = world.proxied("POST", URL, &["Content-Length: 0"]);
    let mut line = Line::open(world.address).await;
    line.send(&post).await;
    assert_eq!(line.answer("POST").await.status, 200);
    world.backends.publish("api", Backend::Restarting);
    // The same address, where another process listens by now.
    world.backends.publish("api", Backend::Ready(first.address.clone()));
    line.send(&post).await;
    assert_eq!(line.answer("POST").await.status, 200);
    assert_eq!(first.connections(), 2);
}
