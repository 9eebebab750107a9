//! The log files of an app: one for each task and service, and one that has all.
//!
//! [`Logs::add`] puts a line into a queue that is bounded in bytes, and never waits; a thread
//! writes. What does not fit, because the disk is slow or full, is left out, and the log says how
//! much that was. Nothing here knows secrets: lines come without them.

mod entry;
mod file;
mod places;
mod queue;
mod reader;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ensconce_supervisor::LogLine;

use places::Places;
use queue::Queue;
use writer::Writer;

pub(crate) use entry::Stamp;
pub use entry::{LogEntry, Source};
pub use places::log_names;
pub use reader::LogReader;
pub(crate) use writer::write_report;

/// How long the last lines may take to be written; a disk that hangs must not keep the app alive.
const FINISH_LIMIT: Duration = Duration::from_secs(5);

/// The log files of an app that runs.
pub(crate) struct Logs {
    places: Places,
    queue: Arc<Queue>,
    /// Ends when all is written.
    done: Mutex<Receiver<()>>,
}

impl Logs {
    /// Begins to write into a folder.
    pub(crate) fn begin(folder: PathBuf) -> Self {
        let places = Places::new(folder);
        let queue = Arc::new(Queue::default());
        let (alive, done) = channel();
        let (own, writer) = (Arc::clone(&queue), Writer::new(places.clone()));
        let write = move || {
            writer.run(&own);
            drop(alive);
        };
        if let Err(error) = thread::Builder::new().name("logs".to_owned()).spawn(write) {
            tracing::warn!("No logs are written: {error}");
            queue.close();
        }
        Self { places, queue, done: Mutex::new(done) }
    }

    /// The file that a job's lines are in.
    pub(crate) fn path(&self, job: &str) -> PathBuf {
        self.places.of(Some(job))
    }

    /// Adds a line; it is written as soon as the disk takes it.
    pub(crate) fn add(&self, line: LogLine<'_>) {
        self.queue.add(line.job, line.stream.into(), line.text);
    }

    /// Adds a report, a file of its own; gives where it will be.
    pub(crate) fn report(&self, about: &str, text: String) -> PathBuf {
        let path = self.places.report(about);
        self.queue.report(path.clone(), text);
        path
    }

    /// Takes no more, and waits until everything is written, but not for ever.
    pub(crate) fn finish(&self) {
        self.queue.close();
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = done.recv_timeout(FINISH_LIMIT);
    }
}

/// Where a report that is made now goes, of an app that does not run.
pub(crate) fn new_report(folder: &Path, about: &str) -> PathBuf {
    Places::new(folder.to_owned()).report(about)
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests;
