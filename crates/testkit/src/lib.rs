//! What tests of real processes share: a fake service, ways to find processes, and waits that end.
//!
//! The fake service is the program `ensconce-fake`; its first lines list what it can do. Nothing
//! here knows the supervisor or any other part of Ensconce.

mod mark;
mod programs;
mod recorder;
mod wait;
#[cfg(windows)]
mod windows;

pub use mark::Mark;
pub use programs::{example, program};
pub use recorder::Recorder;
pub use tempfile::TempDir;
pub use wait::{PATIENCE, eventually, holds_within};
#[cfg(windows)]
pub use windows::{Image, open_console, send_break};

/// Makes a folder that goes when the value is dropped, with a path short enough for sockets.
///
/// # Panics
/// When the folder cannot be made.
pub fn temp_dir() -> TempDir {
    tempfile::Builder::new().prefix("en").tempdir().expect("a temporary folder can be made")
}
