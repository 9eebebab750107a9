//! Manifests and facts in, plans out.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what should not happen fails the test")]

mod check;
mod errors;
mod installed;
mod overrides;
mod properties;
mod python;
mod rules;
mod setup;
mod shown;
mod tasks;
mod variables;
