//! The commands, one file each.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod dev;
mod events;
mod headless;
#[cfg(unix)]
mod init;
pub(crate) mod logs;
pub(crate) mod plan;
pub(crate) mod restart;
pub(crate) mod run;
mod running;
pub(crate) mod schema;
pub(crate) mod secret;
pub(crate) mod status;
pub(crate) mod stop;
mod window;
