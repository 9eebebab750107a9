//! How others talk to an app that runs: HTTP on a loopback port, with a token.
//!
//! A second start, the CLI and the app's own back end are its clients. One protocol serves them
//! all, because every language can speak it. Tokens tell who may do what: the owner's lies in a file
//! that only the user can read; the back end's is given to the services that ask for it, and allows
//! less. Web pages are kept out: a request that a browser has made is refused, whatever it brings
//! along, but for the page of set-up and settings, which has an origin and keys of its own.
//!
//! A client sends its token to nobody who has not proved that it knows the token as well: the port
//! of an app that was killed may be a stranger's.

pub(crate) mod client;
pub(crate) mod page;
pub(crate) mod proof;
pub(crate) mod response;
pub(crate) mod server;
pub(crate) mod token;
