//! What a site is made of: its pages, its routes, and what may be reached from it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::Authority;

use crate::origin::{Allowed, Origin};

/// One app's pages, routes and rules.
#[derive(Debug, Clone)]
pub struct Site {
    /// The app's name, as people see it.
    pub app: String,
    /// The pages' origin in the window, for example `http://items.localhost`.
    pub origin: Origin,
    /// What `/` is.
    pub root: Root,
    /// Paths that a service answers. The longest one wins, in whole segments.
    pub routes: Vec<Route>,
    /// Remote origins that the window may reach.
    pub allow: Vec<Allowed>,
    /// Where the app starts, with a leading slash.
    pub start_path: String,
    /// Where a browser finds the app's settings, for links to `/.ensconce/settings`. The window
    /// knows them itself.
    pub settings: Option<SettingsPage>,
    /// How long and how much.
    pub limits: Limits,
}

/// Makes addresses of the app's settings for a browser. Each works once, so that there is a new one
/// for each request.
#[derive(Clone)]
pub struct SettingsPage(Arc<MakeAddress>);

/// Makes an address from the one to come back to.
type MakeAddress = dyn Fn(&str) -> Option<String> + Send + Sync;

impl SettingsPage {
    /// Takes what makes an address; it is given the address to come back to.
    pub fn new(address: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(address))
    }

    /// Makes an address that leads back to `back`; none if there are no random numbers.
    pub(crate) fn address(&self, back: &str) -> Option<String> {
        (self.0)(back)
    }
}

impl fmt::Debug for SettingsPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SettingsPage")
    }
}

/// What `/` is.
#[derive(Debug, Clone)]
pub enum Root {
    /// Files from a folder.
    Static(StaticSite),
    /// A service, by its name.
    Service(String),
    /// Pages that live elsewhere: requests are redirected there, and that origin is allowed.
    Remote(Uri),
}

/// A folder of built pages.
#[derive(Debug, Clone)]
pub struct StaticSite {
    /// The folder. Nothing outside it is served.
    pub folder: PathBuf,
    /// The file that answers a navigation to a path without a file, mostly `index.html`.
    pub fallback: Option<String>,
}

/// A path that a service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The address that the pages call, when it is not the site's own origin. Loopback spellings
    /// (`localhost`, `127.0.0.1`, `[::1]`) are one host.
    pub host: Option<Authority>,
    /// The path that the route starts at, with a leading slash.
    pub path: String,
    /// The service's name.
    pub service: String,
    /// Whether `path` is taken off before the service sees the request.
    pub strip: bool,
}

/// Every limit of the gateway. A time-out's name is in the log line that it causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long a request waits for a service that is starting or restarting.
    pub wait_for_service: Duration,
    /// How long one connection to a service or a remote host may take to be made.
    pub connect: Duration,
    /// How long a service that is said to be ready may refuse connections, or hang up on requests
    /// that can be repeated, before a request fails. A crash is known by then.
    pub refused: Duration,
    /// How long a service may take from the end of a request to the head of its answer.
    pub answer: Duration,
    /// How long a connection that has shown credentials is kept for its next request, and how long
    /// the head of that may take. A little more than the minute after which WebKit lets go, so that
    /// it is not the gateway that closes a connection just when it is used again.
    pub keep_alive: Duration,
    /// How long a client may pause within a request's body while the gateway waits for it.
    pub body_idle: Duration,
    /// How long an unused connection to a service is kept.
    pub service_idle: Duration,
    /// How long an upgraded connection lives on after one side has ended its half.
    pub half_closed: Duration,
    /// How long requests in flight may take after the shutdown began.
    pub drain: Duration,
    /// How many bytes a request's or an answer's head may have.
    pub header_bytes: usize,
    /// How long a connection may go without a request with valid credentials, before its first
    /// one; each refused request starts the time anew.
    pub admission: Duration,
    /// How many connections that have shown credentials may be open at once. So many others wait
    /// for a place.
    pub connections: usize,
    /// How many connections that have not shown credentials may be open at once. When another
    /// one comes, the oldest is closed.
    pub pending_connections: usize,
    /// How many unused connections are kept per service or remote host.
    pub idle_per_upstream: usize,
    /// How many unused connections are kept in all; the one that was used longest ago is closed
    /// for another one.
    pub idle_connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wait_for_service: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            refused: Duration::from_secs(3),
            answer: Duration::from_secs(15 * 60),
            keep_alive: Duration::from_secs(65),
            body_idle: Duration::from_secs(60),
            service_idle: Duration::from_secs(30),
            half_closed: Duration::from_secs(10),
            drain: Duration::from_secs(5),
            header_bytes: 64 * 1024,
            admission: Duration::from_secs(10),
            connections: 512,
            pending_connections: 256,
            idle_per_upstream: 32,
            idle_connections: 256,
        }
    }
}
