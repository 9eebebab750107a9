//! Where each service is right now, as its supervisor publishes it.

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
    /// Answers there. It may have died since, which only a connection to it shows.
    Ready(Address),
    /// Gave up, and why, for people to read.
    Failed(String),
    /// Was told to stop.
    Stopped,
}

/// A service's state, and in which of its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BackendState {
    pub(crate) backend: Backend,
    /// How often it has become ready. A connection of an earlier run leads to a process that is
    /// gone, even if the address is the same.
    pub(crate) run: u64,
}

impl BackendState {
    /// Takes a new state in; returns whether anything has changed.
    fn change(&mut self, backend: Backend) -> bool {
        if self.backend == backend {
            return false;
        }
        self.run += u64::from(matches!(backend, Backend::Ready(_)));
        self.backend = backend;
        true
    }
}

/// The state of every service. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Backends {
    channels: Arc<HashMap<String, watch::Sender<BackendState>>>,
}

impl Backends {
    /// Makes the state of these services, all of them starting.
    pub fn new<Name: Into<String>>(services: impl IntoIterator<Item = Name>) -> Self {
        let first = BackendState { backend: Backend::Starting, run: 0 };
        let channel = |name: Name| (name.into(), watch::Sender::new(first.clone()));
        Self { channels: Arc::new(services.into_iter().map(channel).collect()) }
    }

    /// Publishes what a service is doing now; requests that wait for it wake at once.
    ///
    /// An unknown name is logged and otherwise ignored.
    pub fn publish(&self, service: &str, backend: Backend) {
        match self.channels.get(service) {
            Some(channel) => {
                channel.send_if_modified(|state| state.change(backend));
            }
            None => tracing::debug!(service, "Unknown service published"),
        }
    }

    /// Follows one service; `None` when the name is unknown.
    pub(crate) fn watch(&self, service: &str) -> Option<watch::Receiver<BackendState>> {
        self.channels.get(service).map(watch::Sender::subscribe)
    }
}
