//! Checks what a manifest means: that names refer to something, and settings fit each other.
//!
//! It takes a manifest of the right shape. What has the wrong shape was removed before and is known
//! here as a fault, so that no mistake is reported twice.

mod address;
mod app;
mod build;
mod context;
mod graph;
mod jobs;
mod listening;
mod needs;
mod place;
mod routes;
mod rules;
mod setup;
mod templates;
mod ui;
mod variants;

use crate::diagnostics::Finding;

pub(crate) use context::Context;

/// Finds everything that does not make sense.
pub(crate) fn check(context: &Context<'_>) -> Vec<Finding> {
    let checks: [fn(&Context<'_>) -> Vec<Finding>; 10] = [
        app::check,
        ui::check,
        routes::check,
        jobs::check,
        listening::check,
        rules::check,
        needs::check,
        templates::check,
        build::check,
        setup::check,
    ];
    checks.iter().flat_map(|check| check(context)).collect()
}
