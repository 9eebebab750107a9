//! Accepting connections, and letting go of them in an orderly way.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::admission::AdmissionTicket;
use crate::answer::answer;
use crate::backend::Backends;
use crate::connection::ConnectionContext;
use crate::door::Door;
use crate::event::Event;
use crate::site::Site;
use crate::state::GatewayState;

/// How many events wait for a slow reader.
const EVENTS_KEPT: usize = 64;

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
        let gateway = GatewayState::new(self.site, self.door, self.backends, self.events, port);
        let gateway = Arc::new(gateway);
        let accepted = gateway.admission.accept_all(&listener, |stream, client, ticket| {
            open(&gateway, stream, client, ticket);
        });
        tokio::select! {
            () = shutdown => {}
            () = accepted => {}
            () = close_idle(&gateway) => {}
        }
        drop(listener);
        drain(&gateway).await;
    }
}

/// Closes connections to services that nobody has used for long, for as long as it is polled.
async fn close_idle(gateway: &GatewayState) {
    let mut sweep = interval(gateway.limits().service_idle.max(Duration::from_secs(1)));
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        sweep.tick().await;
        gateway.pool.sweep();
    }
}

/// Takes a connection in. Nobody comes from another machine, whatever the listener is bound to.
fn open(
    gateway: &Arc<GatewayState>,
    stream: TcpStream,
    client: SocketAddr,
    ticket: AdmissionTicket,
) {
    if !client.ip().to_canonical().is_loopback() {
        return tracing::warn!(%client, "A connection from another machine was refused");
    }
    let context = ConnectionContext { client, tunnel_target: None, ticket };
    let serving = serve_connection(Arc::clone(gateway), context.clone(), TokioIo::new(stream));
    context.spawn(gateway, serving);
}

/// Serves one connection until its client or the gateway ends it.
pub(crate) async fn serve_connection<Stream>(
    gateway: Arc<GatewayState>,
    context: ConnectionContext,
    stream: Stream,
) where
    Stream: Read + Write + Unpin + Send + 'static,
{
    let stop = gateway.stop.clone();
    let limits = gateway.limits().clone();
    let ticket = context.ticket.clone();
    let service = service_fn(move |request| {
        let answer = answer(Arc::clone(&gateway), context.clone(), request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Counts for idle connections, too. Before the first credentials, the ticket's time is
        // shorter.
        .header_read_timeout(limits.keep_alive)
        .max_header_size(limits.header_bytes)
        .serve_connection(stream, service)
        .with_upgrades();
    // Polled as one, so that a connection without credentials can be closed at any moment, in the
    // middle of a head as well as while its refusal is written.
    let served = async {
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    tokio::select! {
        ended = served => if let Err(error) = ended {
            tracing::debug!("A connection ended early: {error}");
        },
        () = ticket.expired() => tracing::debug!("A connection showed no credentials"),
    }
}

/// Lets connections end, and cuts off what has not ended within the limit.
async fn drain(gateway: &GatewayState) {
    gateway.stop.cancel();
    // What has shown no credentials is not worth a wait.
    gateway.admission.drop_pending();
    gateway.tasks.close();
    let limit = gateway.limits().drain;
    if timeout(limit, gateway.tasks.wait()).await.is_err() {
        let left = gateway.tasks.len();
        tracing::warn!(left, ?limit, "Connections outlived the limit `drain` and are cut off");
        gateway.abort.cancel();
        gateway.tasks.wait().await;
    }
}
