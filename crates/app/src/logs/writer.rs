//! The thread that writes the logs.

use std::fs;
use std::io;
use std::path::Path;

use super::entry::{self, Clock};
use super::file::LogFile;
use super::places::Places;
use super::queue::{Batch, Queue, now};

/// How many reports are kept.
const REPORTS_KEPT: usize = 10;

/// Writes what comes by a queue.
pub(super) struct Writer {
    places: Places,
    merged: LogFile,
    /// By the numbers that the queue has given the jobs.
    files: Vec<LogFile>,
    clock: Clock,
}

impl Writer {
    pub(super) fn new(places: Places) -> Self {
        let merged = LogFile::new(places.of(None), true);
        Self { places, merged, files: Vec::new(), clock: Clock::default() }
    }

    /// Goes on until the queue has ended.
    pub(super) fn run(mut self, queue: &Queue) {
        let mut batch = Batch::default();
        while queue.take(&mut batch) {
            for job in &batch.jobs[self.files.len()..] {
                self.files.push(LogFile::new(self.places.of(Some(job)), false));
            }
            self.add_all(&batch);
            self.flush();
            if !batch.left_out.is_empty() {
                self.leave_out(&batch);
                self.flush();
            }
            for (path, text) in &batch.reports {
                if let Err(error) = write_report(path, text) {
                    tracing::warn!("No report can be written to {}: {error}", path.display());
                }
            }
        }
        // There may be room now for what is to be said of what was left out.
        self.flush();
    }

    fn add_all(&mut self, batch: &Batch) {
        for line in batch.lines() {
            let time = self.clock.text(line.milliseconds);
            let name = &batch.jobs[line.job];
            self.files[line.job]
                .add(time, |to| entry::write(to, time, None, line.source, line.text));
            self.merged.add(time, |to| entry::write(to, time, Some(name), line.source, line.text));
        }
    }

    fn leave_out(&mut self, batch: &Batch) {
        for (job, count) in &batch.left_out {
            self.files[*job].leave_out(*count);
            self.merged.leave_out(*count);
        }
    }

    fn flush(&mut self) {
        let time = self.clock.text(now());
        self.files.iter_mut().chain([&mut self.merged]).for_each(|file| file.write(time));
    }
}

/// Writes a report, and takes the oldest away when there are too many.
pub(crate) fn write_report(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    fs::write(path, text)?;
    // Their names begin with the time.
    let is_report = |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "txt");
    let all = fs::read_dir(folder)?.flatten().map(|file| file.path());
    let mut all: Vec<_> = all.filter(is_report).collect();
    all.sort();
    all.iter().rev().skip(REPORTS_KEPT).try_for_each(fs::remove_file)
}
