//! Where a job listens, and how a free port is found.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

/// Where a job listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A loopback address.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Address {
    /// Returns the TCP port, if it has one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            Self::Unix(_) => None,
        }
    }

    /// Returns the IPv4 loopback address with this port.
    pub fn loopback(port: u16) -> Self {
        Self::Tcp((Ipv4Addr::LOCALHOST, port).into())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

/// Below what Linux, macOS and Windows hand out for outgoing connections and for port 0, so that
/// between our look and the service's bind nobody gets the port by chance.
const QUIET_PORTS: Range<u16> = 20_000..32_768;

const TRIES: usize = 64;

/// How long a connection on loopback may take that is made where others wait for it.
const LONGEST_CONNECT: Duration = Duration::from_millis(100);

/// Returns a TCP port that nobody listens on, not one of `taken`.
///
/// # Errors
/// When none is found after many tries.
pub fn free_port(taken: &[u16]) -> io::Result<u16> {
    for _ in 0..TRIES {
        let port = random_port()?;
        if !taken.contains(&port) && is_free(port) {
            return Ok(port);
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

/// Returns whether a port of loopback can be had: nobody listens there, and an ordinary user may.
fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && !is_taken(port)
}

/// Returns whether somebody listens on a port of loopback, be it by IPv4 or by IPv6.
pub(crate) fn is_taken(port: u16) -> bool {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].into_iter().any(|loopback| {
        let address = SocketAddr::new(loopback, port);
        match TcpListener::bind(address).map_err(|error| error.kind()) {
            Err(io::ErrorKind::AddrInUse) => true,
            // A port such as 80, which the service may have the right to and we have not.
            Err(io::ErrorKind::PermissionDenied) => answers(address),
            // A machine without IPv6 gives another error.
            Ok(_) | Err(_) => false,
        }
    })
}

fn answers(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, LONGEST_CONNECT).is_ok()
}

fn random_port() -> io::Result<u16> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let span = QUIET_PORTS.end - QUIET_PORTS.start;
    Ok(QUIET_PORTS.start + u16::from_ne_bytes(bytes) % span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_taken_by_either_family() {
        for loopback in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            let port = free_port(&[]).unwrap();
            assert!(is_free(port) && !is_taken(port));
            let listener = TcpListener::bind((loopback, port)).unwrap();
            assert!(is_taken(port) && !is_free(port), "{loopback}");
            assert!(answers(SocketAddr::new(loopback, port)));
            drop(listener);
            assert!(!answers(SocketAddr::new(loopback, port)));
        }
    }

    #[test]
    fn free_ports_are_quiet_and_not_among_the_taken() {
        let mut taken = Vec::new();
        for _ in 0..100 {
            let port = free_port(&taken).unwrap();
            assert!(QUIET_PORTS.contains(&port) && !taken.contains(&port));
            taken.push(port);
        }
    }
}
