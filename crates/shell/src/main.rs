//! The window: a ready-made Tauri program that becomes any app from the manifest that it is given.
//!
//! It is thin. What an app is and does lives in `ensconce-app`; here is only what needs a window:
//! the splash, the way from it to the app's pages and back when something fails, and closing.
//!
//! - `launch`: from the arguments to a prepared app, or to the copy that runs already
//! - `window`: makes the one window
//! - `conductor`: owns the app, and decides what the window shows
//! - `cover`: Ensconce's own page, over the app's; `page`: what is known of the app's
//! - `pages`, `links`: how the app's pages behave in it
//! - `commands`: what Ensconce's own pages may ask for
//! - `platform`: how the webview answers the proxy, and other differences

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod conductor;
mod cover;
mod launch;
mod links;
mod page;
mod pages;
mod platform;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    launch::run()
}
