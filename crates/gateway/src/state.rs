//! What all connections of one gateway share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::{Admission, AdmissionLimits};
use crate::backend::Backends;
use crate::door::Door;
use crate::event::Event;
use crate::failure::Failure;
use crate::host_port::HostPort;
use crate::origin::{AllowedBy, Scheme};
use crate::pool::UpstreamPool;
use crate::routing::{self, RouteTable};
use crate::site::{Limits, Site};

/// One gateway's state. Nothing in it is locked for longer than a look.
#[derive(Debug)]
pub(crate) struct GatewayState {
    pub(crate) site: Site,
    pub(crate) routes: RouteTable,
    pub(crate) door: Door,
    pub(crate) backends: Backends,
    pub(crate) pool: Arc<UpstreamPool>,
    pub(crate) admission: Admission,
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
    remote: Option<(Scheme, HostPort)>,
}

impl GatewayState {
    pub(crate) fn new(
        site: Site,
        door: Door,
        backends: Backends,
        events: broadcast::Sender<Event>,
        port: u16,
    ) -> Self {
        Self {
            routes: RouteTable::new(&site),
            pool: Arc::new(UpstreamPool::new(site.limits.clone())),
            admission: Admission::new(AdmissionLimits {
                pending: site.limits.pending_connections,
                time: site.limits.admission,
                admitted: site.limits.connections,
            }),
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

    /// Returns the name of the gateway's own cookie, where it has one.
    pub(crate) fn cookie_name(&self) -> Option<&str> {
        match &self.door {
            Door::Browser(session) => Some(session.cookie_name()),
            Door::Proxy(_) => None,
        }
    }

    /// Reports an event to whoever listens.
    pub(crate) fn report(&self, event: Event) {
        // An error only means that nobody listens.
        let _ = self.events.send(event);
    }

    /// Reports the first page, once.
    pub(crate) fn report_first_page(&self) {
        if !self.first_page.swap(true, Ordering::Relaxed) {
            self.report(Event::FirstPage);
        }
    }

    /// Reports a target that the app may not reach, and makes the failure of it.
    pub(crate) fn blocked(&self, scheme: Scheme, target: &HostPort, why: String) -> Failure {
        self.report(Event::Refused { origin: scheme.origin_of(target), why });
        Failure::Blocked { target: target.to_string() }
    }

    /// Gives back descriptors that nobody misses, because there are no others left.
    pub(crate) fn make_room(&self) {
        self.admission.drop_pending();
        self.pool.clear();
    }

    /// Checks whether an origin belongs to the app's pages.
    pub(crate) fn is_pages_origin(&self, scheme: Scheme, target: &HostPort) -> bool {
        let own = scheme == Scheme::Http && target == self.site.origin.target();
        own || self.remote.as_ref().is_some_and(|(s, t)| *s == scheme && t == target)
    }

    /// Returns what allows a plain request to a remote host, if anything does.
    pub(crate) fn plain_allowed_by(&self, target: &HostPort) -> Option<AllowedBy> {
        let is_pages =
            |remote: &(Scheme, HostPort)| remote.0 == Scheme::Http && remote.1 == *target;
        self.allowed_by(is_pages, |allowed| allowed.allows_plain(target))
    }

    /// Returns what allows a tunnel to a remote host, if anything does.
    pub(crate) fn tunnel_allowed_by(&self, target: &HostPort) -> Option<AllowedBy> {
        self.allowed_by(|remote| remote.1 == *target, |allowed| allowed.allows_tunnel(target))
    }

    fn allowed_by(
        &self,
        is_pages: impl Fn(&(Scheme, HostPort)) -> bool,
        rule: impl Fn(&crate::Allowed) -> Option<AllowedBy>,
    ) -> Option<AllowedBy> {
        if self.remote.as_ref().is_some_and(is_pages) {
            return Some(AllowedBy::Name);
        }
        let found: Vec<AllowedBy> = self.site.allow.iter().filter_map(rule).collect();
        // A name says more than a star, whichever comes first.
        found.iter().find(|by| **by == AllowedBy::Name).or(found.first()).copied()
    }
}
