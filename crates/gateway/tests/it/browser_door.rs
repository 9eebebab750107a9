//! A plain browser's way in.

use std::sync::atomic::{AtomicUsize, Ordering};

use ensconce_gateway::{SettingsPage, Site};

use crate::client::{Line, ask};
use crate::service::{self, echo, full};
use crate::world::{Kind, World, site};

async fn world_with(site: Site) -> (World, service::Service) {
    let service = service::tcp(echo).await;
    (World::ready(site, Kind::Browser, &service.address).await, service)
}

async fn world() -> (World, service::Service) {
    world_with(site()).await
}

fn link_path(world: &World) -> String {
    let link = world.session.entry_url(world.address).unwrap();
    link.strip_prefix(&format!("http://{}", world.address)).unwrap().to_owned()
}

#[tokio::test]
async fn a_link_opens_the_session_once() {
    let (world, _service) = world_with(Site { start_path: "/start".to_owned(), ..site() }).await;
    let path = link_path(&world);
    let answer = world.browser("GET", &path, &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), Some("/start"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("ensconce_com.example.items="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");

    let used = world.browser("GET", &path, &[]).await;
    assert_eq!((used.status, used.kind().as_str()), (401, "link_used"));
    assert!(used.header("set-cookie").is_none());

    let cookie = format!("Cookie: {}", cookie.split(';').next().unwrap());
    let again = world.browser("GET", &path, &[&cookie]).await;
    assert_eq!((again.status, again.header("location")), (303, Some("/start")));
    assert_eq!(world.browser("GET", "/x", &[&cookie]).await.status, 200);
}

/// CVE-2026-40934: the secret outlived the server. A cookie of another launch is nothing here.
#[tokio::test]
async fn only_this_launch_knows_its_cookie() {
    let (world, service) = world().await;
    let old = World::start(site(), Kind::Browser).await.enter().await;
    for cookie in [old.as_str(), "ensconce_com.example.items=", "ensconce_com.example.items", "a=b"]
    {
        let answer = world.browser("GET", "/", &[&format!("Cookie: {cookie}")]).await;
        assert_eq!((answer.status, answer.kind().as_str()), (401, "no_session"), "{cookie}");
    }
    assert_eq!(service.connections(), 0);
}

/// CVE-2024-28179: requests were checked, WebSocket upgrades were not.
#[tokio::test]
async fn without_the_cookie_nothing_is_reached() {
    let (world, service) = world().await;
    let upgrade = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: eA==",
    ];
    assert_eq!(world.browser("GET", "/ws", &upgrade).await.status, 401);
    for method in ["GET", "POST", "OPTIONS", "HEAD", "DELETE"] {
        assert_eq!(world.browser(method, "/", &[]).await.status, 401, "{method}");
    }
    let path = link_path(&world);
    assert_eq!(world.browser("POST", &path, &[]).await.status, 401);
    assert_eq!(service.connections(), 0);
}

/// CVE-2024-28224, CVE-2025-66414, CVE-2025-24010: DNS rebinding, and what Ollama still allows.
#[tokio::test]
async fn only_this_gateways_own_hosts_are_answered() {
    let (world, service) = world().await;
    let cookie = world.enter().await;
    let port = world.address.port();
    let other_port = port.wrapping_add(1);
    let with_hosts = |hosts: String| format!("GET / HTTP/1.1\r\n{hosts}Cookie: {cookie}\r\n\r\n");
    for host in ["127.0.0.1", "localhost", "[::1]", "LocalHost", "items.localhost"] {
        let request = with_hosts(format!("Host: {host}:{port}\r\n"));
        assert_eq!(ask(world.address, &request).await.status, 200, "{host}");
    }
    let before = service.connections();
    for host in [
        "Host: \r\n".to_owned(),
        String::new(),
        format!("Host: evil.test:{port}\r\n"),
        format!("Host: evil.localhost:{port}\r\n"),
        format!("Host: machine.local:{port}\r\n"),
        format!("Host: machine.internal:{port}\r\n"),
        format!("Host: 127.0.0.1.evil.test:{port}\r\n"),
        format!("Host: user@127.0.0.1:{port}\r\n"),
        format!("Host: 127.0.0.2:{port}\r\n"),
        format!("Host: 0.0.0.0:{port}\r\n"),
        format!("Host: localhost:{other_port}\r\n"),
        "Host: localhost\r\n".to_owned(),
        format!("Host: localhost:{port}\r\nHost: localhost:{port}\r\n"),
        format!("Host: localhost.:{port}\r\n"),
    ] {
        let answer = ask(world.address, &with_hosts(host.clone())).await;
        assert_eq!((answer.status, answer.kind().as_str()), (403, "forbidden"), "{host}");
    }
    assert_eq!(service.connections(), before);
}

#[tokio::test]
async fn it_is_no_proxy() {
    let (world, _service) = world().await;
    let address = world.address;
    for line in [format!("GET http://{address}/ HTTP/1.1"), format!("CONNECT {address} HTTP/1.1")] {
        let request = format!("{line}\r\nHost: {address}\r\n\r\n");
        assert_eq!(ask(world.address, &request).await.status, 400, "{line}");
    }
}

/// CVE-2020-26232: the login sent people on to any address.
#[tokio::test]
async fn a_link_never_leads_away() {
    let (world, _service) = world().await;
    for (path, landing) in [
        ("//evil.test/", "/"),
        ("/\\evil.test/", "/"),
        ("/a/\\evil.test", "/"),
        ("/%5cevil.test", "/%5cevil.test"),
        ("/%0d%0aX:y", "/%0d%0aX:y"),
        ("/a?next=//evil.test", "/a?next=//evil.test"),
    ] {
        let token = link_path(&world).split_once('=').unwrap().1.to_owned();
        let separator = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{separator}ensconce_token={token}");
        let answer = world.browser("GET", &path, &[]).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(landing)), "{path}");
    }
}

#[tokio::test]
async fn no_secret_reaches_a_service() {
    let (world, _service) = world().await;
    let cookie = world.enter().await;
    let headers = [
        &format!("Cookie: a=1; {cookie}; b=2"),
        "Referer: http://127.0.0.1/?ensconce_token=secret",
        "Proxy-Authorization: Basic x",
    ];
    let answer = world.browser("POST", "/x?ensconce_token=secret&y=1", &headers).await;
    let text = answer.text();
    assert!(text.starts_with("POST /x?y=1\n"), "{text}");
    assert!(text.contains("\ncookie: a=1; b=2\n"), "{text}");
    for word in ["secret", "ensconce", "proxy-authorization"] {
        assert!(!text.contains(word), "{text}");
    }
}

#[tokio::test]
async fn a_service_cannot_set_the_gateways_cookie() {
    let service = service::tcp(|_| async {
        http::Response::builder()
            .header("set-cookie", "ensconce_com.example.items=evil; Path=/x")
            .header("set-cookie", "=ensconce_com.example.items=evil")
            .header("set-cookie", "own=1")
            .body(full(""))
            .unwrap()
    })
    .await;
    let world = World::ready(site(), Kind::Browser, &service.address).await;
    let cookie = format!("Cookie: {}", world.enter().await);
    let answer = world.browser("GET", "/", &[&cookie]).await;
    assert_eq!(answer.headers("set-cookie"), ["own=1"]);
}

#[tokio::test]
async fn the_right_cookie_counts_among_false_ones() {
    let (world, _service) = world().await;
    let cookie = world.enter().await;
    let cookies = format!("Cookie: ensconce_com.example.items=false; {cookie}");
    assert_eq!(world.browser("GET", "/", &[&cookies]).await.status, 200);
}

/// Zoom, 2019: the server stayed when the app was gone.
#[tokio::test]
async fn after_the_stop_nobody_answers() {
    let (world, _service) = world().await;
    let address = world.address;
    let mut idle = Line::open(address).await;
    world.stop().await;
    assert!(idle.ended().await.is_empty());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_link_leads_to_the_settings_and_back() {
    let made = AtomicUsize::new(0);
    let settings = SettingsPage::new(move |back| {
        let number = made.fetch_add(1, Ordering::Relaxed);
        Some(format!("http://127.0.0.1:1/setup/#token={number}&back={back}"))
    });
    let site = Site { settings: Some(settings), start_path: "/start".to_owned(), ..site() };
    let (world, service) = world_with(site).await;
    let cookie = format!("Cookie: {}", world.enter().await);
    // An address works once, so that each request gets another one.
    for number in 0..2 {
        let answer = world.browser("GET", "/.ensconce/settings", &[&cookie]).await;
        let back = format!("http://{}/start", world.address);
        let there = format!("http://127.0.0.1:1/setup/#token={number}&back={back}");
        assert_eq!((answer.status, answer.header("location")), (303, Some(there.as_str())));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    // Nobody else learns the token.
    let answer = world.browser("GET", "/.ensconce/settings", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (401, None));
    assert_eq!(service.connections(), 0);
}
