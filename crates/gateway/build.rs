//! Checks the notice page before it is put into the gateway.

use std::path::Path;

const MARKER: &str = r#"<script type="application/json" id="notice">"#;
const POLICY_START: &str = r#"http-equiv="Content-Security-Policy" content=""#;

fn main() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages/dist/notice.html");
    println!("cargo:rerun-if-changed={}", page.display());
    match std::fs::read_to_string(&page) {
        Ok(text) => println!("cargo:rustc-env=NOTICE_POLICY={}", policy(&text)),
        Err(error) => {
            println!(
                "cargo:error=pages/dist/notice.html: {error}. \
                 Run `npm ci && npm run build` in pages/"
            );
        }
    }
}

/// The page's own policy, which names its script and style by their hashes.
fn policy(page: &str) -> &str {
    if page.matches(MARKER).count() != 1 {
        println!("cargo:error=pages/dist/notice.html needs exactly one `{MARKER}`");
    }
    let policy = page.split_once(POLICY_START).and_then(|(_, rest)| rest.split_once('"'));
    if policy.is_none() {
        println!("cargo:error=pages/dist/notice.html needs a Content-Security-Policy of its own");
    }
    policy.map_or("default-src 'none'", |(policy, _)| policy)
}
