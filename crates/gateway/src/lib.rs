//! The app's one loopback door: static files, routes to services, and who may come in.
//!
//! It knows no manifest, no window and no process. Whoever uses it binds a listener, says with
//! [`Backends`] where each service is, and ends it with a future.
//!
//! # Theory of operation
//!
//! One task accepts connections; each connection is a task of its own. Until its first valid
//! credential it is pending, and may be closed for another one; from then on it holds one of
//! `limits.connections` places until the last byte of it, upgraded or not ([`Admission`]).
//! A request goes through these steps, of which each can only make it smaller or refuse it:
//!
//! 1. **Door** (`door`). The [proxy door](Door::Proxy) wants credentials before it looks at
//!    anything else, then reads the address: the app's own origin, a route's own host, an allowed
//!    remote host, or refused. The [browser door](Door::Browser) wants one of its own loopback
//!    hosts and the session's cookie, or a one-time token that turns into it. A tunnel (`CONNECT`)
//!    to one of the app's own addresses is served as a connection within the connection.
//! 2. **Origin** (`cross_site`). What another site made is refused, WebSockets included.
//! 3. **Route** (`routing`, `path`). The longest path wins. A path that could be read in two ways
//!    is refused rather than guessed; otherwise it is passed on byte for byte.
//! 4. **Answer**: a file (`static_files`), a service or a plain remote host (`forward`), or a
//!    redirect to pages that live elsewhere.
//!
//! Whatever fails on the way is a `Failure`, and becomes a notice in one table (`failure`,
//! `notice`). No other place invents a status.
//!
//! A request to a service waits on that service's channel until it is ready, connects, and is sent
//! (`send`). Connections are kept (`pool`) once their answer is over, but not beyond a restart. A
//! refused connection means that the service has just died; the request waits, for nothing was
//! sent. Once it was sent, only a repeatable one (`GET`, `HEAD`, `OPTIONS` without a body) is sent
//! again, three times at most and the last time after a restart. Bodies pass through frame by frame
//! in both directions; nothing is buffered whole, so a slow reader slows its sender down. When one
//! side leaves, dropping the future or the body closes the other side's connection; an answer that
//! breaks off breaks off for the client too.
//!
//! When the shutdown future is done, the listener closes, what has no end of its own (event
//! streams, WebSockets, tunnels) is cut off, requests that wait for a service are let go, and all
//! others have `limits.drain` to end.
//!
//! # Example
//!
//! ```
//! use ensconce_gateway::{Backends, Door, Gateway, Limits, Root, Session, Site, StaticSite};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("index.html"), "<p>Hello")?;
//! let site = Site {
//!     app: "Items".to_owned(),
//!     origin: "http://items.localhost".parse()?,
//!     root: Root::Static(StaticSite { folder: folder.path().to_owned(), fallback: None }),
//!     routes: Vec::new(),
//!     allow: Vec::new(),
//!     start_path: "/".to_owned(),
//!     settings: None,
//!     limits: Limits::default(),
//! };
//! let session = Session::new("com.example.items")?;
//! let gateway = Gateway::new(site, Door::Browser(session.clone()), Backends::default());
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let serving = tokio::spawn(gateway.serve(listener, async { drop(stopped.await) }));
//!
//! // The link works once, and leads to the start with the session's cookie.
//! let link = session.entry_url(address)?;
//! let path = link.trim_start_matches(&format!("http://{address}"));
//! let mut browser = tokio::net::TcpStream::connect(address).await?;
//! let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
//! browser.write_all(request.as_bytes()).await?;
//! let mut answer = String::new();
//! browser.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 303"));
//! assert!(answer.contains("ensconce_com.example.items="));
//!
//! drop(stop);
//! serving.await?;
//! # Ok(())
//! # }
//! ```

mod admission;
mod answer;
mod backend;
mod body;
mod connect;
mod connection;
mod cookies;
mod cross_site;
mod door;
mod event;
mod failure;
mod forward;
mod headers;
mod host_port;
mod notice;
mod origin;
mod own_addresses;
mod path;
mod pool;
mod preflight;
mod routing;
mod send;
mod server;
mod site;
mod state;
mod static_files;
mod tunnel;

pub use admission::{Admission, AdmissionLimits, AdmissionTicket, TooManyConnections};
pub use backend::{Address, Backend, Backends};
pub use door::{Credentials, Door, Session};
pub use event::Event;
pub use origin::{AddressError, Allowed, Origin};
pub use server::Gateway;
pub use site::{Limits, Root, Route, SettingsPage, Site, StaticSite};
