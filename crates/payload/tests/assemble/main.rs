//! Whole payloads of small apps, with the real tools.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod app;
mod faults;
mod files;
#[cfg(target_os = "linux")]
mod runtimes;
mod steps;
