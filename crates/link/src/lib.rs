//! The connection between the app's program and its window.
//!
//! The window is a library that the program loads at run time, because linking a webview takes as
//! long as a small server needs to start. Two pipes, one in each direction, carry a JSON message of
//! `ensconce-protocol` on each line, so that neither side depends on the other's memory layout,
//! threads or allocator.
//!
//! - [`ends`], [`Receiver`], [`Sender`]: the pipes
//! - [`WindowLibrary`]: loads and enters the window

mod library;
mod pipe;

pub use library::{LibraryError, RunWindow, WindowLibrary};
pub use pipe::{Ends, RawEnds, Receiver, Sender, ends};
