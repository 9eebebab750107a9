//! What the user has answered, and is kept between starts.
//!
//! Answers that are no secrets lie in a file; of the others only the names are known here. It does
//! not know who asks, or how a page says it.

pub(crate) mod kept;
pub(crate) mod old_settings;
pub(crate) mod shown;
pub(crate) mod valid;
