//! The app while it runs: its jobs, and what comes of them.
//!
//! [`roster`] is the only one that tells the supervisor what to run. Whoever needs everything to
//! stand still, because the data is replaced for instance, takes a [`roster::Pause`] from it.

pub(crate) mod app;
pub(crate) mod database_check;
pub(crate) mod end_signals;
pub(crate) mod follower;
pub(crate) mod given;
pub(crate) mod helper;
pub(crate) mod jobs;
pub(crate) mod manifest_watch;
pub(crate) mod migration;
pub(crate) mod private_files;
pub(crate) mod progress;
pub(crate) mod roster;
pub(crate) mod rules;
pub(crate) mod serving;
pub(crate) mod site;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod updates;
pub(crate) mod values;
