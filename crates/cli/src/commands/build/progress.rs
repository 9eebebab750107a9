//! Shows the progress of a build: bars on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ensconce_payload::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::screen;

/// The interval at which a spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// One line with the current work, below what is done.
pub(super) struct Bars {
    bar: ProgressBar,
    work: Mutex<Work>,
    is_terminal: bool,
}

#[derive(Default)]
struct Work {
    current: Option<(String, Instant)>,
    warnings: Vec<String>,
}

impl Bars {
    pub(super) fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(spinner());
        if is_terminal {
            bar.enable_steady_tick(TURN);
        }
        Self { bar, work: Mutex::default(), is_terminal }
    }

    /// Ends the last piece of work, and shows what the developer should know.
    pub(super) fn finish(&self) {
        self.end_current();
        self.bar.finish_and_clear();
        let warnings = std::mem::take(&mut self.work().warnings);
        for warning in warnings {
            screen::warn(&warning);
        }
    }

    /// Removes the line, so that an error can be shown.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn end_current(&self) {
        let Some((what, began)) = self.work().current.take() else { return };
        let seconds = began.elapsed().as_secs_f64();
        self.say(&format!("{what} ({seconds:.1} s)"));
    }

    fn say(&self, line: &str) {
        if self.is_terminal {
            self.bar.suspend(|| screen::say(line));
        } else {
            screen::say(line);
        }
    }

    fn work(&self) -> std::sync::MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bars {
    fn begin(&self, what: &str) {
        self.end_current();
        self.work().current = Some((what.to_owned(), Instant::now()));
        self.bar.set_style(spinner());
        self.bar.set_message(what.to_owned());
    }

    fn bytes(&self, done: u64, total: Option<u64>) {
        if let Some(total) = total
            && self.bar.length() != Some(total)
        {
            self.bar.set_length(total);
            self.bar.set_style(bytes_bar());
        }
        self.bar.set_position(done);
    }

    fn line(&self, line: &str) {
        self.say(&format!("  {line}"));
    }

    fn warn(&self, text: &str) {
        self.work().warnings.push(text.to_owned());
    }
}

fn spinner() -> ProgressStyle {
    style("{spinner} {wide_msg}")
}

fn bytes_bar() -> ProgressStyle {
    style("{spinner} {msg} {wide_bar} {bytes}/{total_bytes}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
