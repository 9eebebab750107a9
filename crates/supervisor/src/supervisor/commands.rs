//! Carries out commands.

use std::collections::HashSet;

use tokio::sync::oneshot;

use super::handle::Command;
use super::{Answer, Loop};
use crate::Job;
use crate::state::{AfterStop, State};

impl Loop {
    /// Carries out a command; returns the answer that is due once its effect can be seen.
    pub(super) fn obey(&mut self, command: Command) -> Option<Answer> {
        match command {
            Command::Stop(done) => {
                self.stopping = true;
                self.stop_waiters.push(done);
                None
            }
            // What is coming to its end is not begun again. Whoever waits sees that nobody answers.
            _ if self.stopping => None,
            Command::Retry(done) => {
                self.retry();
                Some(answer(done, ()))
            }
            Command::Restart(name, known) => {
                let is_known = self.restart(&name);
                Some(answer(known, is_known))
            }
            Command::Replace { jobs, changed, done } => {
                self.replace(jobs, &changed);
                Some(answer(done, ()))
            }
        }
    }

    fn retry(&mut self) {
        for entry in self.entries.values_mut() {
            if matches!(entry.state(), State::Failed(_)) {
                entry.crashes.forget();
                entry.enter(State::NEW);
            }
        }
    }

    /// Restarts a job; returns whether there is one by that name that is to stay.
    fn restart(&mut self, name: &str) -> bool {
        let Some(entry) = self.entries.get_mut(name) else { return false };
        if entry.state().after_stop() == Some(AfterStop::Remove) {
            return false;
        }
        entry.crashes.forget();
        if entry.is_alive() {
            entry.begin_to_stop(AfterStop::Start);
        } else {
            entry.enter(State::NEW);
        }
        true
    }

    fn replace(&mut self, jobs: Vec<Job>, changed: &HashSet<String>) {
        let wanted: HashSet<String> = jobs.iter().map(|job| job.name.clone()).collect();
        for job in jobs {
            match self.entries.get_mut(&job.name) {
                Some(entry) => entry.take_over(job),
                None => self.add(job),
            }
        }
        let gone: Vec<String> =
            self.entries.keys().filter(|name| !wanted.contains(*name)).cloned().collect();
        gone.iter().for_each(|name| self.remove(name));
        for name in changed.iter().filter(|name| wanted.contains(*name)) {
            self.restart(name);
        }
        self.assign_what_rests();
    }

    /// Finds addresses for what is not running, since others may ask for them before its start.
    fn assign_what_rests(&mut self) {
        let resting = self.entries.values().filter(|entry| !entry.is_alive());
        let names: Vec<String> = resting.map(|entry| entry.job.name.clone()).collect();
        for name in names {
            // What goes wrong is told when its turn comes, and it is tried again.
            let _ = self.assign(&name);
        }
    }

    fn remove(&mut self, name: &str) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.is_alive() {
            entry.begin_to_stop(AfterStop::Remove);
        } else {
            self.entries.shift_remove(name);
        }
    }
}

/// Makes an answer. Whoever gave the command may not wait for it.
fn answer<T: Send + 'static>(waiting: oneshot::Sender<T>, value: T) -> Answer {
    Box::new(move || {
        let _ = waiting.send(value);
    })
}
