//! The way from the app's program to its window and back.
//!
//! The window is a library that the program loads at run time, because linking a webview takes as
//! long as a small server needs to start. Two pipes lead to it and back, with a JSON message of
//! `ensconce-protocol` on each line, so that neither has to know the other's types, threads or
//! allocator.
//!
//! - [`ends`], [`Receiver`], [`Sender`]: the pipes
//! - [`WindowLibrary`]: loads and enters the window

mod library;
mod pipe;

pub use library::{LibraryError, RunWindow, WindowLibrary};
pub use pipe::{Ends, RawEnds, Receiver, Sender, ends};
