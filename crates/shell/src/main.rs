//! The app's program: a ready-made binary that becomes any app from the manifest that it is given.
//!
//! It is thin. What an app is and does is in `ensconce-app`; how it looks in a window, in the
//! library `ensconce-window`. This program connects the two. The app starts before the window's
//! library is loaded, because linking a webview takes as long as a small server needs to start.
//!
//! - `arguments`: what it takes on its command line, and from whom
//! - `installation`: the app that it was installed with
//! - `launch`: from the arguments to a running app, or to the copy that runs already
//! - `opened`: files and addresses that the desktop opens with the app
//! - `window`: describes the app to its window, and runs it
//! - `host`: owns the app, and stands between it and the window
//! - `platform`: how the webview gets to the app, and other differences

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod host;
mod installation;
mod launch;
mod opened;
mod platform;
mod to_window;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    launch::run()
}
