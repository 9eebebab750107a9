//! Connections that are kept for the next request.
//!
//! A service may close an unused connection just when a request is written to it. Requests that
//! can be repeated take that risk; the others only get connections that were used a moment ago.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};

use crate::backend::Address;
use crate::body::Body;
use crate::connect;
use crate::origin::Reach;
use crate::site::Limits;
use crate::target::Target;

/// How long an unused connection is good enough for a request that cannot be repeated.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// Who a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    Service(Address),
    Remote(Target, Reach),
}

/// A connection that takes one request at a time.
pub(crate) type Sender = SendRequest<Body>;

/// All connections that wait for a request.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<HashMap<Peer, Vec<Idle>>>,
    limits: Limits,
}

#[derive(Debug)]
struct Idle {
    sender: Sender,
    since: Instant,
}

impl Pool {
    /// Makes an empty pool.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { idle: Mutex::default(), limits }
    }

    /// Takes the connection that was used last, if it is still good.
    pub(crate) fn take(&self, peer: &Peer, repeatable: bool) -> Option<Sender> {
        let longest = if repeatable { self.limits.service_idle } else { SURELY_ALIVE };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.get_mut(peer)?;
        while let Some(connection) = waiting.pop() {
            if connection.since.elapsed() >= longest {
                waiting.push(connection);
                return None;
            }
            if connection.sender.is_ready() {
                return Some(connection.sender);
            }
        }
        None
    }

    /// Makes a new connection.
    pub(crate) async fn open(&self, peer: &Peer) -> io::Result<Sender> {
        let limit = self.limits.connect;
        let late = || {
            let text = format!("No connection within the limit `connect`, {limit:?}");
            io::Error::new(io::ErrorKind::TimedOut, text)
        };
        let stream: Box<dyn connect::Stream> = match peer {
            Peer::Service(address) => {
                timeout(limit, connect::service(address)).await.map_err(|_| late())??
            }
            Peer::Remote(target, reach) => {
                let connecting = connect::remote(target, *reach);
                Box::new(timeout(limit, connecting).await.map_err(|_| late())??)
            }
        };
        let (sender, connection) = Builder::new()
            .max_header_size(self.limits.header_bytes)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }

    /// Keeps a connection, once the answer that it carries is over.
    pub(crate) fn keep(self: &Arc<Self>, peer: Peer, mut sender: Sender) {
        if sender.is_ready() {
            return self.put(peer, sender);
        }
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            if sender.ready().await.is_ok() {
                pool.put(peer, sender);
            }
        });
    }

    fn put(&self, peer: Peer, sender: Sender) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.entry(peer).or_default();
        if waiting.len() < self.limits.idle_per_service {
            waiting.push(Idle { sender, since: Instant::now() });
        }
    }

    /// Closes what has not been used for too long. Called now and then.
    pub(crate) fn sweep(&self) {
        let longest = self.limits.service_idle;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|_, waiting| {
            waiting.retain(|one| !one.sender.is_closed() && one.since.elapsed() < longest);
            !waiting.is_empty()
        });
    }
}
