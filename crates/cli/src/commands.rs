//! The commands, one file each.

pub(crate) mod backup;
pub(crate) mod build;
pub(crate) mod check;
mod data;
pub(crate) mod dev;
mod events;
pub(crate) mod export;
mod headless;
pub(crate) mod import;
#[cfg(unix)]
mod init;
pub(crate) mod logs;
pub(crate) mod plan;
pub(crate) mod restart;
pub(crate) mod restore;
pub(crate) mod run;
mod running;
pub(crate) mod schema;
pub(crate) mod secret;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod stop;
mod window;
