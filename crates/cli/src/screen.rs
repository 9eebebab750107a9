//! What goes to the terminal besides data: progress, logs, traces.

use std::sync::Arc;

use anstream::eprintln;
use ensconce_app::{LogSink, Status, log_line, progress};

/// Sends warnings of the library to stderr; `ENSCONCE_LOG=debug` shows more.
pub(crate) fn show_traces() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ENSCONCE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(anstream::stderr().is_terminal())
        .without_time()
        .with_target(false)
        .init();
}

/// Shows what has changed.
pub(crate) fn show_progress(before: &Status, after: &Status) {
    for line in progress(before, after) {
        eprintln!("{line}");
    }
}

/// Shows every line that the app's processes write.
pub(crate) fn show_logs() -> LogSink {
    Arc::new(|line| eprintln!("{}", log_line(line)))
}

/// Shows none of them; they are in the log files.
pub(crate) fn hide_logs() -> LogSink {
    Arc::new(|_| {})
}
