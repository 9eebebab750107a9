//! The `ensconce-helper` program; what it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ensconce_helper::run(std::env::args_os().skip(1).collect())
}
