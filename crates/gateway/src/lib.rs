//! The loopback origin: static files, proxy, session, one error table.

mod answer;
mod backend;
mod body;
mod connect;
mod cookies;
mod cross_site;
mod door;
mod event;
mod failure;
mod forward;
mod headers;
mod notice;
mod origin;
mod path;
mod pool;
mod routing;
mod server;
mod shared;
mod site;
mod static_files;
mod target;
mod tunnel;

pub use backend::{Address, Backend, Backends};
pub use door::{Credentials, Door, Session};
pub use event::Event;
pub use origin::{AddressError, Allowed, Origin};
pub use server::Gateway;
pub use site::{Limits, Root, Route, Site, StaticSite};
