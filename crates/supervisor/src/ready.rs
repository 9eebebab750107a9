//! Finds out when a service is ready.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use regex::Regex;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::backoff::ProbePause;
use crate::ownership::{Owner, owner};
use crate::{Address, Job, Listen, Ready};

mod http;
#[cfg(unix)]
pub(crate) mod notify;

/// One request or connection of a probe may not take longer.
const ONE_TRY: Duration = Duration::from_secs(10);

/// What a probe looks at.
pub(crate) struct Probe {
    pub(crate) job: Arc<Job>,
    /// The port that it was given, if it was.
    pub(crate) address: Option<Address>,
    /// The process that its tree descends from.
    pub(crate) root: u32,
    pub(crate) lines: mpsc::Receiver<String>,
    pub(crate) last: LastLook,
    #[cfg(unix)]
    pub(crate) notify: Option<notify::NotifySocket>,
}

/// What the last look showed, for the message when time is up.
#[derive(Clone, Default)]
pub(crate) struct LastLook(Arc<Mutex<String>>);

impl LastLook {
    pub(crate) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, text: impl Into<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
    }
}

/// Somebody else listens where the service should.
pub(crate) struct Taken {
    pub(crate) port: u16,
    pub(crate) owner: String,
}

impl Probe {
    /// Waits until the service is ready; gives where it listens. Waits forever if it never is.
    pub(crate) async fn wait(mut self) -> Result<Option<Address>, Taken> {
        let job = Arc::clone(&self.job);
        match &job.ready {
            Ready::Log(pattern) => self.wait_for_line(pattern).await,
            Ready::Notify(_) => self.wait_for_notification().await,
            Ready::Started | Ready::Listening | Ready::Http { .. } => {}
        }
        let Some(address) = self.find_address().await else { return Ok(None) };
        if matches!(job.ready, Ready::Started) {
            return Ok(Some(address));
        }
        let address = self.wait_for_connection(address).await?;
        if let Ready::Http { path, statuses } = &job.ready {
            self.wait_for_answer(&address, path, statuses).await;
        }
        Ok(Some(address))
    }

    async fn find_address(&mut self) -> Option<Address> {
        match &self.job.listen {
            Listen::Nowhere => None,
            Listen::Tcp(_) => self.address.clone(),
            Listen::Unix(path) | Listen::Passed(path) => Some(Address::Unix(path.clone())),
            Listen::Handshake(file) => {
                let file = file.clone();
                Some(Address::loopback(self.wait_for_port(&file).await))
            }
        }
    }

    async fn wait_for_line(&mut self, pattern: &Regex) {
        self.last.set(format!("no line of output matched `{pattern}`"));
        while let Some(line) = self.lines.recv().await {
            if pattern.is_match(&line) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    #[cfg(unix)]
    async fn wait_for_notification(&mut self) {
        self.last.set("it sent no READY=1 to NOTIFY_SOCKET");
        match &self.notify {
            Some(socket) => socket.wait_until_ready().await,
            None => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    async fn wait_for_notification(&mut self) {
        self.last.set("NOTIFY_SOCKET does not exist on this system");
        std::future::pending().await
    }

    /// Waits until the service has told its port, in a file or by a line.
    async fn wait_for_port(&mut self, file: &Path) -> u16 {
        self.last
            .set(format!("it told no port, neither in {} nor by a line PORT:N", file.display()));
        let mut pause = ProbePause::new();
        let mut open = true;
        loop {
            tokio::select! {
                line = self.lines.recv(), if open => match line.as_deref().map(port_in_line) {
                    Some(Some(port)) => return port,
                    Some(None) => {}
                    None => open = false,
                },
                () = pause.wait() => if let Some(port) = port_in_file(file).await {
                    return port;
                },
            }
        }
    }

    /// Waits until a connection is accepted by the service itself.
    async fn wait_for_connection(&self, address: Address) -> Result<Address, Taken> {
        let mut pause = ProbePause::new();
        loop {
            match self.connect(&address).await {
                Some(Address::Tcp(found)) => {
                    let root = self.root;
                    let whose = tokio::task::spawn_blocking(move || owner(found, root)).await;
                    match whose.unwrap_or(Owner::Unknown) {
                        Owner::Stranger(owner) => return Err(Taken { port: found.port(), owner }),
                        Owner::Ours | Owner::Unknown => return Ok(Address::Tcp(found)),
                    }
                }
                Some(found) => return Ok(found),
                None => pause.wait().await,
            }
        }
    }

    /// Tries to connect; gives the address that answered, IPv4 or IPv6.
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

fn accepts(statuses: &[u16], status: u16) -> bool {
    if statuses.is_empty() { (200..400).contains(&status) } else { statuses.contains(&status) }
}

fn port_in_line(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("PORT:")?;
    let digits = rest.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok().filter(|port| *port != 0)
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
    fn a_port_is_read_from_a_line() {
        assert_eq!(port_in_line("PORT:4000"), Some(4000));
        assert_eq!(port_in_line("[info] PORT: 4001 (loopback)"), Some(4001));
        assert_eq!(port_in_line("PORT:0"), None);
        assert_eq!(port_in_line("PORT:70000"), None);
        assert_eq!(port_in_line("port 4000"), None);
    }

    #[test]
    fn any_success_or_redirect_is_ready_unless_statuses_are_given() {
        assert!(accepts(&[], 204) && accepts(&[], 302));
        assert!(!accepts(&[], 404) && !accepts(&[], 500));
        assert!(accepts(&[401], 401) && !accepts(&[401], 200));
    }
}
