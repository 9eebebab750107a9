//! How others talk to an app that runs: HTTP on a loopback port, with a token.
//!
//! A second start, the CLI and the app's own back end are its clients. One protocol serves them
//! all, because every language can speak it. Two tokens tell who may do what: the owner's lies in a
//! file that only the user can read; the back end's is given to the services that ask for it, and
//! allows less. Web pages are kept out: a request that a browser has made is refused, whatever it
//! brings along.

mod answer;
mod client;
mod page;
mod server;
mod token;

pub use client::{
    ControlError, ask_for_settings, ask_for_setup_page, ask_setup, ask_status, ask_to_focus,
    ask_to_open, ask_to_restart, ask_to_stop,
};
pub(crate) use page::page_address;
pub use server::Wish;
pub(crate) use server::{Control, EntryMaker, bind};
pub(crate) use token::Tokens;
