//! What becomes of a job whose attempt has ended.

use std::time::Instant;

use super::{Event, Loop};
use crate::attempt::End;
use crate::entry::Afterwards;
use crate::restart::{Verdict, with_jitter};
use crate::{Address, Crash, Failure, Listen, Phase, Reason, address};

/// How often a stolen port is replaced before it counts as a failure.
const PORT_RETRIES: u32 = 3;

impl Loop {
    pub(super) fn on_end(&mut self, name: &str, end: End) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        entry.pid = None;
        if matches!(entry.job.listen, Listen::Handshake(_)) {
            // It will tell another one; this one may soon belong to a stranger.
            entry.address = None;
        }
        match std::mem::replace(&mut entry.afterwards, Afterwards::Usual) {
            Afterwards::Start if !self.stopping => return entry.enter(Phase::Waiting),
            Afterwards::Remove => {
                self.entries.shift_remove(name);
                return;
            }
            _ => {}
        }
        match end {
            End::Skipped => entry.enter(Phase::Skipped),
            End::Done => entry.enter(Phase::Done),
            End::Stopped => entry.enter(Phase::Stopped),
            // It ended badly at the moment at which it was told to.
            End::Failed(_) | End::Crashed { .. } if entry.phase == Phase::Stopping => {
                entry.enter(Phase::Stopped);
            }
            End::Failed(failure) => self.on_failure(name, failure),
            End::Crashed { crash, tail } => {
                self.leave_stolen_port(name);
                let Some(entry) = self.entries.get_mut(name) else { return };
                let verdict =
                    entry.crashes.judge(&entry.job.restart, crash.clone(), Instant::now());
                self.follow(name, verdict, crash, tail);
            }
        }
    }

    /// Gives a service another port when a stranger has taken the one that was chosen for it.
    fn leave_stolen_port(&mut self, name: &str) {
        let taken = self.ports();
        let Some(entry) = self.entries.get_mut(name) else { return };
        let port = entry.address.as_ref().and_then(Address::port);
        if entry.job.listen == Listen::Tcp(None)
            && port.is_some_and(|port| !address::is_free(port))
            && let Ok(other) = address::free_port(&taken)
        {
            entry.address = Some(Address::loopback(other));
        }
    }

    fn on_failure(&mut self, name: &str, failure: Failure) {
        let taken: Vec<u16> = self.ports();
        let Some(entry) = self.entries.get_mut(name) else { return };
        let chosen_by_us = entry.job.listen == Listen::Tcp(None);
        if matches!(failure.reason, Reason::PortTaken { .. })
            && chosen_by_us
            && entry.port_retries < PORT_RETRIES
            && let Ok(port) = address::free_port(&taken)
        {
            entry.port_retries += 1;
            entry.address = Some(Address::loopback(port));
            return entry.enter(Phase::Waiting);
        }
        // What worked until lately is given the same chances again.
        let now = Instant::now();
        if let Reason::EndedEarly(crash) = &failure.reason
            && entry.crashes.lately(&entry.job.restart, now)
        {
            let verdict = entry.crashes.judge_early(&entry.job.restart, crash.clone(), now);
            return self.follow(name, verdict, crash.clone(), failure.tail);
        }
        entry.fail(failure);
    }

    fn follow(&mut self, name: &str, verdict: Verdict, crash: Crash, tail: Vec<String>) {
        let Some(entry) = self.entries.get_mut(name) else { return };
        match verdict {
            Verdict::Ended => entry.enter(Phase::Ended),
            Verdict::Failed(reason) => {
                let waited = entry.since.elapsed();
                entry.fail(Failure { job: name.to_owned(), reason, waited, tail });
            }
            Verdict::Again(pause) => {
                entry.back_off(crash);
                let pause = with_jitter(pause, &entry.job.restart);
                let event = Event::PauseOver(name.to_owned(), entry.generation);
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

    pub(super) fn on_pause_over(&mut self, name: &str, generation: u64) {
        if let Some(entry) = self.entries.get_mut(name)
            && entry.generation == generation
            && entry.phase == Phase::Restarting
        {
            entry.enter(Phase::Waiting);
        }
    }
}
