//! How many files this process may have open, and how many the programs that it starts.
//!
//! Systems start programs with a low soft limit (1024 on most Linux systems, 256 on macOS) and let
//! them raise it. It is low because `select` cannot take a descriptor above 1023, and because some
//! programs close every descriptor that they could have, one by one. The app's own program does
//! neither, and carries the connections of a whole app, so it raises its limit. What it starts
//! gets the limit that the app was started with.

/// How much this process needs at most, with all connections that the gateway lets in open, one to
/// a service for each of them, and what is kept for later. Far from the millions that some systems
/// allow: what is started by others within this process, such as a webview, inherits it.
#[cfg(unix)]
const NEEDED: u64 = 4096;

/// What the guard finds the limit for its program by.
#[cfg(unix)]
pub(crate) const OPEN_FILES: &str = "ENSCONCE_OPEN_FILES";

/// The soft limit that this process was started with.
#[cfg(unix)]
static INHERITED: std::sync::OnceLock<Option<u64>> = std::sync::OnceLock::new();

/// Lets this process open as many files as it may need, if the system allows that many.
///
/// Programs that are started afterwards get the limit that was there before.
#[cfg(unix)]
pub fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let inherited = *INHERITED.get_or_init(|| current);
    let possible = maximum.map_or(NEEDED, |maximum| maximum.min(NEEDED));
    if inherited.is_none_or(|inherited| inherited >= possible) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(possible), maximum }) {
        tracing::debug!("The limit of open files stays at {inherited:?}: {error}");
    }
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub fn raise_open_files() {}

/// Returns the limit that programs are to have, if this process has another one.
#[cfg(unix)]
pub(crate) fn limit_of_programs() -> Option<u64> {
    INHERITED.get().copied().flatten()
}
