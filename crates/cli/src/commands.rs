//! The commands, one file each.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod dev;
mod events;
mod headless;
pub(crate) mod logs;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod schema;
mod window;
