//! What all connections of one gateway share.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backend::Backends;
use crate::door::Door;
use crate::event::Event;
use crate::origin::{Reach, Scheme};
use crate::pool::Pool;
use crate::routing::{self, Routes};
use crate::site::{Limits, Site};
use crate::target::Target;

/// One gateway's state. Nothing in it is locked for longer than a look.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) site: Site,
    pub(crate) routes: Routes,
    pub(crate) door: Door,
    pub(crate) backends: Backends,
    pub(crate) pool: Arc<Pool>,
    /// The port that the gateway listens on.
    pub(crate) port: u16,
    /// Cancelled when the shutdown begins.
    pub(crate) stop: CancellationToken,
    /// Cancelled when the shutdown waits no longer.
    pub(crate) abort: CancellationToken,
    /// Every connection and tunnel.
    pub(crate) tasks: TaskTracker,
    pub(crate) events: broadcast::Sender<Event>,
    first_page: AtomicBool,
    /// Where pages come from when they live elsewhere.
    remote: Option<(Scheme, Target)>,
}

impl Shared {
    pub(crate) fn new(
        site: Site,
        door: Door,
        backends: Backends,
        events: broadcast::Sender<Event>,
        port: u16,
    ) -> Self {
        Self {
            routes: Routes::new(&site),
            pool: Arc::new(Pool::new(site.limits.clone())),
            remote: routing::remote_origin(&site.root),
            first_page: AtomicBool::new(false),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
            site,
            door,
            backends,
            events,
            port,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.site.limits
    }

    /// The name of the gateway's own cookie, where it has one.
    pub(crate) fn cookie_name(&self) -> Option<&str> {
        match &self.door {
            Door::Browser(session) => Some(session.cookie_name()),
            Door::Proxy(_) => None,
        }
    }

    /// Tells who listens, if anybody does.
    pub(crate) fn tell(&self, event: Event) {
        // An error only means that nobody listens.
        let _ = self.events.send(event);
    }

    /// Tells of the first page, once.
    pub(crate) fn tell_first_page(&self) {
        if !self.first_page.swap(true, Ordering::Relaxed) {
            self.tell(Event::FirstPage);
        }
    }

    /// Whether an origin belongs to the app's pages.
    pub(crate) fn is_pages_origin(&self, scheme: Scheme, target: &Target) -> bool {
        let own = scheme == Scheme::Http && target == self.site.origin.target();
        own || self.remote.as_ref().is_some_and(|(s, t)| *s == scheme && t == target)
    }

    /// How a plain request may reach a remote host, if it may.
    pub(crate) fn reach_in_plain(&self, target: &Target) -> Option<Reach> {
        let named = |remote: &(Scheme, Target)| remote.0 == Scheme::Http && remote.1 == *target;
        self.reach(named, |allowed| allowed.plain(target))
    }

    /// How a tunnel may reach a remote host, if it may.
    pub(crate) fn reach_by_tunnel(&self, target: &Target) -> Option<Reach> {
        self.reach(|remote| remote.1 == *target, |allowed| allowed.tunnel(target))
    }

    fn reach(
        &self,
        is_pages: impl Fn(&(Scheme, Target)) -> bool,
        rule: impl Fn(&crate::Allowed) -> Option<Reach>,
    ) -> Option<Reach> {
        if self.remote.as_ref().is_some_and(is_pages) {
            return Some(Reach::Named);
        }
        let reaches: Vec<Reach> = self.site.allow.iter().filter_map(rule).collect();
        // A name says more than a star, whichever comes first.
        reaches.iter().find(|reach| **reach == Reach::Named).or(reaches.first()).copied()
    }
}

/// One client's connection. Clones stand for the same one.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The client's address.
    pub(crate) client: SocketAddr,
    /// For a tunnel that leads back into the gateway: where it was to lead to.
    pub(crate) inside: Option<Target>,
    /// Its place among the connections that may be open at once.
    pub(crate) slot: Arc<OwnedSemaphorePermit>,
}

impl Visit {
    /// Runs what lives on after the request, in the connection's place and until the end.
    pub(crate) fn spawn(&self, shared: &Shared, task: impl Future<Output = ()> + Send + 'static) {
        let slot = Arc::clone(&self.slot);
        let abort = shared.abort.clone();
        shared.tasks.spawn(async move {
            abort.run_until_cancelled(task).await;
            drop(slot);
        });
    }
}
