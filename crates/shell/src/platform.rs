//! Differences between the operating systems.

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod imp;
#[cfg(not(target_os = "linux"))]
#[path = "platform/other.rs"]
mod imp;

pub(crate) use imp::{DOOR, prepare_environment};
