//! The gateway over real sockets, with real services behind it.

#![allow(clippy::unwrap_used, reason = "All of this is a test")]

mod admission;
mod browser_door;
mod client;
mod crashes;
mod cross_site;
mod limits;
mod notices;
mod odd_requests;
mod proxy_door;
mod service;
mod services;
mod static_files;
mod streaming;
mod upgrades;
mod world;
