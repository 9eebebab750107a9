//! Checks the page of set-up and settings before it is put into the app.

use std::path::Path;

const POLICY_START: &str = r#"http-equiv="Content-Security-Policy" content=""#;

fn main() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages/dist/setup.html");
    println!("cargo:rerun-if-changed={}", page.display());
    match std::fs::read_to_string(&page) {
        Ok(text) => println!("cargo:rustc-env=SETUP_POLICY={}", policy(&text)),
        Err(error) => println!(
            "cargo:error=pages/dist/setup.html: {error}. \
             Run `npm ci && npm run build` in pages/"
        ),
    }
}

/// The page's own policy, which names its script and style by their hashes.
fn policy(page: &str) -> &str {
    let policy = page.split_once(POLICY_START).and_then(|(_, rest)| rest.split_once('"'));
    if policy.is_none() {
        println!("cargo:error=pages/dist/setup.html needs a Content-Security-Policy of its own");
    }
    policy.map_or("default-src 'none'", |(policy, _)| policy)
}
