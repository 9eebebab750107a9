//! The window of an app: a library that the app's program loads when the app has begun.
//!
//! It knows nothing of processes and manifests. It is told what the app is called and where its
//! pages are, and what becomes of it; here is only what needs a window: the splash, the way from it
//! to the app's pages and back when something fails, and closing.
//!
//! - `program`: the connection with the app's program
//! - `window`: makes the one window
//! - `model`: decides what it shows, from the state so far and an event to actions, without Tauri
//! - `driver`: brings events to the model; `stage`: does what it wants done, by Tauri
//! - `cover`: Ensconce's own page, over the app's; `status`: the app's latest state, for that page
//! - `commands`: what Ensconce's own page may ask for; `dialog`: choosing a file for it
//! - `pages`, `links`: how the app's pages behave
//! - `platform`: how the webview answers the proxy, and other differences

mod commands;
mod cover;
mod dialog;
mod driver;
mod links;
mod model;
mod pages;
mod platform;
mod program;
mod stage;
mod status;
mod window;

use ensconce_link::{PipeEnds, RawPipeEnds, RunWindow};
use ensconce_protocol::ToWindow;

/// Runs the window; see [`RunWindow`].
///
/// # Safety
/// The ends must be given away by the program, and only once.
// SAFETY: no other function has this name.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ensconce_window(ends: RawPipeEnds) -> i32 {
    // SAFETY: the program gives the ends away, once.
    let ends = unsafe { PipeEnds::from_raw(ends) };
    let mut said = program::connect(ends);
    match said.next() {
        Some(ToWindow::Open(opening)) => window::run(*opening, said),
        _ => 1,
    }
}

/// Checks that the function has the type by which the program calls it.
const _: RunWindow = ensconce_window;
