//! Whole payloads of small apps, with the real tools.

mod app;
mod faults;
mod files;
#[cfg(target_os = "linux")]
mod runtimes;
mod steps;
