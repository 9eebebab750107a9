//! Where a job listens, and how a free port is found.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::PathBuf;

/// Where a job listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A loopback address.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Address {
    /// Gives the TCP port, if it has one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            Self::Unix(_) => None,
        }
    }

    /// The IPv4 loopback address with this port.
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

/// Finds a TCP port that nobody listens on, not one of `taken`.
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

/// Tells whether a port of loopback can be listened on.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn random_port() -> io::Result<u16> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let span = QUIET_PORTS.end - QUIET_PORTS.start;
    Ok(QUIET_PORTS.start + u16::from_ne_bytes(bytes) % span)
}
