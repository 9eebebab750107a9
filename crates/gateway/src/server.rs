//! Accepting connections, and letting go of them in an orderly way.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::answer::answer;
use crate::backend::Backends;
use crate::door::Door;
use crate::event::Event;
use crate::shared::{Shared, Visit};
use crate::site::Site;

/// How many events wait for a slow reader.
const EVENTS_KEPT: usize = 64;

/// How long to wait when the system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// One app's way in. Made first, then served once.
#[derive(Debug)]
pub struct Gateway {
    site: Site,
    door: Door,
    backends: Backends,
    events: broadcast::Sender<Event>,
}

impl Gateway {
    /// Makes a gateway for a site, behind one door.
    pub fn new(site: Site, door: Door, backends: Backends) -> Self {
        Self { site, door, backends, events: broadcast::Sender::new(EVENTS_KEPT) }
    }

    /// Listens to what happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Serves until `shutdown` is done, then lets requests in flight end within `limits.drain`.
    ///
    /// Event streams, WebSockets and tunnels have no end of their own and are cut off first.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let port = listener.local_addr().map_or(0, |address| address.port());
        let shared = Shared::new(self.site, self.door, self.backends, self.events, port);
        let shared = Arc::new(shared);
        tokio::select! {
            () = shutdown => {}
            () = accept_all(&shared, &listener) => {}
        }
        drop(listener);
        drain(&shared).await;
    }
}

/// Accepts connections for as long as it is polled.
async fn accept_all(shared: &Arc<Shared>, listener: &TcpListener) {
    let slots = Arc::new(Semaphore::new(shared.limits().connections));
    let mut sweep = interval(shared.limits().service_idle.max(Duration::from_secs(1)));
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = sweep.tick() => shared.pool.sweep(),
            accepted = accept(&slots, listener) => match accepted {
                Ok((stream, client, slot)) => open(shared, stream, client, slot),
                Err(error) => {
                    tracing::warn!("A connection could not be accepted: {error}");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

async fn accept(
    slots: &Arc<Semaphore>,
    listener: &TcpListener,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, client) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, client, slot))
}

/// Takes a connection in. Nobody comes from another machine, whatever the listener is bound to.
fn open(shared: &Arc<Shared>, stream: TcpStream, client: SocketAddr, slot: OwnedSemaphorePermit) {
    if !client.ip().to_canonical().is_loopback() {
        return tracing::warn!(%client, "A connection from another machine was refused");
    }
    let visit = Visit { client, inside: None, slot: Arc::new(slot) };
    let serving = serve_connection(Arc::clone(shared), visit.clone(), TokioIo::new(stream));
    visit.spawn(shared, serving);
}

/// Serves one connection until its client or the gateway ends it.
pub(crate) async fn serve_connection<Stream>(shared: Arc<Shared>, visit: Visit, stream: Stream)
where
    Stream: Read + Write + Unpin + Send + 'static,
{
    let stop = shared.stop.clone();
    let limits = shared.limits().clone();
    let service = service_fn(move |request| {
        let answer = answer(Arc::clone(&shared), visit.clone(), request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_header_size(limits.header_bytes)
        .serve_connection(stream, service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("A connection ended early: {error}");
    }
}

/// Lets connections end, and cuts off what has not ended within the limit.
async fn drain(shared: &Shared) {
    shared.stop.cancel();
    shared.tasks.close();
    let limit = shared.limits().drain;
    if timeout(limit, shared.tasks.wait()).await.is_err() {
        let left = shared.tasks.len();
        tracing::warn!(left, ?limit, "Connections outlived the limit `drain` and are cut off");
        shared.abort.cancel();
        shared.tasks.wait().await;
    }
}
