//! The loopback origin: static files, proxy, session, one error table.

mod backend;
mod cookies;
mod door;
mod event;
mod origin;
mod server;
mod site;
mod target;

pub use backend::{Address, Backend, Backends};
pub use door::{Credentials, Door, Session};
pub use event::Event;
pub use origin::{AddressError, Allowed, Origin};
pub use server::Gateway;
pub use site::{Limits, Root, Route, Site, StaticSite};
