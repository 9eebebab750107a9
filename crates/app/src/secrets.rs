//! The secrets of an app: fetched while everything else starts, and at hand for those that are
//! given them.
//!
//! It does not know who asks for a secret, or how a page says that one is missing.

pub(crate) mod location;
pub(crate) mod passphrase;
pub(crate) mod state;
pub(crate) mod store;
