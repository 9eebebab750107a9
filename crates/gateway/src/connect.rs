//! Making connections, to services and to remote hosts.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::backend::Address;
use crate::origin::Reach;
use crate::target::Target;

/// Any connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects to a service.
pub(crate) async fn service(address: &Address) -> io::Result<Box<dyn Stream>> {
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
async fn unix(path: &Path) -> io::Result<Box<dyn Stream>> {
    Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
}

#[cfg(not(unix))]
async fn unix(_path: &Path) -> io::Result<Box<dyn Stream>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "Unix sockets are not supported here"))
}

/// Connects to a remote host, at the first of its addresses that answers.
pub(crate) async fn remote(target: &Target, reach: Reach) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "The name has no address to go to");
    for address in addresses(target).await? {
        if reach == Reach::Elsewhere && is_this_machine(address.ip()) {
            continue;
        }
        match tcp(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn addresses(target: &Target) -> io::Result<Vec<SocketAddr>> {
    let port = target.port();
    let host = target.host();
    if host == "localhost" || host.ends_with(".localhost") {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// A name that leads here was made to get at this machine's own services (DNS rebinding).
fn is_this_machine(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let zero = matches!(address, IpAddr::V4(address) if address.octets()[0] == 0);
    address.is_loopback() || address.is_unspecified() || zero
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_addresses() {
        for text in
            ["127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "::1", "::", "::ffff:127.0.0.1"]
        {
            assert!(is_this_machine(text.parse().unwrap()), "{text}");
        }
        assert!(!is_this_machine("192.0.2.1".parse().unwrap()));
    }

    #[tokio::test]
    async fn a_star_never_leads_to_this_machine() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Target::parse(&format!("x.localhost:{port}"), 80).unwrap();
        assert!(remote(&target, Reach::Named).await.is_ok());
        assert!(remote(&target, Reach::Elsewhere).await.is_err());
    }
}
