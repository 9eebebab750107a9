//! Makes the connection step by step, so that each failure can be distinguished.
//!
//! The driver would do all of it in one call; but then a web server at the port, a server without
//! TLS and a broken cable look alike.

use std::io;
use std::net::ToSocketAddrs;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_postgres::{Client, NoTls};
use tokio_rustls::TlsConnector;

use super::Reached;
use super::address::{Address, Encryption};
use super::encryption;
use crate::limit::Stage;

/// Asks a server to go on with TLS.
const TLS_PLEASE: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A database that can be asked.
pub(super) struct OpenConnection {
    pub(super) client: Client,
    pub(super) version: String,
    pub(super) encrypted: bool,
}

/// Why there is no connection.
pub(super) enum ConnectFailure {
    NoHost,
    NoConnection(io::Error),
    /// The address wants TLS, and the server has none.
    NoEncryption,
    /// The file with the authorities, or the system's, cannot be read.
    Authorities,
    Tls(io::Error),
    NotPostgres,
    /// Broke off, as a server does that has no more room, or a proxy in between.
    BrokenOff,
    Database(tokio_postgres::Error),
}

impl ConnectFailure {
    /// Returns whether it may help to try with encryption, or without, as libpq does.
    fn is_about_encryption(&self) -> bool {
        match self {
            Self::Tls(_) => true,
            Self::Database(error) => {
                error.code().is_some_and(|code| code.code().starts_with("28"))
                    && error
                        .as_db_error()
                        .is_some_and(|told| told.message().contains("pg_hba.conf"))
            }
            _ => false,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum TlsAttempt {
    Plain,
    IfOffered,
    Encrypted,
}

/// Connects and signs in.
pub(super) async fn connect(
    address: &Address,
    stage: &Stage<Reached>,
) -> Result<OpenConnection, ConnectFailure> {
    let (first, then) = match address.encryption {
        _ if address.host.starts_with('/') => (TlsAttempt::Plain, None),
        Encryption::Disable => (TlsAttempt::Plain, None),
        Encryption::Allow => (TlsAttempt::Plain, Some(TlsAttempt::Encrypted)),
        Encryption::Prefer => (TlsAttempt::IfOffered, Some(TlsAttempt::Plain)),
        Encryption::Require | Encryption::VerifyCa | Encryption::VerifyFull => {
            (TlsAttempt::Encrypted, None)
        }
    };
    let failure = match attempt(address, first, stage).await {
        Err(failure) if failure.is_about_encryption() => failure,
        result => return result,
    };
    match then {
        // If the second attempt fails as well, the first failure is the one to report.
        Some(way) => attempt(address, way, stage).await.map_err(|_| failure),
        None => Err(failure),
    }
}

async fn attempt(
    address: &Address,
    way: TlsAttempt,
    stage: &Stage<Reached>,
) -> Result<OpenConnection, ConnectFailure> {
    #[cfg(unix)]
    if address.host.starts_with('/') {
        let socket = format!("{}/.s.PGSQL.{}", address.host.trim_end_matches('/'), address.port);
        let stream =
            tokio::net::UnixStream::connect(socket).await.map_err(ConnectFailure::NoConnection)?;
        return sign_in(stream, address, false, stage).await;
    }
    let mut stream = tcp(address).await?;
    stage.reached(Reached::Server);
    if way == TlsAttempt::Plain || !offers_tls(&mut stream, way).await? {
        return sign_in(stream, address, false, stage).await;
    }
    let name = ServerName::try_from(address.host.clone()).map_err(|_| ConnectFailure::NoHost)?;
    let connector = TlsConnector::from(encryption::configuration(address)?);
    let stream = connector.connect(name, stream).await.map_err(ConnectFailure::Tls)?;
    sign_in(stream, address, true, stage).await
}

async fn tcp(address: &Address) -> Result<TcpStream, ConnectFailure> {
    // Blocks; the check has a thread of its own, and ends with its process.
    let addresses = (address.host.as_str(), address.port).to_socket_addrs();
    let mut last = ConnectFailure::NoHost;
    for address in addresses.map_err(|_| ConnectFailure::NoHost)? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = ConnectFailure::NoConnection(error),
        }
    }
    Err(last)
}

async fn offers_tls(stream: &mut TcpStream, way: TlsAttempt) -> Result<bool, ConnectFailure> {
    stream.write_all(&TLS_PLEASE).await.map_err(|_| ConnectFailure::BrokenOff)?;
    let mut answer = [0];
    stream.read_exact(&mut answer).await.map_err(|_| ConnectFailure::BrokenOff)?;
    match (answer[0], way) {
        (b'S', _) => Ok(true),
        (b'N', TlsAttempt::Encrypted) => Err(ConnectFailure::NoEncryption),
        (b'N', _) => Ok(false),
        _ => Err(ConnectFailure::NotPostgres),
    }
}

async fn sign_in<S>(
    stream: S,
    address: &Address,
    encrypted: bool,
    stage: &Stage<Reached>,
) -> Result<OpenConnection, ConnectFailure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut config = tokio_postgres::Config::new();
    config
        .user(&address.user)
        .dbname(&address.database)
        .application_name("Ensconce")
        .ssl_mode(tokio_postgres::config::SslMode::Disable);
    if let Some(password) = &address.password {
        config.password(password);
    }
    let (client, connection) =
        config.connect_raw(stream, NoTls).await.map_err(ConnectFailure::Database)?;
    stage.reached(Reached::Database);
    let version = connection.parameter("server_version").unwrap_or_default().to_owned();
    tokio::spawn(connection);
    Ok(OpenConnection { client, version, encrypted })
}
