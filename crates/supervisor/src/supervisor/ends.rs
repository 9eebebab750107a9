//! What becomes of a job whose attempt has ended.

use std::time::Instant;

use super::{Event, Loop};
use crate::attempt::End;
use crate::restart::{RestartVerdict, with_jitter};
use crate::state::{AfterStop, State};
use crate::{Crash, Failure, Reason, address};

/// How often a stolen port is replaced before it counts as a failure.
const PORT_RETRIES: u32 = 3;

impl Loop {
    pub(super) fn on_end(&mut self, name: &str, number: u64, end: End) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        entry.forget_announced_port();
        match (entry.state().after_stop(), end) {
            (Some(AfterStop::Remove), _) => drop(self.entries.shift_remove(name)),
            (Some(AfterStop::Start), _) if !self.stopping => entry.enter(State::NEW),
            (_, End::Skipped) => entry.enter(State::Skipped),
            (_, End::Done) => entry.enter(State::Done),
            // One that ended badly at the moment at which it was asked to has ended all the same.
            (Some(_), _) | (None, End::Stopped) => entry.enter(State::Stopped),
            (None, End::Failed(failure)) => self.on_failure(name, number, failure),
            (None, End::Crashed { crash, tail }) => self.on_crash(name, number, crash, tail),
        }
    }

    fn on_crash(&mut self, name: &str, number: u64, crash: Crash, tail: Vec<String>) {
        self.leave_stolen_port(name);
        let Some(entry) = self.entries.get_mut(name) else { return };
        let verdict = entry.crashes.judge(&entry.job.restart, crash.clone(), Instant::now());
        self.follow(name, number, verdict, crash, tail);
    }

    /// Chooses another port for a service when a stranger has taken the one that was chosen for it.
    fn leave_stolen_port(&mut self, name: &str) {
        let taken = self.ports();
        let Some(entry) = self.entries.get_mut(name) else { return };
        if entry.port().is_some_and(address::is_taken) {
            entry.replace_chosen_port(&taken);
        }
    }

    fn on_failure(&mut self, name: &str, number: u64, failure: Failure) {
        let taken = self.ports();
        let Some(entry) = self.entries.get_mut(name) else { return };
        let stolen_ports = entry.stolen_ports() + 1;
        if matches!(failure.reason, Reason::PortTaken { .. })
            && stolen_ports <= PORT_RETRIES
            && entry.replace_chosen_port(&taken)
        {
            return entry.enter(State::Waiting { stolen_ports });
        }
        // What worked until lately is given the same chances again.
        let now = Instant::now();
        if let Reason::EndedEarly(crash) = &failure.reason
            && entry.crashes.lately(&entry.job.restart, now)
        {
            let verdict = entry.crashes.judge_early(&entry.job.restart, crash.clone(), now);
            return self.follow(name, number, verdict, crash.clone(), failure.tail);
        }
        entry.fail(failure);
    }

    fn follow(
        &mut self,
        name: &str,
        number: u64,
        verdict: RestartVerdict,
        crash: Crash,
        tail: Vec<String>,
    ) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        match verdict {
            RestartVerdict::Ended => entry.enter(State::Ended),
            RestartVerdict::Failed(reason) => {
                let waited = entry.since().elapsed();
                entry.fail(Failure { job: name.to_owned(), reason, waited, tail });
            }
            RestartVerdict::Again(pause) => {
                entry.back_off(crash, number);
                let pause = with_jitter(pause, &entry.job.restart);
                let event = Event::PauseOver(name.to_owned(), number);
                let reports = self.reports.clone();
                if pause.is_zero() {
                    let _ = reports.send(event);
                    return;
                }
                tokio::spawn(async move {
                    tokio::time::sleep(pause).await;
                    let _ = reports.send(event);
                });
            }
        }
    }

    pub(super) fn on_pause_over(&mut self, name: &str, number: u64) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        // It may have been restarted by hand in the meantime, and have crashed once more.
        if matches!(entry.state(), State::Restarting { after, .. } if *after == number) {
            entry.enter(State::NEW);
        }
    }
}
