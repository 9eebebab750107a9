//! Bodies on their way, in both directions.

use std::time::Duration;

use bytes::Bytes;
use ensconce_gateway::{Limits, Site};
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, Channel};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::client::Line;
use crate::service::{self, echo, full, head};
use crate::world::{Kind, World, site};

const URL: &str = "http://items.localhost/";

/// A service whose answers' bodies come out of the test's hands.
async fn by_hand(
    kind: &'static str,
) -> (service::Service, mpsc::Receiver<http_body_util::channel::Sender<Bytes, std::io::Error>>) {
    let (hand, bodies) = mpsc::channel(4);
    let service = service::tcp(move |_request| {
        let hand = hand.clone();
        async move {
            let (sender, body) = Channel::new(1);
            hand.send(sender).await.unwrap();
            Response::builder().header("content-type", kind).body(body.boxed()).unwrap()
        }
    })
    .await;
    (service, bodies)
}

#[tokio::test]
async fn each_event_arrives_by_itself() {
    let (service, mut bodies) = by_hand("text/event-stream").await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    let mut body = bodies.recv().await.unwrap();
    line.until("\r\n\r\n").await;
    for number in 0..3 {
        let event = format!("data: {number}\n\n");
        body.send_data(event.clone().into()).await.unwrap();
        assert!(line.until("\n\n").await.ends_with(&event));
    }
}

#[tokio::test]
async fn who_leaves_is_gone_for_the_service_too() {
    let (service, mut bodies) = by_hand("text/event-stream").await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    let mut body = bodies.recv().await.unwrap();
    body.send_data("data: 1\n\n".into()).await.unwrap();
    line.until("data: 1\n\n").await;
    drop(line);
    // The service notices without sending any more than fits into a buffer.
    while body.send_data("data: 2\n\n".into()).await.is_ok() {}
}

#[tokio::test]
async fn who_leaves_before_the_answer_is_gone_too() {
    let (told, mut seen) = mpsc::channel(1);
    let service = service::scripted(move |mut stream| {
        let told = told.clone();
        async move {
            head(&mut stream).await;
            told.send("asked").await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
            told.send("left").await.unwrap();
        }
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("GET", URL, &[])).await;
    assert_eq!(seen.recv().await, Some("asked"));
    drop(line);
    assert_eq!(seen.recv().await, Some("left"));
}

#[tokio::test]
async fn an_upload_streams_while_it_is_sent() {
    let (told, mut seen) = mpsc::channel(8);
    let service = service::tcp(move |request: http::Request<Incoming>| {
        let told = told.clone();
        async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                told.send(frame.into_data().unwrap()).await.unwrap();
            }
            Response::new(full("done"))
        }
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("POST", URL, &["Content-Length: 6"])).await;
    for part in ["ab", "cd", "ef"] {
        line.send(part).await;
        assert_eq!(seen.recv().await.unwrap(), part);
    }
    assert_eq!(line.answer("POST").await.text(), "done");
}

#[tokio::test]
async fn large_bodies_pass_both_ways() {
    const SIZE: usize = 64 << 20;
    let service = service::tcp(|request: http::Request<Incoming>| async move {
        Response::new(request.into_body().map_err(std::io::Error::other).boxed())
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let head = world.proxied("POST", URL, &[&format!("Content-Length: {SIZE}")]);
    let mut line = Line::open(world.address).await;
    line.send(head).await;
    let (mut read, mut write) = line.into_stream().into_split();
    let sending = tokio::spawn(async move {
        let block = vec![7; 1 << 20];
        for _ in 0..SIZE >> 20 {
            write.write_all(&block).await.unwrap();
        }
        write
    });
    let mut received = 0;
    let mut block = vec![0; 1 << 20];
    while received < SIZE {
        received += read.read(&mut block).await.unwrap();
    }
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn a_service_that_does_not_read_slows_the_sender_down() {
    let (told, mut seen) = mpsc::channel(1);
    let service = service::scripted(move |mut stream| {
        let told = told.clone();
        async move {
            head(&mut stream).await;
            told.send(()).await.unwrap();
            std::future::pending().await
        }
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("POST", URL, &["Content-Length: 1000000000"])).await;
    seen.recv().await.unwrap();
    let stream = line.into_stream();
    let block = vec![0; 1 << 16];
    let (mut sent, mut refused) = (0, 0);
    // Once the buffers on the way are full, nothing more is taken, whatever else the gateway does.
    while refused < 20 {
        match stream.try_write(&block) {
            Ok(count) => (sent, refused) = (sent + count, 0),
            Err(_) => refused += 1,
        }
        assert!(sent < 100 << 20, "the gateway collects the body");
        assert_eq!(world.window("GET", "http://evil.test/", &[]).await.status, 403);
    }
}

#[tokio::test]
async fn half_an_answer_is_no_whole_one() {
    for framing in ["Content-Length: 10", "Transfer-Encoding: chunked"] {
        let service = service::scripted(move |mut stream| async move {
            head(&mut stream).await;
            let answer = format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n5\r\nhello");
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        let world = World::ready(site(), Kind::Proxy, &service.address).await;
        let answer = world.window("GET", URL, &[]).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.complete, "{framing}: {:?}", answer.text());
    }
}

#[tokio::test]
async fn half_an_upload_is_no_whole_one() {
    let (told, mut seen) = mpsc::channel(1);
    let service = service::tcp(move |request: http::Request<Incoming>| {
        let told = told.clone();
        async move {
            told.send(request.into_body().collect().await.is_err()).await.unwrap();
            Response::new(full(""))
        }
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    for framing in ["Content-Length: 10", "Transfer-Encoding: chunked"] {
        let mut line = Line::open(world.address).await;
        line.send(world.proxied("POST", URL, &[framing])).await;
        line.send("3\r\nabc\r\n").await;
        drop(line);
        assert_eq!(seen.recv().await, Some(true), "{framing}");
    }
}

#[tokio::test]
async fn a_continue_is_only_sent_when_the_body_is_wanted() {
    let service = service::tcp(echo).await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let headers = ["Expect: 100-continue", "Content-Length: 3"];
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("POST", URL, &headers)).await;
    assert_eq!(line.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    line.send("abc").await;
    assert!(line.answer("POST").await.text().ends_with("\n\nabc"));
    assert_eq!(world.window("POST", "http://evil.test/", &headers).await.status, 403);
}

#[tokio::test]
async fn trailers_pass_both_ways() {
    let service = service::tcp(|request: http::Request<Incoming>| async move {
        let all = request.into_body().collect().await.unwrap();
        let sum = all.trailers().and_then(|trailers| trailers.get("x-sum")).cloned().unwrap();
        let (mut sender, body) = Channel::new(2);
        sender.send_data("body".into()).await.unwrap();
        let trailers = std::iter::once((http::HeaderName::from_static("x-sum"), sum));
        sender.send(Frame::trailers(trailers.collect())).await.unwrap();
        Response::builder().header("trailer", "x-sum").body(body.boxed()).unwrap()
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let headers =
        ["Transfer-Encoding: chunked", "Trailer: x-sum", "TE: trailers", "Connection: TE"];
    let mut line = Line::open(world.address).await;
    line.send(world.proxied("POST", URL, &headers)).await;
    line.send("3\r\nabc\r\n0\r\nx-sum: 42\r\n\r\n").await;
    assert!(line.until("x-sum: 42\r\n\r\n").await.contains("body"));
}

/// A service that has heard enough answers before the upload is over.
#[tokio::test]
async fn an_early_answer_arrives_during_the_upload() {
    let service = service::scripted(|mut stream| async move {
        head(&mut stream).await;
        let answer = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
        while stream.read(&mut [0; 1024]).await.unwrap_or(0) > 0 {}
    })
    .await;
    let world = World::ready(site(), Kind::Proxy, &service.address).await;
    let answer = world.window("POST", URL, &["Content-Length: 1000000"]).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn an_upload_that_stalls_is_given_up() {
    let service = service::tcp(echo).await;
    let limits = Limits { body_idle: Duration::from_millis(20), ..Limits::default() };
    let world = World::ready(Site { limits, ..site() }, Kind::Proxy, &service.address).await;
    let answer = world.window("POST", URL, &["Content-Length: 3"]).await;
    assert_eq!(answer.status, 502);
}

#[tokio::test]
async fn the_stop_ends_event_streams_and_lets_answers_end() {
    let (events, mut event_bodies) = by_hand("text/event-stream").await;
    let (files, mut file_bodies) = by_hand("application/octet-stream").await;
    let routes = vec![ensconce_gateway::Route {
        host: None,
        path: "/file".to_owned(),
        service: "other".to_owned(),
        strip: false,
    }];
    let mut world = World::ready(Site { routes, ..site() }, Kind::Proxy, &events.address).await;
    world.backends.publish("other", ensconce_gateway::Backend::Ready(files.address.clone()));
    let mut stream = Line::open(world.address).await;
    stream.send(world.proxied("GET", URL, &[])).await;
    let _event_body = event_bodies.recv().await.unwrap();
    stream.until("\r\n\r\n").await;
    let mut file = Line::open(world.address).await;
    file.send(world.proxied("GET", "http://items.localhost/file", &[])).await;
    let mut file_body = file_bodies.recv().await.unwrap();

    world.begin_stop();
    stream.ended().await;
    file_body.send_data("late".into()).await.unwrap();
    drop(file_body);
    let answer = file.answer("GET").await;
    assert!(answer.complete && answer.text() == "late");
    world.stopped().await;
}
