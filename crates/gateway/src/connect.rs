//! Making connections, to services and to remote hosts.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::backend::Address;
use crate::host_port::HostPort;
use crate::origin::AllowedBy;
use crate::own_addresses;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("The name leads to this machine, which a `*` in `allow` does not cover")]
    ThisMachine,
    #[error("No connection within the limit `connect`, {0:?}")]
    TooLate(Duration),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Any connection to a service or a remote host.
pub(crate) trait UpstreamStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> UpstreamStream for T {}

/// Gives up on a connection after the limit `connect`.
pub(crate) async fn in_time<Stream, Error: Into<ConnectError>>(
    limit: Duration,
    connecting: impl Future<Output = Result<Stream, Error>>,
) -> Result<Stream, ConnectError> {
    let connected = tokio::time::timeout(limit, connecting).await;
    connected.map_err(|_| ConnectError::TooLate(limit))?.map_err(Into::into)
}

/// Connects to a service.
pub(crate) async fn service(address: &Address) -> io::Result<Box<dyn UpstreamStream>> {
    match address {
        Address::Tcp(address) => Ok(Box::new(tcp(*address).await?)),
        Address::Unix(path) => unix(path).await,
    }
}

async fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(unix)]
async fn unix(path: &Path) -> io::Result<Box<dyn UpstreamStream>> {
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(not(unix))]
async fn unix(_path: &Path) -> io::Result<Box<dyn UpstreamStream>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "Unix sockets are not supported here"))
}

/// Connects to a remote host, at the first of its addresses that answers.
pub(crate) async fn remote(
    target: &HostPort,
    allowed_by: AllowedBy,
) -> Result<TcpStream, ConnectError> {
    let mut last = None;
    let addresses = addresses(target).await?;
    let any = !addresses.is_empty();
    for address in addresses {
        // Checked after the name was looked up, and this very address is connected to: a name that
        // leads elsewhere when it is looked up again (DNS rebinding) gains nothing.
        if allowed_by == AllowedBy::Wildcard && own_addresses::is_of_this_machine(address) {
            continue;
        }
        match tcp(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) => error.into(),
        None if any => ConnectError::ThisMachine,
        None => io::Error::new(io::ErrorKind::NotFound, "The name has no address").into(),
    })
}

async fn addresses(target: &HostPort) -> io::Result<Vec<SocketAddr>> {
    let port = target.port();
    let host = target.host();
    if host == "localhost" || host.ends_with(".localhost") {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_star_never_leads_to_this_machine() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = HostPort::parse(&format!("x.localhost:{port}"), 80).unwrap();
        assert!(remote(&target, AllowedBy::Name).await.is_ok());
        let by_star = remote(&target, AllowedBy::Wildcard).await;
        assert!(matches!(by_star, Err(ConnectError::ThisMachine)), "{by_star:?}");
    }
}
