//! One GET request, whose status is all that matters.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use crate::Address;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Asks for `path`; gives the status of the answer.
pub(crate) async fn get(address: &Address, path: &str) -> Result<u16, Error> {
    match address {
        Address::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            ask(TokioIo::new(stream), &address.to_string(), path).await
        }
        #[cfg(unix)]
        Address::Unix(socket) => {
            let stream = tokio::net::UnixStream::connect(socket).await?;
            ask(TokioIo::new(stream), "localhost", path).await
        }
        #[cfg(not(unix))]
        Address::Unix(_) => Err("Unix sockets do not exist on this system".into()),
    }
}

async fn ask<S>(stream: S, host: &str, path: &str) -> Result<u16, Error>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(stream).await?;
    // Ends with this request, also with one that is given up because its time is over.
    let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
    let request = Request::get(path)
        .header("host", host)
        .header("user-agent", "ensconce")
        .header("connection", "close")
        .body(Empty::<Bytes>::new())?;
    Ok(sender.send_request(request).await?.status().as_u16())
}
