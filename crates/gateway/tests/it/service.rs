//! Real services: hyper over TCP and Unix sockets, and ones that follow a script byte for byte.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use ensconce_gateway::Address;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

pub(crate) type Body = BoxBody<Bytes, std::io::Error>;

/// A service that runs until the test ends.
pub(crate) struct Service {
    pub(crate) address: Address,
    /// How many connections came in.
    pub(crate) connections: Arc<AtomicUsize>,
    _folder: Option<tempfile::TempDir>,
}

impl Service {
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(crate) fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed()
}

/// Answers with what it was asked.
pub(crate) async fn echo(request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut lines: Vec<String> = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    let body = body.collect().await.map(|all| all.to_bytes()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let text = format!("{} {}\n{}\n\n{body}", parts.method, parts.uri, lines.join("\n"));
    Response::new(full(text))
}

/// Serves on a free TCP port.
pub(crate) async fn tcp<Handler, Answering>(handler: Handler) -> Service
where
    Handler: Fn(Request<Incoming>) -> Answering + Clone + Send + 'static,
    Answering: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    tcp_on(listener, handler)
}

/// Serves on a listener.
pub(crate) fn tcp_on<Handler, Answering>(listener: TcpListener, handler: Handler) -> Service
where
    Handler: Fn(Request<Incoming>) -> Answering + Clone + Send + 'static,
    Answering: Future<Output = Response<Body>> + Send + 'static,
{
    scripted_on(listener, move |stream| {
        let handler = handler.clone();
        async move { serve(stream, handler).await }
    })
}

/// Serves on a Unix socket.
#[cfg(unix)]
pub(crate) fn unix<Handler, Answering>(handler: Handler) -> Service
where
    Handler: Fn(Request<Incoming>) -> Answering + Clone + Send + 'static,
    Answering: Future<Output = Response<Body>> + Send + 'static,
{
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, handler.clone()));
        }
    });
    Service { address: Address::Unix(path), connections, _folder: Some(folder) }
}

async fn serve<Stream, Handler, Answering>(stream: Stream, handler: Handler)
where
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    Handler: Fn(Request<Incoming>) -> Answering + Send + 'static,
    Answering: Future<Output = Response<Body>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

/// Follows a script for each connection.
pub(crate) async fn scripted<Script, Following>(script: Script) -> Service
where
    Script: Fn(TcpStream) -> Following + Send + 'static,
    Following: Future<Output = ()> + Send + 'static,
{
    scripted_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
}

fn scripted_on<Script, Following>(listener: TcpListener, script: Script) -> Service
where
    Script: Fn(TcpStream) -> Following + Send + 'static,
    Following: Future<Output = ()> + Send + 'static,
{
    let address = Address::Tcp(listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(script(stream));
        }
    });
    Service { address, connections, _folder: None }
}

/// Reads a request's head.
pub(crate) async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}
