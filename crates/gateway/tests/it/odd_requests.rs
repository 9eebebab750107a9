//! Requests that are not what they seem, byte for byte.

use std::sync::Arc;
use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{Line, ask};
use crate::service::{self, echo};
use crate::world::{Kind, World, site};

/// Sends the bytes after a right request line, host and authorization; gives the status.
async fn status(world: &World, rest: &str) -> u16 {
    let authorization = world.authorization();
    let head = format!(
        "POST http://items.localhost/ HTTP/1.1\r\nHost: items.localhost\r\n{authorization}\r\n"
    );
    ask(world.address, &format!("{head}{rest}")).await.status
}

#[tokio::test]
async fn ambiguous_framing_is_refused() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    for rest in [
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "Content-Length: 3, 4\r\n\r\nabcd",
        "Content-Length: +3\r\n\r\nabc",
        "Content-Length: -3\r\n\r\nabc",
        "Content-Length: 0x3\r\n\r\nabc",
        "Content-Length: 99999999999999999999999\r\n\r\nabc",
        "Content-Length : 3\r\n\r\nabc",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "X: y\r\n folded: z\r\n\r\n",
        "X: \0\r\n\r\n",
        "Bad Name: y\r\n\r\n",
        ": y\r\n\r\n",
    ] {
        assert_eq!(status(&world, rest).await, 400, "{rest:?}");
    }
}

/// With both framings, the chunks count, the length is not passed on, and what follows the last
/// chunk is never read: the connection ends.
#[tokio::test]
async fn a_length_beside_chunks_smuggles_nothing() {
    let seen = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&seen);
    let service = service::scripted(move |mut stream| {
        let written = Arc::clone(&written);
        async move {
            let mut text = String::new();
            while !text.ends_with("0\r\n\r\n") {
                text.push(stream.read_u8().await.unwrap().into());
            }
            *written.lock().unwrap() = text;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    for both in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
    ] {
        let smuggled =
            "GET http://items.localhost/smuggled HTTP/1.1\r\nHost: items.localhost\r\n\r\n";
        let mut line = Line::open(world.address).await;
        line.send(world.proxied("POST", "http://items.localhost/", &[both])).await;
        line.send(format!("3\r\nabc\r\n0\r\n\r\n{smuggled}")).await;
        assert_eq!(line.answer("POST").await.status, 200);
        assert!(line.ended().await.is_empty());
        let seen = seen.lock().unwrap().to_ascii_lowercase();
        assert!(!seen.contains("content-length") && !seen.contains("smuggled"), "{seen}");
        assert_eq!(seen.matches("transfer-encoding: chunked").count(), 1, "{seen}");
        assert!(seen.ends_with("3\r\nabc\r\n0\r\n\r\n"), "{seen}");
    }
}

#[tokio::test]
async fn noise_is_no_request() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    for noise in [
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
        "GET\r\n\r\n",
        "GET http://items.localhost/ HTTP/9.9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET http:///x HTTP/1.1\r\n\r\n",
        "GET http://items.localhost:99999/ HTTP/1.1\r\n\r\n",
        "GET http://items.localhost/ \x01 HTTP/1.1\r\n\r\n",
        "\r\n\r\n\r\n\r\nX\r\n\r\n",
    ] {
        let mut line = Line::open(world.address).await;
        line.send(noise).await;
        let text = String::from_utf8_lossy(&line_end(line).await).into_owned();
        let refused = ["", "HTTP/1.1 400", "HTTP/1.1 407", "HTTP/1.1 505"];
        assert!(refused.iter().any(|start| text.starts_with(start)), "{noise:?}: {text}");
        assert!(!text.starts_with("HTTP/1.1 200"), "{noise:?}: {text}");
    }
    assert_eq!(service.connections(), 0);
    assert_eq!(world.window("GET", "http://items.localhost/", &[]).await.status, 200);
}

/// What comes back before the connection ends, or a first answer on one that stays open.
async fn line_end(mut line: Line) -> Vec<u8> {
    if line.more().await { line.until("\r\n\r\n").await.into_bytes() } else { Vec::new() }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    let requests =
        (0..3).map(|n| world.proxied("GET", &format!("http://items.localhost/{n}"), &[]));
    line.send(requests.collect::<String>()).await;
    for number in 0..3 {
        assert!(line.answer("GET").await.text().starts_with(&format!("GET /{number}\n")));
    }
}

#[tokio::test]
async fn http_1_0_is_answered() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let authorization = world.authorization();
    let request = format!(
        "GET http://items.localhost/ HTTP/1.0\r\nHost: items.localhost\r\n{authorization}\r\n\r\n"
    );
    let mut line = Line::open(world.address).await;
    line.send(request).await;
    let text = String::from_utf8(line.ended().await).unwrap();
    assert!(text.starts_with("HTTP/1.0 200"), "{text}");
}
