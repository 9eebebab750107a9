//! The whole program from the outside: arguments in, exit code, stdout and stderr out.
//!
//! Each test has a [`world::World`] of its own: a home, an app's folder, and an environment with
//! nothing in it but `PATH`. The services are small real programs. The guard is another program
//! of this workspace: run `cargo build -p ensconce-guard` first, or test the whole workspace.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod bad_input;
mod build;
mod build_elsewhere;
mod check;
mod control;
mod crashes;
mod data;
mod dev;
mod failures;
mod headless;
mod http;
mod logs;
mod plan;
mod prompts;
mod remembered;
mod rules;
mod running;
mod secret;
mod setup;
mod setup_in_terminal;
mod terminal;
mod updates;
mod usage;
mod window;
mod world;
