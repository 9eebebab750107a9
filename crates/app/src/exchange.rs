//! One HTTP request on a connection of its own.

use std::io;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// A response longer than this is none that the app waits for.
const LONGEST_RESPONSE: usize = 4 * 1024 * 1024;

/// Sends a request, and returns the whole response.
///
/// # Errors
/// When the connection breaks, or the answer is too long.
pub(crate) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> io::Result<(StatusCode, Bytes)> {
    let handshake = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    // It ends with the answer's last byte, or when nobody waits for one any more.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LONGEST_RESPONSE).collect().await;
    Ok((status, body.map_err(io::Error::other)?.to_bytes()))
}
