//! What a site is made of: its pages, its routes, and what may be reached from it.

use std::path::PathBuf;
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
    /// Where a browser finds the app's settings, for links to `/.ensconce/settings`; the address to
    /// come back to is put at its end, percent-encoded. The window knows them itself.
    pub settings: Option<String>,
    /// How long and how much.
    pub limits: Limits,
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
    /// How long a service that is said to be ready may refuse connections before the request
    /// fails.
    pub refused: Duration,
    /// How long a service may take from the end of a request to the head of its answer.
    pub answer: Duration,
    /// How long a client may take to send a request's head, and how long an idle connection
    /// is kept for its next request. A little more than the minute after which WebKit lets go, so
    /// that it is not the gateway that closes a connection just when it is used again.
    pub header_read: Duration,
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
    /// How many clients may be connected at once.
    pub connections: usize,
    /// How many unused connections are kept per service.
    pub idle_per_service: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wait_for_service: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            refused: Duration::from_secs(3),
            answer: Duration::from_secs(15 * 60),
            header_read: Duration::from_secs(65),
            body_idle: Duration::from_secs(60),
            service_idle: Duration::from_secs(30),
            half_closed: Duration::from_secs(10),
            drain: Duration::from_secs(5),
            header_bytes: 64 * 1024,
            connections: 512,
            idle_per_service: 32,
        }
    }
}
