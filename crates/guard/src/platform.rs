//! Finds the tree: what the operating systems do differently.

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod imp;
#[cfg(not(target_os = "linux"))]
#[path = "platform/macos.rs"]
mod imp;

pub(crate) use imp::{ORPHANS_END_UNSEEN, adopt_orphans, strays};
