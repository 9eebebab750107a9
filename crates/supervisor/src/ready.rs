//! Finds out when a service is ready, and where its own processes listen.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use regex::Regex;
use tokio::net::TcpStream;
use tokio::sync::watch;

use self::lines::OutputFindings;
use crate::backoff::ProbePause;
use crate::ownership::{Owner, owner};
use crate::{Address, Job, Listen, Ready};

pub(crate) mod http;
pub(crate) mod lines;
#[cfg(unix)]
pub(crate) mod notify;

/// One request or connection of a probe may not take longer.
const ONE_TRY: Duration = Duration::from_secs(10);
/// How often a stranger must be seen. One look is not enough: a server that hands its socket to a
/// child and ends is in nobody's hands, as it seems, between reading the tree and its sockets.
const STRANGE_LOOKS: u32 = 3;

/// What a probe looks at.
pub(crate) struct ReadinessProbe {
    pub(crate) job: Arc<Job>,
    /// Where the service is to listen, if that was decided for it.
    pub(crate) assigned: Option<Address>,
    /// The process that its tree descends from.
    pub(crate) root: u32,
    pub(crate) lines: watch::Receiver<OutputFindings>,
    pub(crate) last: LastLook,
    #[cfg(unix)]
    pub(crate) notifications: Option<watch::Receiver<notify::Notifications>>,
}

/// Where a service that is ready listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere.
    Nowhere,
    /// Here, as it was assigned; perhaps not yet, and perhaps a stranger does.
    Assigned(Address),
    /// Here: this is its process tree's own socket.
    Proven(Address),
}

impl Place {
    /// Returns the address, be it proven or not.
    pub(crate) fn address(&self) -> Option<&Address> {
        match self {
            Self::Nowhere => None,
            Self::Assigned(address) | Self::Proven(address) => Some(address),
        }
    }

    /// Returns the address if requests may be sent there.
    pub(crate) fn proven(self) -> Option<Address> {
        match self {
            Self::Proven(address) => Some(address),
            Self::Nowhere | Self::Assigned(_) => None,
        }
    }
}

/// What the last look showed, for the message when time is up.
#[derive(Clone)]
pub(crate) struct LastLook(Arc<Mutex<String>>);

impl Default for LastLook {
    fn default() -> Self {
        Self(Arc::new(Mutex::new("it did not answer at all".to_owned())))
    }
}

impl LastLook {
    pub(crate) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, text: impl Into<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
    }
}

/// Somebody else listens where the service should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortTaken {
    pub(crate) port: u16,
    pub(crate) owner: String,
}

impl ReadinessProbe {
    /// Waits until the service is ready, and returns where it listens; never if it never is.
    pub(crate) async fn wait(&mut self) -> Result<Place, PortTaken> {
        let job = Arc::clone(&self.job);
        match &job.ready {
            Ready::Log(pattern) => self.wait_for_line(pattern).await,
            Ready::Notify(_) => self.wait_for_notification().await,
            Ready::Started | Ready::Listening | Ready::Http { .. } => {}
        }
        let Some(address) = self.find_address().await else { return Ok(Place::Nowhere) };
        if matches!(job.ready, Ready::Started) {
            return Ok(match address {
                Address::Tcp(_) => Place::Assigned(address),
                // It lies in a private folder, at a path that was cleared before the start.
                Address::Unix(_) => Place::Proven(address),
            });
        }
        let address = self.wait_for_connection(&address).await?;
        if let Ready::Http { path, statuses } = &job.ready {
            self.wait_for_answer(&address, path, statuses).await;
        }
        Ok(Place::Proven(address))
    }

    /// Waits until a service that is ready already is shown to listen itself, however long that
    /// takes, and returns where.
    pub(crate) async fn prove(&self, address: &Address) -> Address {
        let mut pause = ProbePause::new();
        let mut last = None;
        loop {
            match self.look(address).await {
                Look::Ours(found) => return found,
                Look::Nobody => {}
                Look::Stranger(stranger) => {
                    // It keeps what depends on it waiting, and the service may not even notice.
                    if last.as_ref() != Some(&stranger) {
                        let PortTaken { port, owner } = &stranger;
                        let job = &self.job.name;
                        tracing::warn!("`{job}` gets no requests: port {port} is taken by {owner}");
                    }
                    last = Some(stranger);
                    pause.relax();
                }
            }
            pause.wait().await;
        }
    }

    async fn find_address(&mut self) -> Option<Address> {
        match &self.job.listen {
            Listen::Nowhere => None,
            Listen::Tcp(_) => self.assigned.clone(),
            Listen::Unix(path) | Listen::Passed(path) => Some(Address::Unix(path.clone())),
            Listen::Handshake(file) => {
                let file = file.clone();
                Some(Address::loopback(self.wait_for_port(&file).await))
            }
        }
    }

    async fn wait_for_line(&mut self, pattern: &Regex) {
        self.last.set(format!("no line of output matched `{pattern}`"));
        if self.lines.wait_for(|seen| seen.matched).await.is_err() {
            std::future::pending().await
        }
    }

    #[cfg(unix)]
    async fn wait_for_notification(&mut self) {
        self.last.set("it sent no READY=1 to NOTIFY_SOCKET");
        let came = match &mut self.notifications {
            Some(notifications) => notifications.wait_for(|sent| sent.ready).await.is_ok(),
            None => false,
        };
        if !came {
            std::future::pending().await
        }
    }

    #[cfg(not(unix))]
    async fn wait_for_notification(&mut self) {
        self.last.set("NOTIFY_SOCKET does not exist on this system");
        std::future::pending().await
    }

    /// Waits until the service has announced its port, in a file or by a line.
    async fn wait_for_port(&mut self, file: &Path) -> u16 {
        self.last
            .set(format!("it told no port, neither in {} nor by a line PORT:N", file.display()));
        let mut pause = ProbePause::new();
        loop {
            if let Some(port) = self.lines.borrow().port {
                return port;
            }
            if let Some(port) = port_in_file(file).await {
                return port;
            }
            pause.wait().await;
        }
    }

    /// Waits until a connection is accepted by the service itself.
    async fn wait_for_connection(&self, address: &Address) -> Result<Address, PortTaken> {
        let mut pause = ProbePause::new();
        let mut strange_looks = 0;
        loop {
            match self.look(address).await {
                Look::Ours(found) => return Ok(found),
                Look::Nobody => {}
                Look::Stranger(stranger) => {
                    strange_looks += 1;
                    if strange_looks == STRANGE_LOOKS {
                        return Err(stranger);
                    }
                }
            }
            pause.wait().await;
        }
    }

    /// Tries once to connect to the service itself.
    async fn look(&self, address: &Address) -> Look {
        let Some(found) = self.connect(address).await else { return Look::Nobody };
        match self.owner_of(&found).await {
            Owner::Ours | Owner::Unknown => Look::Ours(found),
            Owner::Nobody => {
                self.last.set("what accepts its connections is not on this system");
                Look::Nobody
            }
            Owner::Stranger(owner) => {
                Look::Stranger(PortTaken { port: found.port().unwrap_or_default(), owner })
            }
        }
    }

    async fn owner_of(&self, address: &Address) -> Owner {
        // A Unix socket lies in a private folder, at a path that was cleared before the start.
        let Address::Tcp(address) = *address else { return Owner::Ours };
        let root = self.root;
        let owner = tokio::task::spawn_blocking(move || owner(address, root)).await;
        owner.unwrap_or(Owner::Unknown)
    }

    /// Tries to connect, and returns the address that answered, of IPv4 or IPv6.
    async fn connect(&self, address: &Address) -> Option<Address> {
        match address {
            Address::Tcp(address) => {
                for ip in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()] {
                    let one = SocketAddr::new(ip, address.port());
                    match tokio::time::timeout(ONE_TRY, TcpStream::connect(one)).await {
                        Ok(Ok(_)) => return Some(Address::Tcp(one)),
                        _ => self.last.set(format!("nothing listens on port {}", one.port())),
                    }
                }
                None
            }
            #[cfg(unix)]
            Address::Unix(path) => {
                let connected = tokio::net::UnixStream::connect(path).await.is_ok();
                self.last.set("nothing listens on its socket");
                connected.then(|| address.clone())
            }
            #[cfg(not(unix))]
            Address::Unix(_) => None,
        }
    }

    async fn wait_for_answer(&self, address: &Address, path: &str, statuses: &[u16]) {
        self.last.set(format!("{path} was asked for and has not answered"));
        let mut pause = ProbePause::new();
        loop {
            match tokio::time::timeout(ONE_TRY, http::get(address, path)).await {
                Ok(Ok(status)) if accepts(statuses, status) => return,
                Ok(Ok(status)) => self.last.set(format!("{path} answered with status {status}")),
                Ok(Err(error)) => self.last.set(format!("{path} did not answer: {error}")),
                Err(_) => {
                    self.last.set(format!("{path} did not answer in {} s", ONE_TRY.as_secs()))
                }
            }
            pause.wait().await;
        }
    }
}

/// What one try to connect showed.
enum Look {
    /// Nobody accepts a connection, or nobody that can be found.
    Nobody,
    /// The service itself has accepted it, here.
    Ours(Address),
    /// Somebody else has.
    Stranger(PortTaken),
}

/// Returns whether a status is one of those that are wanted, or of success if there are none.
pub(crate) fn accepts(statuses: &[u16], status: u16) -> bool {
    if statuses.is_empty() { (200..400).contains(&status) } else { statuses.contains(&status) }
}

/// Reads `{"port": N}`; a file that is half written is no JSON and is looked at again.
async fn port_in_file(file: &Path) -> Option<u16> {
    #[derive(serde::Deserialize)]
    struct Handshake {
        port: u16,
    }
    let text = tokio::fs::read(file).await.ok()?;
    let handshake: Handshake = serde_json::from_slice(&text).ok()?;
    (handshake.port != 0).then_some(handshake.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_success_or_redirect_is_ready_unless_statuses_are_given() {
        assert!(accepts(&[], 204) && accepts(&[], 302));
        assert!(!accepts(&[], 404) && !accepts(&[], 500));
        assert!(accepts(&[401], 401) && !accepts(&[401], 200));
    }
}
