//! Connections that are kept for the next request.
//!
//! A service may close an unused connection just when a request is written to it. Requests that
//! can be repeated take that risk; the others only get connections that were used a moment ago.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use crate::backend::Address;
use crate::body::Body;
use crate::connect::{self, ConnectError, UpstreamStream};
use crate::host_port::HostPort;
use crate::origin::AllowedBy;
use crate::site::Limits;

/// How long an unused connection is good enough for a request that cannot be repeated.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// Where a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum UpstreamAddress {
    /// A service, in one of its runs.
    Service { address: Address, run: u64 },
    /// A remote host, and what it is allowed by.
    Remote(HostPort, AllowedBy),
}

/// A connection that takes one request at a time.
pub(crate) type UpstreamConnection = SendRequest<Body>;

type IdleConnections = HashMap<UpstreamAddress, Vec<IdleConnection>>;

/// All connections that wait for a request.
#[derive(Debug)]
pub(crate) struct UpstreamPool {
    idle: Mutex<IdleConnections>,
    limits: Limits,
}

#[derive(Debug)]
struct IdleConnection {
    connection: UpstreamConnection,
    since: Instant,
}

impl UpstreamPool {
    /// Makes an empty pool.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { idle: Mutex::default(), limits }
    }

    /// Takes the connection that was used last, if it is still good.
    pub(crate) fn take(
        &self,
        upstream: &UpstreamAddress,
        repeatable: bool,
    ) -> Option<UpstreamConnection> {
        let longest = if repeatable { self.limits.service_idle } else { SURELY_ALIVE };
        let mut idle = self.lock();
        let waiting = idle.get_mut(upstream)?;
        while let Some(last) = waiting.pop() {
            if last.since.elapsed() >= longest {
                waiting.push(last);
                return None;
            }
            if last.connection.is_ready() {
                return Some(last.connection);
            }
        }
        None
    }

    /// Nothing that is done under this lock can fail halfway, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, IdleConnections> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a new connection.
    pub(crate) async fn open(
        &self,
        upstream: &UpstreamAddress,
    ) -> Result<UpstreamConnection, ConnectError> {
        let stream: Box<dyn UpstreamStream> = match upstream {
            UpstreamAddress::Service { address, .. } => {
                connect::in_time(self.limits.connect, connect::service(address)).await?
            }
            UpstreamAddress::Remote(target, allowed_by) => {
                let connecting = connect::remote(target, *allowed_by);
                Box::new(connect::in_time(self.limits.connect, connecting).await?)
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
    pub(crate) fn keep(
        self: &Arc<Self>,
        upstream: UpstreamAddress,
        mut connection: UpstreamConnection,
    ) {
        if connection.is_ready() {
            return self.put(upstream, connection);
        }
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            if connection.ready().await.is_ok() {
                pool.put(upstream, connection);
            }
        });
    }

    fn put(&self, upstream: UpstreamAddress, connection: UpstreamConnection) {
        let mut idle = self.lock();
        if idle.values().map(Vec::len).sum::<usize>() >= self.limits.idle_connections {
            close_oldest(&mut idle);
        }
        let waiting = idle.entry(upstream).or_default();
        if waiting.len() < self.limits.idle_per_upstream {
            waiting.push(IdleConnection { connection, since: Instant::now() });
        }
    }

    /// Closes all of them, because there are no descriptors left.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Closes what has not been used for too long. Called now and then.
    pub(crate) fn sweep(&self) {
        let longest = self.limits.service_idle;
        self.lock().retain(|_, waiting| {
            waiting.retain(|one| !one.connection.is_closed() && one.since.elapsed() < longest);
            !waiting.is_empty()
        });
    }
}

/// Makes room for a connection; the pages may ask ever new hosts for something.
fn close_oldest(idle: &mut IdleConnections) {
    let oldest = idle.iter().filter_map(|(upstream, waiting)| {
        // Each list is in the order of time.
        waiting.first().map(|connection| (connection.since, upstream.clone()))
    });
    let Some((_, upstream)) = oldest.min_by_key(|(since, _)| *since) else { return };
    if let Some(waiting) = idle.get_mut(&upstream) {
        waiting.remove(0);
        if waiting.is_empty() {
            idle.remove(&upstream);
        }
    }
}
