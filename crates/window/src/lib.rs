//! The window of an app: a library that the app's program loads when the app has begun.
//!
//! It knows nothing of processes and manifests. It is told what the app is called and where its
//! pages are, and what becomes of it; here is only what needs a window: the splash, the way from it
//! to the app's pages and back when something fails, and closing.
//!
//! - `program`: what is heard from the app's program, and told to it
//! - `window`: makes the one window
//! - `conductor`: decides what the window shows
//! - `cover`: Ensconce's own page, over the app's; `page`: what is known of the app's
//! - `outages`: services that are away for a moment
//! - `pages`, `links`: how the app's pages behave in it
//! - `commands`: what Ensconce's own pages may ask for
//! - `platform`: how the webview answers the proxy, and other differences

mod commands;
mod conductor;
mod cover;
mod dialog;
mod links;
mod outages;
mod page;
mod pages;
mod platform;
mod program;
mod window;

use ensconce_link::{Ends, RawEnds, RunWindow, ToWindow};

/// Runs the window; see [`RunWindow`].
///
/// # Safety
/// The ends must be given away by the program, and only once.
// SAFETY: no other function has this name.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ensconce_window(ends: RawEnds) -> i32 {
    // SAFETY: the program gives the ends away, once.
    let ends = unsafe { Ends::from_raw(ends) };
    let mut told = program::connect(ends);
    match told.next() {
        Some(ToWindow::Open(opening)) => window::run(*opening, told),
        _ => 1,
    }
}

/// That the function is what the program takes it for.
const _: RunWindow = ensconce_window;
