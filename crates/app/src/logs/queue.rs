//! The lines that wait to be written: bounded in bytes, and never waited for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::entry::Source;

/// The most that may wait, in bytes. As much again may be being written.
const LARGEST: usize = 8 * 1024 * 1024;
/// The most that may wait of one service, so that a flood leaves room for the others.
const LARGEST_SHARE: usize = 2 * 1024 * 1024;
/// What a line costs besides its text.
const LINE_COST: usize = size_of::<Line>();
/// Reports that may wait.
const MOST_REPORTS: usize = 10;

/// The lines that wait to be written.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    batch: Batch,
    jobs: Vec<Job>,
    numbers: HashMap<String, usize>,
    closed: bool,
}

/// Whose lines wait.
struct Job {
    name: Arc<str>,
    /// What waits of it.
    bytes: usize,
    /// The lines that did not fit. When there is one, all that follow are left out as well, up to
    /// the end of the batch: so it is known where they are missing.
    left_out: u64,
}

/// Lines that are written together.
#[derive(Default)]
pub(super) struct Batch {
    text: Vec<u8>,
    lines: Vec<Line>,
    /// Their names, by number.
    pub(super) jobs: Vec<Arc<str>>,
    /// How many lines, by number, are missing behind these.
    pub(super) left_out: Vec<(usize, u64)>,
    /// Files of their own.
    pub(super) reports: Vec<(PathBuf, String)>,
}

/// One of them.
#[derive(Clone, Copy)]
struct Line {
    /// Whose it is.
    job: u32,
    source: Source,
    length: u32,
    milliseconds: u64,
}

/// One of them, to be written.
pub(super) struct Waiting<'a> {
    pub(super) job: usize,
    pub(super) source: Source,
    /// Since 1970.
    pub(super) milliseconds: u64,
    pub(super) text: &'a [u8],
}

impl Queue {
    /// Adds a line, if there is room.
    pub(super) fn add(&self, job: &str, source: Source, text: &str) {
        let milliseconds = now();
        let mut state = self.lock();
        if state.closed {
            return;
        }
        let number = state.number_of(job);
        let cost = text.len() + LINE_COST;
        let room = state.batch.bytes() + cost <= LARGEST;
        let entry = &mut state.jobs[number];
        if entry.left_out > 0 || !room || entry.bytes + cost > LARGEST_SHARE {
            entry.left_out += 1;
        } else {
            entry.bytes += cost;
            state.batch.push(number, source, milliseconds, text);
        }
        // Nobody waits for more when there is something already.
        let first = state.batch.lines.len() <= 1;
        drop(state);
        if first {
            self.news.notify_one();
        }
    }

    /// Adds a file of its own.
    pub(super) fn report(&self, path: PathBuf, text: String) {
        let mut state = self.lock();
        if state.batch.reports.len() < MOST_REPORTS && !state.closed {
            state.batch.reports.push((path, text));
            self.news.notify_one();
        }
    }

    /// Takes no more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_all();
    }

    /// Waits for lines and takes all that there are; `false` when there will be none any more.
    /// `spare` is what was taken before; its memory is used again.
    pub(super) fn take(&self, spare: &mut Batch) -> bool {
        spare.clear();
        let mut state = self.lock();
        while state.batch.is_empty() && !state.closed {
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.batch.is_empty() {
            return false;
        }
        state.count_left_out();
        std::mem::swap(&mut state.batch, spare);
        spare.jobs.extend(state.jobs[spare.jobs.len()..].iter().map(|job| Arc::clone(&job.name)));
        true
    }

    /// Tells whether nothing waits.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().batch.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number_of(&mut self, job: &str) -> usize {
        if let Some(number) = self.numbers.get(job) {
            return *number;
        }
        let number = self.jobs.len();
        self.numbers.insert(job.to_owned(), number);
        self.jobs.push(Job { name: job.into(), bytes: 0, left_out: 0 });
        number
    }

    /// Ends the batch: what did not fit into it is counted, and there is room again.
    fn count_left_out(&mut self) {
        for (number, job) in self.jobs.iter_mut().enumerate() {
            job.bytes = 0;
            let count = std::mem::take(&mut job.left_out);
            if count > 0 {
                self.batch.left_out.push((number, count));
            }
        }
    }
}

impl Batch {
    /// The lines, oldest first.
    pub(super) fn lines(&self) -> impl Iterator<Item = Waiting<'_>> {
        let mut rest = self.text.as_slice();
        self.lines.iter().map(move |line| {
            let (text, behind) = rest.split_at(line.length as usize);
            rest = behind;
            let Line { job, source, milliseconds, .. } = *line;
            Waiting { job: job as usize, source, milliseconds, text }
        })
    }

    fn push(&mut self, job: usize, source: Source, milliseconds: u64, text: &str) {
        // Neither comes near: lines are cut, and each job has a name.
        let (Ok(job), Ok(length)) = (u32::try_from(job), u32::try_from(text.len())) else { return };
        self.text.extend_from_slice(text.as_bytes());
        self.lines.push(Line { job, source, length, milliseconds });
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.lines.len() * LINE_COST
    }

    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.reports.is_empty()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.lines.clear();
        self.left_out.clear();
        self.reports.clear();
    }
}

/// Now, in milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(queue: &Queue, batch: &mut Batch) -> Vec<(String, String)> {
        assert!(queue.take(batch));
        let line = |line: Waiting<'_>| {
            let text = String::from_utf8(line.text.to_vec()).unwrap();
            (batch.jobs[line.job].to_string(), text)
        };
        batch.lines().map(line).collect()
    }

    #[test]
    fn a_flood_leaves_room_for_others_and_is_counted() {
        let (queue, mut batch) = (Queue::default(), Batch::default());
        let long = "x".repeat(LARGEST_SHARE / 2 - LINE_COST);
        for _ in 0..5 {
            queue.add("flood", Source::Stdout, &long);
        }
        queue.add("flood", Source::Stdout, "short");
        queue.add("api", Source::Stdout, "one");
        let lines = taken(&queue, &mut batch);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2], ("api".to_owned(), "one".to_owned()));
        assert_eq!(batch.left_out, [(0, 4)]);
        queue.add("flood", Source::Stdout, "again");
        assert_eq!(taken(&queue, &mut batch), [("flood".to_owned(), "again".to_owned())]);
        assert!(batch.left_out.is_empty());
    }

    #[test]
    fn many_floods_are_bounded_together() {
        let queue = Queue::default();
        let line = "x".repeat(16 * 1024);
        for number in 0..20 * 1000 {
            queue.add(&format!("job-{}", number % 20), Source::Stdout, &line);
        }
        assert!(queue.lock().batch.bytes() <= LARGEST);
    }

    #[test]
    fn what_waits_is_still_given_after_the_end() {
        let (queue, mut batch) = (Queue::default(), Batch::default());
        queue.add("api", Source::Stdout, "one");
        queue.close();
        queue.add("api", Source::Stdout, "two");
        assert_eq!(taken(&queue, &mut batch), [("api".to_owned(), "one".to_owned())]);
        assert!(!queue.take(&mut batch));
    }
}
