//! Writes to the terminal: data to stdout, everything else to stderr. Both front ends use it.
//!
//! Nothing here panics when a write fails: a terminal may be closed, a disk full, a reader gone,
//! and the app must still end in order.

mod refusals;

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use ensconce_app::{LogSink, log_line, progress};
use ensconce_protocol::AppStatus;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

pub use refusals::ShownRefusals;

/// How many lines may wait to be shown. More are left out; the log files keep far more.
const MOST_WAITING: usize = 4096;
/// How long the last lines may take to be shown.
const FINISH_LIMIT: Duration = Duration::from_secs(1);

/// Sends warnings of the libraries to stderr; `ENSCONCE_LOG=debug` shows more.
pub fn show_traces() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ENSCONCE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(anstream::stderr)
        .log_internal_errors(false)
        .event_format(Traces)
        .init();
}

/// Formats a trace like everything else: a word, a colon, a sentence.
struct Traces;

impl<S, N> FormatEvent<S, N> for Traces
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (word, color) = match *event.metadata().level() {
            Level::ERROR => ("error", AnsiColor::Red),
            Level::WARN => ("warning", AnsiColor::Yellow),
            Level::INFO => ("info", AnsiColor::Green),
            Level::DEBUG => ("debug", AnsiColor::Blue),
            Level::TRACE => ("trace", AnsiColor::Magenta),
        };
        let style = Style::new().bold().fg_color(Some(color.into()));
        write!(writer, "{style}{word}:{style:#} ")?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// Writes a line to stderr; colours are removed where they are not wanted.
pub fn say(line: &str) {
    let _ = anstream::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Writes a warning to stderr.
pub fn warn(message: &str) {
    let yellow = Style::new().bold().fg_color(Some(AnsiColor::Yellow.into()));
    say(&format!("{yellow}warning:{yellow:#} {message}"));
}

/// Writes to stdout at once; a reader that has left is not an error.
///
/// # Errors
/// When stdout cannot be written for another reason, such as a full disk.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// A running app's lines on stderr, written by a separate thread: a terminal that is paused, or a
/// reader that has stopped reading, must not stop the app.
#[derive(Clone)]
pub struct Screen {
    notes: SyncSender<Note>,
    left_out: Arc<AtomicUsize>,
}

enum Note {
    Line(String),
    /// Answered once everything before it has been written.
    Finish(SyncSender<()>),
}

impl Screen {
    /// Starts the thread.
    pub fn open() -> Self {
        let (notes, queue) = sync_channel(MOST_WAITING);
        let left_out = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&left_out);
        thread::spawn(move || write_all(&queue, &seen));
        Self { notes, left_out }
    }

    /// Shows a line, as soon as the terminal takes it.
    pub fn show(&self, line: String) {
        if self.notes.try_send(Note::Line(line)).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Shows what has changed.
    pub fn show_progress(&self, before: &AppStatus, after: &AppStatus) {
        progress(before, after).into_iter().for_each(|line| self.show(line));
    }

    /// Shows every line that the app's processes write.
    pub fn log_sink(&self) -> LogSink {
        let screen = self.clone();
        Arc::new(move |line| screen.show(log_line(line)))
    }

    /// Waits until everything is shown, with a limit.
    pub fn finish(&self) {
        let (done, wait) = sync_channel(1);
        let deadline = Instant::now() + FINISH_LIMIT;
        while self.notes.try_send(Note::Finish(done.clone())).is_err() {
            if Instant::now() > deadline {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = wait.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

fn write_all(queue: &Receiver<Note>, left_out: &AtomicUsize) {
    for note in queue {
        match note {
            Note::Line(line) => say(&line),
            Note::Finish(done) => drop(done.send(())),
        }
        match left_out.swap(0, Ordering::Relaxed) {
            0 => {}
            count => say(&format!("... {count} lines left out here; see the log files")),
        }
    }
}
