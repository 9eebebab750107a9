//! The app's program from the outside: what it takes on its command line, and from whom.
//!
//! No window opens here: the library with it is not beside the programs of these tests, so an app
//! that starts ends again with an error about that. `e2e/` opens windows.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod developed;
mod installed;
mod world;
