//! The helper as the app starts it: real servers, real files, real kills.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "All of this is a test")]

mod archive;
mod backups;
#[cfg(unix)]
mod case;
mod checks;
#[cfg(target_os = "linux")]
mod copies;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod faults;
mod forged;
mod home;
mod http;
#[cfg(unix)]
mod kills;
mod lock;
#[cfg(target_os = "linux")]
mod lock_turns;
mod migrate;
#[cfg(target_os = "linux")]
mod mounts;
mod names;
#[cfg(unix)]
mod places;
#[cfg(target_os = "linux")]
mod postgres;
mod redirects;
mod restore;
#[cfg(target_os = "linux")]
mod room;
mod servers;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod steps;
#[cfg(unix)]
mod swap_kills;
mod task;
#[cfg(target_os = "linux")]
mod tls;
mod update_notes;
#[cfg(target_os = "linux")]
mod update_steps;
mod world;
