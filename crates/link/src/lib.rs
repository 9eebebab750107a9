//! What the app's program and its window tell each other, and the way they do.
//!
//! The window is a library that the program loads at run time, because linking a webview takes as
//! long as a small server needs to start. Two pipes lead to it and back, with a JSON message on
//! each line, so that neither has to know the other's types, threads or allocator.
//!
//! - [`Status`] and what is in it: the state of an app
//! - [`Opening`], [`ToWindow`], [`FromWindow`]: the messages
//! - [`ends`], [`Receiver`], [`Sender`]: the pipes
//! - [`WindowLibrary`]: loads and enters the window

mod library;
mod message;
mod pipe;
mod status;

pub use library::{LibraryError, RunWindow, WindowLibrary};
pub use message::{Appearance, Entry, FromWindow, Opening, ToWindow};
pub use pipe::{Ends, RawEnds, Receiver, Sender, ends};
pub use status::{AppFace, FailureReport, Status, StatusPhase, StepKind, StepState, StepStatus};
