//! Manifests, right and wrong, and what is said about them.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod build;
mod files;
mod listening;
mod meaning;
mod properties;
mod reference;
mod rendering;
mod rules;
mod schema;
mod services;
mod setup;
mod shape;
mod speed;
mod syntax;
mod templates;
mod valid;

use expect_test::Expect;

/// Checks what is said about a manifest; it is given `[app]` and `[ui]` at its end if it has none.
#[track_caller]
fn check(body: &str, expect: Expect) {
    let found = match ensconce_manifest::parse("ensconce.toml", &complete(body)) {
        Ok(_) => "valid".to_owned(),
        Err(diagnostics) => diagnostics.to_string(),
    };
    expect.assert_eq(&found);
}

/// Adds the tables that every manifest needs, without moving a line.
fn complete(body: &str) -> String {
    let has = |table: &str| body.lines().any(|line| line.trim_start().starts_with(table));
    let app = "\n[app]\nid = \"com.example.notes\"\nname = \"Notes\"\nversion = \"1.2.0\"\n";
    let ui = "\n[ui]\nstatic = \"dist\"\n";
    let app = if has("[app]") || has("app") { "" } else { app };
    let ui = if has("[ui]") || has("ui") { "" } else { ui };
    format!("{body}{app}{ui}")
}
