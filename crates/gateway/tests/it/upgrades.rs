//! WebSockets and other upgrades.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::client::Line;
use crate::service::{self, head};
use crate::world::{Kind, World, site};

pub(crate) const UPGRADE: [&str; 4] = [
    "Connection: keep-alive, UPGRADE",
    "Upgrade: WebSocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// Sends back every message.
async fn echo_messages(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut socket = accept_async(stream).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() || message.is_binary() {
            socket.send(message).await.unwrap();
        }
    }
}

/// Opens a WebSocket and says a few words.
async fn converse(mut line: Line, request: String) {
    line.send(request).await;
    let answer = line.answer("GET").await;
    assert_eq!(answer.status, 101, "{}", answer.head);
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(answer.header("connection").map(str::to_lowercase), Some("upgrade".to_owned()));
    let mut socket = WebSocketStream::from_raw_socket(line.into_stream(), Role::Client, None).await;
    for message in [Message::text("Hello"), Message::binary(vec![1; 1 << 20])] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn the_windows_websockets_reach_the_service() {
    let service = service::scripted(echo_messages).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    for scheme in ["http", "ws"] {
        let url = format!("{scheme}://items.localhost/ws");
        let headers = [&UPGRADE[..], &["Origin: http://items.localhost"]].concat();
        let request = world.proxied("GET", &url, &headers);
        converse(Line::open(world.address).await, request).await;
    }
}

#[tokio::test]
async fn websockets_pass_through_a_tunnel() {
    let service = service::scripted(echo_messages).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    let authorization = world.authorization();
    line.send(format!("CONNECT items.localhost:80 HTTP/1.1\r\n{authorization}\r\n\r\n")).await;
    assert_eq!(line.answer("CONNECT").await.status, 200);
    let headers = UPGRADE.join("\r\n");
    let request = format!("GET /ws HTTP/1.1\r\nHost: items.localhost\r\n{headers}\r\n\r\n");
    converse(line, request).await;
}

#[tokio::test]
async fn a_browsers_websockets_reach_the_service() {
    let service = service::scripted(echo_messages).await;
    let world = World::ready(site(), Kind::Browser, &service.address).await;
    let cookie = world.enter().await;
    let (host, headers) = (world.address, UPGRADE.join("\r\n"));
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n{headers}\r\n\r\n"
    );
    converse(Line::open(world.address).await, request).await;
}

#[cfg(unix)]
#[tokio::test]
async fn websockets_pass_over_unix_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ws.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        echo_messages(stream).await;
    });
    let address = ensconce_gateway::Address::Unix(path);
    let world = World::ready(site(), Kind::Proxy, &address).await;
    let request = world.proxied("GET", "http://items.localhost/ws", &UPGRADE);
    converse(Line::open(world.address).await, request).await;
}

#[tokio::test]
async fn a_refused_upgrade_is_an_ordinary_answer() {
    let service = service::tcp(service::echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let answer = world.window("GET", "http://items.localhost/ws", &UPGRADE).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("\nconnection: upgrade\n"), "{}", answer.text());
    assert!(answer.text().contains("\nupgrade: WebSocket\n"), "{}", answer.text());
}

#[tokio::test]
async fn http2_is_not_smuggled_in() {
    let service = service::tcp(service::echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let headers =
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
    let text = world.window("GET", "http://items.localhost/", &headers).await.text();
    assert!(!text.contains("upgrade") && !text.contains("http2"), "{text}");
}

/// A service that speaks its own protocol and tells when its client has gone.
async fn own_protocol(told: mpsc::Sender<()>) -> service::Service {
    service::scripted(move |mut stream| {
        let told = told.clone();
        async move {
            assert!(head(&mut stream).await.contains("upgrade: own/1"));
            let answer = "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: own/1\r\n\r\nfirst";
            stream.write_all(answer.as_bytes()).await.unwrap();
            while stream.read(&mut [0; 64]).await.unwrap_or(0) > 0 {}
            told.send(()).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn either_end_of_an_upgraded_connection_ends_it() {
    let (told, mut seen) = mpsc::channel(1);
    let service = own_protocol(told).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let request =
        world.proxied("GET", "http://items.localhost/", &["Connection: upgrade", "Upgrade: own/1"]);
    let mut line = Line::open(world.address).await;
    line.send(&request).await;
    line.until("first").await;
    drop(line);
    seen.recv().await.unwrap();

    let mut line = Line::open(world.address).await;
    line.send(&request).await;
    line.until("first").await;
    world.stop().await;
    assert!(line.ended().await.is_empty());
    seen.recv().await.unwrap();
}
