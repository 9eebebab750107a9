//! Gives the program the limit of open files that the app was started with; see the module of the
//! same name in the supervisor, which has raised it for itself.

use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Where the supervisor says it.
const OPEN_FILES: &str = "ENSCONCE_OPEN_FILES";

/// Takes the limit on for this process, from which the program inherits it.
pub(crate) fn restore(program: &mut Command) {
    program.env_remove(OPEN_FILES);
    let told = std::env::var(OPEN_FILES).ok().and_then(|limit| limit.parse().ok());
    if let Some(limit) = told {
        let maximum = getrlimit(Resource::Nofile).maximum;
        // It was the limit before, so it is possible; without it the program has more than it needs.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(limit), maximum });
    }
}
