//! Tells the crate which machines it is built for.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks")]

fn main() {
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=TARGET_TRIPLE={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
