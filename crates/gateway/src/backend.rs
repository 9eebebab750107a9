//! Where each service is right now, as its supervisor tells.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

/// Where a service listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A Unix socket. Refused on systems without them.
    Unix(PathBuf),
}

/// What a service is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// Not ready for the first time yet: requests wait.
    Starting,
    /// Ended, and will be ready again: requests wait.
    Restarting,
    /// Answers there. It may have died since, which only a refused connection tells.
    Ready(Address),
    /// Gave up, and why, for people to read.
    Failed(String),
    /// Was told to stop.
    Stopped,
}

/// The state of every service. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Backends {
    channels: Arc<HashMap<String, watch::Sender<Backend>>>,
}

impl Backends {
    /// Knows these services, all of them starting.
    pub fn new<Name: Into<String>>(services: impl IntoIterator<Item = Name>) -> Self {
        let channel = |name: Name| (name.into(), watch::Sender::new(Backend::Starting));
        Self { channels: Arc::new(services.into_iter().map(channel).collect()) }
    }

    /// Tells what a service is doing now; requests that wait for it wake at once.
    ///
    /// An unknown name is logged and otherwise ignored.
    pub fn publish(&self, service: &str, backend: Backend) {
        match self.channels.get(service) {
            Some(channel) => drop(channel.send_replace(backend)),
            None => tracing::debug!(service, "Unknown service published"),
        }
    }

    /// Follows one service; `None` when the name is unknown.
    pub(crate) fn watch(&self, service: &str) -> Option<watch::Receiver<Backend>> {
        self.channels.get(service).map(watch::Sender::subscribe)
    }
}
