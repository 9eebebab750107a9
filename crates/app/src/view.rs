//! How an app is, in words for people: for its own pages, the terminal, and a report of a failure.
//! How things are done, it does not know.

pub(crate) mod console;
pub(crate) mod report;
pub(crate) mod status;
