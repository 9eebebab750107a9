//! The `ensconce` program: turns a web app into a desktop app.
//!
//! One file per command in `commands/`. A command returns a `CommandError` or nothing; `error` is
//! the one place that decides how it is shown, and with which code the program ends.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the front end")]

mod arguments;
mod commands;
mod error;
mod prompt;

use std::process::ExitCode;

use ensconce_terminal as screen;

fn main() -> ExitCode {
    arguments::run()
}
