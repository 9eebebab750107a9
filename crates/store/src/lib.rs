//! Keeps small private files: written whole or not at all, readable by their owner only, and typed.
//!
//! [`write_private`] replaces a file so that a reader, even after a crash, finds either the old
//! content or the new one. [`Document`] is a JSON file on top of it, with a version, migrations,
//! and a rule for what cannot be read. [`Hold`] lets one process at a time change a folder. What
//! the files contain is not known here.
//!
//! # Theory of operation
//!
//! A file is written beside its place, as `.NAME.RANDOM.tmp` with mode 0600, flushed to the disk,
//! and renamed. Its writer holds a lock on it meanwhile. A killed writer leaves such a file without
//! a lock, which is how [`clear_leftovers`] distinguishes it from one that is being written.

mod document;
mod file;
mod hold;

pub use document::{Document, Found, Kept, Migration, StoreError, Unusable};
pub use file::{Lasting, clear_leftovers, create_private, set_aside, write_private};
pub use hold::Hold;
