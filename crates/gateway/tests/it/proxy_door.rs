//! The window's way in.

use ensconce_gateway::{Event, Site};

use crate::client::{Line, ask};
use crate::service::{self, echo};
use crate::world::{Kind, ORIGIN, World, route, site};

async fn world_with(site: Site) -> (World, service::Service) {
    let service = service::tcp(echo).await;
    (World::ready(site, Kind::Proxy, &service.address).await, service)
}

#[tokio::test]
async fn the_site_is_served_in_absolute_form() {
    let (world, _service) = world_with(site()).await;
    let answer = world.window("GET", "http://items.localhost/a%20b?c=d", &[]).await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(text.starts_with("GET /a%20b?c=d\n"), "{text}");
    assert!(text.contains("\nhost: items.localhost\n"), "{text}");
    assert!(!text.contains("proxy-authorization"), "{text}");
    let port = world.window("GET", "http://items.localhost:80/", &[]).await;
    assert!(port.text().contains("\nhost: items.localhost:80\n"), "{}", port.text());
}

/// CVE-2024-28179: requests were checked, WebSocket upgrades were not.
#[tokio::test]
async fn without_credentials_every_answer_is_the_same() {
    let (world, service) = world_with(site()).await;
    let wrong = "Proxy-Authorization: Basic ZW5zY29uY2U6d3Jvbmc=\r\n";
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut seen = std::collections::BTreeSet::new();
    for (line, host) in [
        ("GET http://items.localhost/ HTTP/1.1", "items.localhost"),
        ("GET http://evil.test/ HTTP/1.1", "evil.test"),
        ("POST http://items.localhost/../x HTTP/1.1", "other"),
        ("GET / HTTP/1.1", "127.0.0.1"),
        ("OPTIONS * HTTP/1.1", "x"),
        ("CONNECT items.localhost:80 HTTP/1.1", "items.localhost:80"),
        ("CONNECT evil.test:443 HTTP/1.1", "evil.test:443"),
    ] {
        for headers in ["", wrong, upgrade] {
            let request = format!("{line}\r\nHost: {host}\r\n{headers}\r\n");
            let answer = ask(world.address, &request).await;
            assert_eq!(answer.status, 407, "{request}");
            assert_eq!(answer.header("proxy-authenticate"), Some("Basic realm=\"Ensconce\""));
            assert_eq!(answer.text(), "");
            let head = answer.head.lines().filter(|line| !line.starts_with("date:"));
            seen.insert(head.collect::<Vec<_>>().join("\n"));
        }
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(service.connections(), 0);
}

/// WebKit gave up on every JSON request to a route's host, because its preflight met a 407.
#[tokio::test]
async fn the_pages_may_ask_before_a_request_to_a_routes_host() {
    let mut site = site();
    site.routes.push(route(Some("localhost:8000"), "/", false));
    let (world, service) = world_with(site).await;
    let preflight = |target: &str, host: &str, origin: &str| {
        format!(
            "OPTIONS {target} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n\
             Access-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: content-type\r\n\r\n"
        )
    };
    let api = ("http://localhost:8000/api", "localhost:8000");
    let answer = ask(world.address, &preflight(api.0, api.1, ORIGIN)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("content-type"));
    for (target, host, origin) in [
        (api.0, api.1, "http://evil.test"),
        (api.0, api.1, "null"),
        ("http://localhost:8001/api", "localhost:8001", ORIGIN),
        ("http://items.localhost/api", "items.localhost", ORIGIN),
        ("http://evil.test/", "evil.test", ORIGIN),
        ("/api", "localhost:8000", ORIGIN),
    ] {
        let answer = ask(world.address, &preflight(target, host, origin)).await;
        assert_eq!(answer.status, 407, "{target} {origin}");
    }
    assert_eq!(service.connections(), 0);
}

#[tokio::test]
async fn a_client_that_is_sending_hears_that_it_needs_credentials() {
    let (world, _service) = world_with(site()).await;
    let mut line = Line::open(world.address).await;
    let length = "Content-Length: 200000";
    let url = "http://items.localhost/";
    let bare = format!("POST {url} HTTP/1.1\r\nHost: items.localhost\r\n{length}\r\n\r\n");
    let body = "x".repeat(200_000);
    for (head, status) in [(bare, 407), (world.proxied("POST", url, &[length]), 200)] {
        line.send(head).await;
        line.send(&body).await;
        assert_eq!(line.answer("POST").await.status, status);
    }
}

#[tokio::test]
async fn loopback_spellings_are_one_host() {
    let (world, _service) =
        world_with(Site { routes: vec![route(Some("localhost:8000"), "/", false)], ..site() })
            .await;
    for host in ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"] {
        let answer = world.window("GET", &format!("http://{host}/api/x"), &[]).await;
        assert_eq!(answer.status, 200, "{host}");
        assert!(answer.text().contains(&format!("\nhost: {host}\n")), "{}", answer.text());
    }
    assert_eq!(world.window("GET", "http://localhost:8001/", &[]).await.status, 403);
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_and_told() {
    let (mut world, _service) = world_with(site()).await;
    for url in ["http://evil.test/", "http://localhost:9/", "http://items.localhost:81/"] {
        let answer = world.window("GET", url, &["Accept: application/json"]).await;
        assert_eq!((answer.status, answer.kind().as_str()), (403, "blocked"), "{url}");
        let Event::Refused { origin, why } = world.events.recv().await.unwrap() else {
            panic!("Expected a refusal");
        };
        assert_eq!(origin, url.trim_end_matches('/'));
        assert!(why.contains(origin.trim_start_matches("http://")), "{origin}: {why}");
    }
    for (target, expected) in [
        ("evil.test:443", "https://evil.test"),
        ("evil.test:8443", "https://evil.test:8443"),
        ("evil.test:80", "https://evil.test:80"),
    ] {
        let authorization = world.authorization();
        let request = format!("CONNECT {target} HTTP/1.1\r\n{authorization}\r\n\r\n");
        assert_eq!(ask(world.address, &request).await.status, 403);
        let event = world.events.recv().await.unwrap();
        assert!(
            matches!(&event, Event::Refused { origin, .. } if origin == expected),
            "{target}: {event:?}"
        );
    }
}

#[tokio::test]
async fn two_addresses_in_one_request_are_refused() {
    let (world, service) = world_with(site()).await;
    for hosts in
        ["Host: evil.test", "Host: items.localhost\r\nHost: items.localhost", "X: y", "Host:"]
    {
        let authorization = world.authorization();
        let request = format!("GET {ORIGIN}/ HTTP/1.1\r\n{hosts}\r\n{authorization}\r\n\r\n");
        assert_eq!(ask(world.address, &request).await.status, 400, "{hosts}");
    }
    for url in
        ["http://user@items.localhost/", "https://items.localhost/", "ftp://items.localhost/"]
    {
        assert_eq!(world.window("GET", url, &[]).await.status, 400, "{url}");
    }
    assert_eq!(service.connections(), 0);
}

#[tokio::test]
async fn the_origin_form_is_no_proxy_request() {
    let (world, _service) = world_with(site()).await;
    let authorization = world.authorization();
    let request = format!("GET / HTTP/1.1\r\nHost: items.localhost\r\n{authorization}\r\n\r\n");
    assert_eq!(ask(world.address, &request).await.status, 400);
}

#[tokio::test]
async fn allowed_remote_hosts_are_forwarded_in_plain() {
    let remote = service::tcp(echo).await;
    let ensconce_gateway::Address::Tcp(address) = remote.address else { unreachable!() };
    let origin = format!("http://{address}");
    let allow = vec![origin.parse().unwrap()];
    let (world, _service) = world_with(Site { allow, ..site() }).await;
    let headers = ["X-Forwarded-For: kept", "Connection: X-Hop", "X-Hop: 1"];
    let answer = world.window("GET", &format!("{origin}/x?y"), &headers).await;
    let text = answer.text();
    assert!(text.starts_with("GET /x?y\n"), "{text}");
    assert!(text.contains(&format!("\nhost: {address}\n")), "{text}");
    assert!(text.contains("x-forwarded-for: kept"), "{text}");
    for ended in ["proxy-authorization", "x-hop", "x-forwarded-host", "forwarded: "] {
        assert!(!text.contains(&format!("\n{ended}")), "{text}");
    }
}

/// Services of this machine trust its own addresses, and a star is about other machines.
#[tokio::test]
async fn a_star_leads_to_no_address_of_this_machine() {
    let interfaces = if_addrs::get_if_addrs().unwrap();
    // Without a scope, a link-local address of the sixth version leads nowhere.
    let reachable = |ip: &std::net::IpAddr| !ip.to_string().starts_with("fe80");
    for ip in interfaces.iter().map(if_addrs::Interface::ip).filter(reachable) {
        let (listener, _reserved) = listener_on(ip).await;
        let port = listener.local_addr().unwrap().port();
        let own = service::tcp_on(listener, echo);
        let host = match ip {
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let url = format!("http://{host}:{port}/");
        let allow = vec!["*".parse().unwrap()];
        let (mut world, _service) = world_with(Site { allow, ..site() }).await;
        let answer = world.window("GET", &url, &[]).await;
        assert_eq!((answer.status, answer.kind().as_str()), (403, "blocked"), "{url}");
        assert!(matches!(world.events.recv().await.unwrap(), Event::Refused { .. }));
        let authorization = world.authorization();
        let connect = format!("CONNECT {host}:{port} HTTP/1.1\r\n{authorization}\r\n\r\n");
        assert_eq!(ask(world.address, &connect).await.status, 403, "{url}");
        assert_eq!(own.connections(), 0);
        // Named, it may be reached.
        let allow = vec!["*".parse().unwrap(), url.trim_end_matches('/').parse().unwrap()];
        let (world, _service) = world_with(Site { allow, ..site() }).await;
        let answer = world.window("GET", &url, &[]).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
    }
}

/// Listens on a free port of an address. Every loopback address is one host, whose addresses are
/// tried one after the other: the port is kept from others there, without being listened on.
async fn listener_on(
    ip: std::net::IpAddr,
) -> (tokio::net::TcpListener, Option<tokio::net::TcpSocket>) {
    loop {
        let listener = tokio::net::TcpListener::bind((ip, 0)).await.unwrap();
        if ip != std::net::Ipv6Addr::LOCALHOST {
            return (listener, None);
        }
        let reserved = tokio::net::TcpSocket::new_v4().unwrap();
        let port = listener.local_addr().unwrap().port();
        if reserved.bind((std::net::Ipv4Addr::LOCALHOST, port).into()).is_ok() {
            return (listener, Some(reserved));
        }
    }
}

#[tokio::test]
async fn a_tunnel_leads_to_an_allowed_host() {
    let remote = service::tcp(echo).await;
    let ensconce_gateway::Address::Tcp(address) = remote.address else { unreachable!() };
    let allow = vec![format!("https://{address}").parse().unwrap()];
    let (world, _service) = world_with(Site { allow, ..site() }).await;
    let mut line = Line::open(world.address).await;
    let authorization = world.authorization();
    let connect =
        format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{authorization}\r\n\r\n");
    line.send(&connect).await;
    assert_eq!(line.answer("CONNECT").await.status, 200);
    line.send("GET /inside HTTP/1.1\r\nHost: anything\r\n\r\n").await;
    assert!(line.answer("GET").await.text().starts_with("GET /inside\nhost: anything\n"));
    world.stop().await;
    assert!(line.ended().await.is_empty());
}

#[tokio::test]
async fn a_tunnel_to_nobody_is_a_bad_gateway() {
    // Bound, so that nobody else takes the port, and not listened on.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = socket.local_addr().unwrap();
    let allow = vec![format!("https://{closed}").parse().unwrap()];
    let (world, _service) = world_with(Site { allow, ..site() }).await;
    let request = format!("CONNECT {closed} HTTP/1.1\r\n{}\r\n\r\n", world.authorization());
    assert_eq!(ask(world.address, &request).await.status, 502);
}

#[tokio::test]
async fn a_tunnel_to_the_app_itself_leads_inside() {
    let routes = vec![route(Some("localhost:8000"), "/ws", false)];
    let (world, _service) = world_with(Site { routes, ..site() }).await;
    for (target, path, status) in [
        ("items.localhost:80", "/x", 200),
        ("127.0.0.1:8000", "/ws", 200),
        ("localhost:8000", "/x", 404),
    ] {
        let mut line = Line::open(world.address).await;
        line.send(format!("CONNECT {target} HTTP/1.1\r\n{}\r\n\r\n", world.authorization())).await;
        assert_eq!(line.answer("CONNECT").await.status, 200);
        for (host, status) in [(target, status), ("evil.test", 400)] {
            line.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
            assert_eq!(line.answer("GET").await.status, status, "{target} {host}");
        }
        line.send(format!("CONNECT evil.test:443 HTTP/1.1\r\nHost: {target}\r\n\r\n")).await;
        assert_eq!(line.answer("GET").await.status, 400);
    }
}

#[tokio::test]
async fn the_first_page_is_told_once() {
    let service = service::tcp(|_| async {
        http::Response::builder()
            .header("content-type", "text/html; charset=utf-8")
            .body(service::full("<p>"))
            .unwrap()
    })
    .await;
    let mut world = World::ready(site(), Kind::Proxy, &service.address).await;
    for _ in 0..2 {
        world.window("GET", "http://items.localhost/", &[]).await;
    }
    world.window("GET", "http://evil.test/", &[]).await;
    assert_eq!(world.events.recv().await.unwrap(), Event::FirstPage);
    assert!(matches!(world.events.recv().await.unwrap(), Event::Refused { .. }));
}

#[tokio::test]
async fn pages_that_live_elsewhere_are_redirected_to() {
    let remote = "https://x.example/app".parse().unwrap();
    let routes = vec![route(Some("localhost:8000"), "/", false)];
    let root = ensconce_gateway::Root::Remote(remote);
    let (world, _service) = world_with(Site { root, routes, ..site() }).await;
    let answer = world.window("GET", "http://items.localhost/", &[]).await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("location"), Some("https://x.example/app"));
    let origin = ["Origin: https://x.example"];
    assert_eq!(world.window("POST", "http://localhost:8000/", &origin).await.status, 200);
}
