//! Turns the text of an `ensconce.toml` into a [`Manifest`], or into every mistake in it.
//!
//! It reads no file and looks at no machine: paths are only text here, and whether a program
//! exists is for others to find out.

mod check;
mod diagnostics;
mod duration;
mod faults;
mod listen;
pub mod model;
mod near;
mod overrides;
mod parse;
mod position;
mod render;
mod schema;
mod template;
mod walk;
mod words;

pub use diagnostics::{Diagnostic, Diagnostics};
pub use listen::listening;
pub use model::*;
pub use parse::{parse, parse_bytes};
pub use position::Position;
pub use schema::schema;
pub use template::{Piece, Template, TemplateError, Variable};
