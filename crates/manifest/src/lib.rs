//! Turns the text of an `ensconce.toml` into a [`Manifest`], or into every mistake in it.
//!
//! It reads no file and looks at no machine: paths are only text here, and whether a program
//! exists is for others to find out. The plan says what a manifest amounts to on a machine.
//!
//! ```
//! use ensconce_manifest::parse;
//!
//! let text = r#"
//!     [app]
//!     id = "com.example.notes"
//!     name = "Notes"
//!     version = "1.2.0"
//!
//!     [ui]
//!     static = "web/dist"
//!
//!     [[route]]
//!     path = "/api"
//!     service = "api"
//!
//!     [service.api]
//!     command = ["{python}", "-m", "uvicorn", "app.main:app", "--uds", "{socket}"]
//! "#;
//! let manifest = parse("ensconce.toml", text)?;
//! assert_eq!(manifest.routes[0].service, "api");
//!
//! let mistakes = parse("ensconce.toml", &text.replace("{socket}", "{sockt}")).unwrap_err();
//! assert_eq!(
//!     mistakes.to_string().lines().next(),
//!     Some("ensconce.toml:15:71: Unknown template `{sockt}`"),
//! );
//! # Ok::<(), ensconce_manifest::Diagnostics>(())
//! ```
//!
//! # Theory of operation
//!
//! 1. The text becomes a tree with places, as far as its syntax allows.
//! 2. The tree is walked against the [`schema`], which comes from the types; whatever has the wrong
//!    shape is reported, and removed.
//! 3. The rest becomes a [`Manifest`], and what it means is checked: for every platform, both
//!    installed and under `ensconce dev`.
//!
//! So all mistakes are reported together, in [`Diagnostics`], except those that hide behind another
//! one in the same table.

mod build;
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
mod rules;
mod schema;
mod service;
mod setup;
mod size;
mod syntax;
mod template;
mod walk;
mod words;

pub use diagnostics::{Diagnostic, Diagnostics};
pub use listen::listening;
pub use model::*;
pub use near::nearest;
pub use parse::{parse, parse_bytes};
pub use position::Position;
pub use schema::schema;
pub use template::{Piece, Template, TemplateError, Variable};
pub use words::and_list;
