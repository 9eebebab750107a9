//! What a client cannot do for ever.

use std::time::Duration;

use ensconce_gateway::{Limits, Site};

use crate::client::Line;
use crate::service::{self, echo};
use crate::world::{Kind, World, site};

async fn world(change: impl FnOnce(&mut Limits)) -> (World, service::Service) {
    let mut limits = Limits::default();
    change(&mut limits);
    let service = service::tcp(echo).await;
    (World::ready(Site { limits, ..site() }, Kind::Proxy, &service.address).await, service)
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let (world, _service) = world(|limits| limits.keep_alive = Duration::from_millis(50)).await;
    let request = world.proxied("GET", "http://items.localhost/", &[]);
    loop {
        let mut line = Line::open(world.address).await;
        // On a busy machine, the first request itself may be too slow.
        if line.try_send(&request).await && line.more().await {
            assert_eq!(line.answer("GET").await.status, 200);
            assert!(line.ended().await.is_empty());
            return;
        }
    }
}

#[tokio::test]
async fn a_head_has_a_size() {
    let (world, _service) = world(|_| {}).await;
    let long = |length| format!("X-Long: {}", "x".repeat(length));
    let url = "http://items.localhost/";
    assert_eq!(world.window("GET", url, &[&long(60_000)]).await.status, 200);
    assert_eq!(world.window("GET", url, &[&long(66_000)]).await.status, 431);
    let many: Vec<String> = (0..200).map(|number| format!("X-{number}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(world.window("GET", url, &many).await.status, 431);
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let service = service::tcp(|_| std::future::pending()).await;
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let world = World::ready(Site { limits, ..site() }, Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", "http://items.localhost/", &[])).await;
    assert_eq!(world.window("GET", "http://evil.test/", &[]).await.status, 403);
    world.stop().await;
    assert!(line.ended().await.is_empty());
}

#[tokio::test]
async fn a_request_that_waits_is_let_go_at_the_stop() {
    let world = World::start(site(), Kind::Proxy).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", "http://items.localhost/", &[])).await;
    assert_eq!(world.window("GET", "http://evil.test/", &[]).await.status, 403);
    world.stop().await;
    // Read before the stop, it is told; still unread, its connection just ends.
    let text = String::from_utf8(line.ended().await).unwrap();
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 503"), "{text}");
}
