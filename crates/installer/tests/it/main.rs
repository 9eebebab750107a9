//! Packages are made, and read, installed, run and removed by the tools that people have.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod appimage;
mod cache;
mod code_signing;
mod deb;
mod errors;
mod full_disk;
mod macos;
mod msi;
mod nsis;
mod reproducible;
mod rpm;
mod signing;
mod tarball;
mod world;
