//! The app through its public surface, with real processes and real files, below the CLI.

#![allow(clippy::unwrap_used, reason = "All of this is a test")]

#[cfg(unix)]
mod data;
mod layers;
#[cfg(unix)]
mod messages;
#[cfg(unix)]
mod migrations;
#[cfg(unix)]
mod settings;
#[cfg(unix)]
mod strangers;
#[cfg(unix)]
mod world;
