//! Finds out when a service is ready.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use regex::Regex;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::backoff::ProbePause;
use crate::ownership::{Owner, owner};
use crate::{Address, Job, Listen, Ready};

pub(crate) mod http;
#[cfg(unix)]
pub(crate) mod notify;

/// One request or connection of a probe may not take longer.
const ONE_TRY: Duration = Duration::from_secs(10);
/// How often a stranger must be seen. One look is not enough: a server that hands its socket to a
/// child and ends is in nobody's hands, as it seems, between reading the tree and its sockets.
const STRANGE_LOOKS: u32 = 3;

/// What a probe looks at.
pub(crate) struct Probe {
    pub(crate) job: Arc<Job>,
    /// The port that it was given, if it was.
    pub(crate) address: Option<Address>,
    /// The process that its tree descends from.
    pub(crate) root: u32,
    pub(crate) lines: watch::Receiver<Seen>,
    pub(crate) last: LastLook,
    #[cfg(unix)]
    pub(crate) notified: Option<watch::Receiver<notify::Heard>>,
}

/// Looks through all output for what a probe waits for; it never holds the output up.
#[derive(Clone)]
pub(crate) struct LineWatch {
    pattern: Option<Regex>,
    tells_port: bool,
    seen: watch::Sender<Seen>,
}

/// What was found in the output so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether a line matched.
    matched: bool,
    /// The port of the first `PORT:N`.
    port: Option<u16>,
}

impl LineWatch {
    /// Makes the watch that a job needs, and the end that its probe looks at.
    pub(crate) fn of(job: &Job) -> (Self, watch::Receiver<Seen>) {
        let (seen, lines) = watch::channel(Seen::default());
        let pattern = match &job.ready {
            Ready::Log(pattern) => Some(pattern.clone()),
            _ => None,
        };
        let tells_port = matches!(job.listen, Listen::Handshake(_));
        (Self { pattern, tells_port, seen }, lines)
    }

    /// Looks at a line, as long as there is a probe.
    pub(crate) fn see(&self, line: &str) {
        if self.seen.is_closed() {
            return;
        }
        let before = *self.seen.borrow();
        let matches = || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(line));
        let port = || if self.tells_port { port_in_line(line) } else { None };
        let now = Seen { matched: before.matched || matches(), port: before.port.or_else(port) };
        if now != before {
            self.seen.send_modify(|seen| {
                // The other stream may have found the other thing meanwhile.
                seen.matched |= now.matched;
                seen.port = seen.port.or(now.port);
            });
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
        if self.lines.wait_for(|seen| seen.matched).await.is_err() {
            std::future::pending().await
        }
    }

    #[cfg(unix)]
    async fn wait_for_notification(&mut self) {
        self.last.set("it sent no READY=1 to NOTIFY_SOCKET");
        let heard = match &mut self.notified {
            Some(notified) => notified.wait_for(|heard| heard.ready).await.is_ok(),
            None => false,
        };
        if !heard {
            std::future::pending().await
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
    async fn wait_for_connection(&self, address: Address) -> Result<Address, Taken> {
        let mut pause = ProbePause::new();
        let mut strange_looks = 0;
        loop {
            if let Some(found) = self.connect(&address).await {
                match self.owner_of(&found).await {
                    Owner::Ours | Owner::Unknown => return Ok(found),
                    Owner::Nobody => {
                        self.last.set("what accepts its connections is not on this system")
                    }
                    Owner::Stranger(owner) => {
                        strange_looks += 1;
                        if strange_looks == STRANGE_LOOKS {
                            return Err(Taken { port: found.port().unwrap_or_default(), owner });
                        }
                    }
                }
            }
            pause.wait().await;
        }
    }

    async fn owner_of(&self, address: &Address) -> Owner {
        // A Unix socket lies in a private folder, at a path that was cleared before the start.
        let Address::Tcp(address) = *address else { return Owner::Ours };
        let root = self.root;
        let owner = tokio::task::spawn_blocking(move || owner(address, root)).await;
        owner.unwrap_or(Owner::Unknown)
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

/// Tells whether a status is one of those that are wanted, or of success if there are none.
pub(crate) fn accepts(statuses: &[u16], status: u16) -> bool {
    if statuses.is_empty() { (200..400).contains(&status) } else { statuses.contains(&status) }
}

/// Finds `PORT:N`, but not within a word such as `REPORT:1`.
fn port_in_line(line: &str) -> Option<u16> {
    line.match_indices("PORT:").find_map(|(start, label)| {
        let in_word = line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let digits = line[start + label.len()..].trim_start();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok().filter(|port| *port != 0 && !in_word)
    })
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
        assert_eq!(port_in_line("EXPORT:1 DB_PORT:2"), None);
        assert_eq!(port_in_line("REPORT:1, PORT:4002"), Some(4002));
    }

    #[test]
    fn any_success_or_redirect_is_ready_unless_statuses_are_given() {
        assert!(accepts(&[], 204) && accepts(&[], 302));
        assert!(!accepts(&[], 404) && !accepts(&[], 500));
        assert!(accepts(&[401], 401) && !accepts(&[401], 200));
    }

    fn watch(ready: Ready, listen: Listen) -> (LineWatch, watch::Receiver<Seen>) {
        let (seen, lines) = watch::channel(Seen::default());
        let pattern = if let Ready::Log(pattern) = ready { Some(pattern) } else { None };
        (LineWatch { pattern, tells_port: matches!(listen, Listen::Handshake(_)), seen }, lines)
    }

    #[test]
    fn the_first_port_and_any_match_are_seen() {
        let ready = Ready::Log(Regex::new("^up$").unwrap());
        let (watch, lines) = watch(ready, Listen::Handshake("x".into()));
        for line in ["PORT:1", "up", "PORT:2", "down"] {
            watch.see(line);
        }
        assert_eq!(*lines.borrow(), Seen { matched: true, port: Some(1) });
    }

    #[test]
    fn nothing_is_looked_for_that_nobody_waits_for() {
        let (watch, lines) = watch(Ready::Started, Listen::Tcp(None));
        watch.see("PORT:1");
        assert_eq!(*lines.borrow(), Seen::default());
        drop(lines);
        watch.see("PORT:1");
    }
}
