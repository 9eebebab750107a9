//! Requests that other sites make.

use ensconce_gateway::Site;

use crate::service::{self, echo};
use crate::world::{Kind, ORIGIN, World, route, site};

const UPGRADE: [&str; 4] = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// CVE-2025-24010: any page could read, and open a WebSocket.
#[tokio::test]
async fn another_origin_gets_nothing_from_a_browser_that_has_the_session() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Browser, &service.address).await;
    let cookie = format!("Cookie: {}", world.enter().await);
    let own = format!("Origin: http://{}", world.address);
    let other_port = format!("Origin: http://127.0.0.1:{}", world.address.port() ^ 1);
    let secure = format!("Origin: https://{}", world.address);
    let foreign =
        ["Origin: http://evil.test", "Origin: http://items.localhost", &other_port, &secure];
    for method in ["GET", "POST", "PUT", "OPTIONS"] {
        assert_eq!(world.browser(method, "/", &[&cookie, &own]).await.status, 200, "{method}");
        for origin in foreign {
            let answer = world.browser(method, "/", &[&cookie, origin]).await;
            assert_eq!((answer.status, answer.kind().as_str()), (403, "forbidden"), "{origin}");
        }
    }
    for origin in foreign.into_iter().chain(["Origin: null"]) {
        let headers = [&UPGRADE[..], &[&cookie, origin]].concat();
        assert_eq!(world.browser("GET", "/ws", &headers).await.status, 403, "{origin}");
    }
}

#[tokio::test]
async fn an_origin_without_a_name_may_only_read() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let url = "http://items.localhost/";
    assert_eq!(world.window("GET", url, &["Origin: null"]).await.status, 200);
    assert_eq!(world.window("POST", url, &["Origin: null"]).await.status, 403);
    assert_eq!(world.window("DELETE", url, &["Origin: null"]).await.status, 403);
}

#[tokio::test]
async fn other_sites_may_link_but_not_fetch() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Browser, &service.address).await;
    let cookie = format!("Cookie: {}", world.enter().await);
    let fetch = |site: &str, mode: &str, destination: &str| {
        let headers = [
            format!("Sec-Fetch-Site: {site}"),
            format!("Sec-Fetch-Mode: {mode}"),
            format!("Sec-Fetch-Dest: {destination}"),
        ];
        let (world, cookie) = (&world, &cookie);
        async move {
            let [site, mode, destination] = &headers;
            world.browser("GET", "/", &[cookie, site, mode, destination]).await.status
        }
    };
    for site in ["cross-site", "same-site"] {
        assert_eq!(fetch(site, "no-cors", "image").await, 403);
        assert_eq!(fetch(site, "navigate", "iframe").await, 403);
        assert_eq!(fetch(site, "navigate", "document").await, 200);
    }
    assert_eq!(fetch("same-origin", "cors", "empty").await, 200);
    assert_eq!(fetch("none", "navigate", "document").await, 200);
}

#[tokio::test]
async fn a_routes_host_hears_the_pages_and_itself() {
    let service = service::tcp(echo).await;
    let routes = vec![route(Some("localhost:8000"), "/", false)];
    let world = World::ready(Site { routes, ..site() }, Kind::Proxy, &service.address).await;
    let url = "http://localhost:8000/api";
    let pages = format!("Origin: {ORIGIN}");
    let across = "Sec-Fetch-Site: cross-site";
    for origin in [pages.as_str(), "Origin: http://localhost:8000", "Origin: http://127.0.0.1:8000"]
    {
        assert_eq!(world.window("POST", url, &[origin, across]).await.status, 200, "{origin}");
        assert_eq!(world.window("OPTIONS", url, &[origin, across]).await.status, 200, "{origin}");
    }
    for origin in
        ["Origin: http://evil.test", "Origin: http://localhost:9", "Origin: https://localhost:8000"]
    {
        assert_eq!(world.window("POST", url, &[origin]).await.status, 403, "{origin}");
        let headers = [&UPGRADE[..], &[origin]].concat();
        assert_eq!(world.window("GET", url, &headers).await.status, 403, "{origin}");
    }
    let from_host = ["Origin: http://localhost:8000"];
    assert_eq!(world.window("POST", "http://items.localhost/", &from_host).await.status, 403);
}
