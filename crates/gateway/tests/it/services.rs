//! Requests to services: headers, routes, waiting, and connections that are used again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ensconce_gateway::{Address, Backend, Event, Limits, Root, Site};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use crate::client::{Line, ask};
use crate::service::{self, echo, full, head};
use crate::world::{Kind, World, route, site};

const URL: &str = "http://items.localhost/";

fn limits(change: impl FnOnce(&mut Limits)) -> Site {
    let mut limits = Limits::default();
    change(&mut limits);
    Site { limits, ..site() }
}

#[tokio::test]
async fn what_a_service_sees_is_what_was_sent() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let headers = [
        "Connection: close, X-Hop",
        "X-Hop: 1",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-Proto: https",
        "X_Forwarded_Host: evil.test",
        "Forwarded: for=6.6.6.6",
        "Authorization: Bearer app",
        "Cookie: app=1",
        "Range: bytes=0-1",
    ];
    let text =
        world.window("GET", "http://items.localhost/a%2Fb/%C3%A9?q=%20", &headers).await.text();
    assert_eq!(
        text.trim_end(),
        "GET /a%2Fb/%C3%A9?q=%20\n\
         authorization: Bearer app\n\
         cookie: app=1\n\
         forwarded: for=127.0.0.1;proto=http;host=\"items.localhost\"\n\
         host: items.localhost\n\
         range: bytes=0-1\n\
         x-forwarded-for: 127.0.0.1\n\
         x-forwarded-host: items.localhost\n\
         x-forwarded-proto: http"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn unix_sockets_serve_as_tcp_does() {
    let service = service::unix(echo);
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    for _ in 0..3 {
        let answer = world.window("GET", "http://items.localhost/x", &[]).await;
        assert!(answer.text().starts_with("GET /x\n"), "{}", answer.text());
    }
    assert_eq!(service.connections(), 1);
}

#[tokio::test]
async fn a_stripped_route_says_what_was_taken_off() {
    let service = service::tcp(echo).await;
    let routes = vec![route(None, "/api", true)];
    let root = Root::Service("other".to_owned());
    let world = World::ready(Site { root, routes, ..site() }, Kind::Proxy, &service.address).await;
    let text = world.window("GET", "http://items.localhost/api/a%2Fb?c", &[]).await.text();
    assert!(text.starts_with("GET /a%2Fb?c\n"), "{text}");
    assert!(text.ends_with("x-forwarded-prefix: /api\nx-forwarded-proto: http\n\n"), "{text}");
    for path in ["api/../secret", "api/%2e%2e/secret", "api%2Fx", "/api/x", "api/..%5csecret"] {
        let answer = world.window("GET", &format!("{URL}{path}"), &[]).await;
        assert_eq!(answer.status, 400, "{path}");
    }
}

#[tokio::test]
async fn bodies_of_all_framings_arrive() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let chunked = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n";
    let authorization = world.authorization();
    for method in ["POST", "GET", "DELETE", "PATCH"] {
        for rest in [chunked, "Content-Length: 7\r\n\r\nabcdefg"] {
            let head =
                format!("{method} {URL} HTTP/1.1\r\nHost: items.localhost\r\n{authorization}");
            let answer = ask(world.address, &format!("{head}\r\n{rest}")).await;
            assert!(answer.text().ends_with("\n\nabcdefg"), "{method}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn requests_wait_for_a_starting_service() {
    let world = World::start(site(), Kind::Proxy).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    // Another answer on another connection shows that the first request has been read.
    assert_eq!(world.window("GET", "http://evil.test/", &[]).await.status, 403);
    let service = service::tcp(echo).await;
    world.backends.publish("api", Backend::Restarting);
    world.backends.publish("api", Backend::Ready(service.address.clone()));
    assert_eq!(line.answer("GET").await.status, 200);
}

#[tokio::test]
async fn the_wait_has_an_end() {
    let short = limits(|limits| limits.wait_for_service = Duration::from_millis(20));
    let world = World::start(short, Kind::Proxy).await;
    for (backend, kind) in [(Backend::Starting, "starting"), (Backend::Restarting, "unavailable")] {
        world.backends.publish("api", backend);
        let answer = world.window("POST", URL, &[]).await;
        assert_eq!((answer.status, answer.kind().as_str()), (503, kind));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn who_gave_up_is_told_at_once() {
    let world = World::start(site(), Kind::Proxy).await;
    world.backends.publish("api", Backend::Failed("It ended with exit code 3".to_owned()));
    world.backends.publish("unknown", Backend::Stopped);
    let answer = world.window("GET", URL, &[]).await;
    assert_eq!((answer.status, answer.kind().as_str()), (503, "failed"));
    assert!(answer.text().contains("exit code 3") && answer.header("retry-after").is_none());
    world.backends.publish("api", Backend::Stopped);
    assert_eq!(world.window("GET", URL, &[]).await.kind(), "unavailable");
}

#[tokio::test]
async fn no_answer_is_told_with_who_was_to_read_it() {
    let mut world = World::start(site(), Kind::Proxy).await;
    world.backends.publish("api", Backend::Failed("It is broken".to_owned()));
    for (accept, page) in [("text/html", true), ("application/json", false)] {
        world.window("GET", URL, &[&format!("Accept: {accept}")]).await;
        let told = world.events.recv().await.unwrap();
        assert_eq!(told, Event::Unanswered { service: Some("api".to_owned()), page });
    }
}

#[tokio::test]
async fn an_error_of_the_service_is_told() {
    let failing = |_| async {
        let mut answer = http::Response::new(service::full("broken"));
        *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        answer
    };
    let service = service::tcp(failing).await;
    let mut world = World::ready(site(), Kind::Proxy, &service.address).await;
    assert_eq!(world.window("GET", URL, &[]).await.text(), "broken");
    let told = world.events.recv().await.unwrap();
    assert_eq!(told, Event::Unanswered { service: Some("api".to_owned()), page: false });
}

#[tokio::test]
async fn a_client_that_gives_up_waiting_is_told() {
    let mut world = World::start(site(), Kind::Proxy).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    // Another answer on another connection shows that the first request has been read.
    assert_eq!(world.window("GET", "http://evil.test/", &[]).await.status, 403);
    drop(line);
    loop {
        match world.events.recv().await.unwrap() {
            Event::Refused { .. } => {}
            told => {
                let api = Some("api".to_owned());
                assert_eq!(told, Event::Unanswered { service: api, page: false });
                return;
            }
        }
    }
}

/// An address that refuses connections, and what keeps others from taking it.
fn nobody_listens() -> (TcpSocket, Address) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = Address::Tcp(socket.local_addr().unwrap());
    (socket, address)
}

#[tokio::test]
async fn a_refused_connection_is_a_restart() {
    let (_held, closed) = nobody_listens();
    let patient = limits(|limits| limits.refused = Duration::from_secs(300));
    let world = World::ready(patient, Kind::Proxy, &closed).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("POST", URL, &["Content-Length: 3"])).await;
    line.send("abc").await;
    let service = service::tcp(echo).await;
    world.backends.publish("api", Backend::Restarting);
    world.backends.publish("api", Backend::Ready(service.address.clone()));
    assert!(line.answer("POST").await.text().ends_with("\n\nabc"));
}

#[tokio::test]
async fn refusing_for_too_long_is_a_bad_gateway() {
    let (_held, closed) = nobody_listens();
    let short = limits(|limits| limits.refused = Duration::ZERO);
    let world = World::ready(short, Kind::Proxy, &closed).await;
    let answer = world.window("GET", URL, &[]).await;
    assert_eq!((answer.status, answer.kind().as_str()), (502, "bad_gateway"));
    #[cfg(unix)]
    {
        world.backends.publish("api", Backend::Ready(Address::Unix("/nonexistent/x.sock".into())));
        assert_eq!(world.window("GET", URL, &[]).await.status, 502);
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    for _ in 0..20 {
        line.send(world.proxied("POST", URL, &["Content-Length: 0"])).await;
        assert_eq!(line.answer("POST").await.status, 200);
    }
    assert_eq!(service.connections(), 1);
}

/// Answers the first request of each connection, then closes it upon the second.
async fn forgetful(answered: Arc<AtomicUsize>) -> service::Service {
    service::scripted(move |mut stream| {
        let answered = Arc::clone(&answered);
        async move {
            head(&mut stream).await;
            answered.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            head(&mut stream).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_closed_connection_is_no_failure_for_what_can_be_repeated() {
    let answered = Arc::new(AtomicUsize::new(0));
    let service = forgetful(Arc::clone(&answered)).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    for expected in 1..=5 {
        line.send(world.proxied("GET", URL, &[])).await;
        assert_eq!(line.answer("GET").await.status, 200);
        assert_eq!(answered.load(Ordering::SeqCst), expected);
    }
}

#[tokio::test]
async fn hanging_up_again_and_again_is_a_bad_gateway() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let service = service::scripted(move |mut stream| {
        let counter = Arc::clone(&counter);
        async move {
            head(&mut stream).await;
            counter.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let short = limits(|limits| limits.refused = Duration::from_millis(20));
    let world = World::ready(short, Kind::Proxy, &service.address).await;
    let answer = world.window("GET", URL, &[]).await;
    assert_eq!((answer.status, answer.kind().as_str()), (502, "bad_gateway"));
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_at_its_limit() {
    let service = service::tcp(|_| std::future::pending()).await;
    let short = limits(|limits| limits.answer = Duration::from_millis(20));
    let world = World::ready(short, Kind::Proxy, &service.address).await;
    let answer = world.window("GET", URL, &[]).await;
    assert_eq!((answer.status, answer.kind().as_str()), (504, "bad_gateway"));
    assert!(answer.text().contains("limit `answer`"), "{}", answer.text());
}

#[tokio::test]
async fn head_and_empty_answers_keep_the_connection() {
    let service = service::tcp(|request: http::Request<_>| async move {
        let status = request.uri().path().trim_start_matches('/').parse().unwrap_or(200);
        let body = if status == 200 { "12345" } else { "" };
        http::Response::builder().status(status).body(full(body)).unwrap()
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    for (method, path, status) in
        [("HEAD", "", 200), ("GET", "204", 204), ("GET", "304", 304), ("GET", "", 200)]
    {
        line.send(world.proxied(method, &format!("{URL}{path}"), &[])).await;
        let answer = line.answer(method).await;
        assert_eq!(answer.status, status);
        if status == 200 {
            assert_eq!(answer.header("content-length"), Some("5"));
        }
    }
}

#[tokio::test]
async fn a_service_cannot_speak_for_the_proxy() {
    for status in [407, 101] {
        let service = service::scripted(move |mut stream| async move {
            head(&mut stream).await;
            let answer = format!(
                "HTTP/1.1 {status} X\r\nProxy-Authenticate: Basic\r\nConnection: upgrade\r\n\
                 Upgrade: x\r\nContent-Length: 0\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        let world = World::ready(site(), Kind::Proxy, &service.address).await;
        let answer = world.window("POST", URL, &["Content-Length: 0"]).await;
        assert_eq!(answer.status, 502, "{status}");
        assert!(answer.header("proxy-authenticate").is_none());
    }
}

#[tokio::test]
async fn hop_by_hop_headers_of_answers_end_here() {
    let service = service::scripted(|mut stream| async move {
        head(&mut stream).await;
        let answer = "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: x\r\n\
                      Content-Length: 99\r\nTransfer-Encoding: chunked\r\nX-Kept: 1\r\n\r\n\
                      2\r\nok\r\n0\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let answer = world.window("GET", URL, &[]).await;
    assert!(answer.complete && answer.text() == "ok" && answer.header("x-kept").is_some());
    for name in ["x-hop", "keep-alive", "content-length"] {
        assert!(answer.header(name).is_none(), "{}", answer.head);
    }
}
