//! What a service does when something that it needs goes away, and comes back.
//!
//! It looks at the whole graph after each event, as starting and stopping do. A job that is not
//! there is seen at least once before it is there again, because each change of a phase is an
//! event of its own.

use std::sync::Arc;

use super::Loop;
use crate::entry::Afterwards;
use crate::{Job, OnNeedEnd, Phase, graph};

impl Loop {
    /// Ends, and restarts, services as their needs go and come.
    pub(super) fn follow_needs(&mut self) {
        // What is stopped takes along what is stopped with it, down to the last.
        while self.follow_once() {}
        self.let_go();
    }

    /// Looks at each service once; tells whether anything has begun to end.
    fn follow_once(&mut self) -> bool {
        let all = self.statuses();
        let mut ending = false;
        for entry in self.entries.values_mut() {
            let may_follow = matches!(entry.phase, Phase::Starting | Phase::Ready);
            if !may_follow || entry.job.on_need_end == OnNeedEnd::Wait {
                continue;
            }
            let is_complete = graph::may_start(&entry.job, &all);
            let needs = || all.iter().filter(|status| entry.job.needs.contains(&status.name));
            let ends = match entry.job.on_need_end {
                OnNeedEnd::Wait => false,
                OnNeedEnd::Stop => !is_complete,
                OnNeedEnd::RestartWith => {
                    let away = needs().filter(|need| !need.is_there());
                    entry.missed.extend(away.map(|need| need.name.clone()));
                    let mut there = needs().filter(|need| need.is_there());
                    is_complete && there.any(|need| entry.missed.contains(&need.name))
                }
            };
            if ends {
                entry.begin_to_stop(Afterwards::Start);
                ending = true;
            }
        }
        ending
    }

    /// Tells to stop what is to end, once all that is stopped with it has ended.
    fn let_go(&mut self) {
        let alive: Vec<Arc<Job>> = self
            .entries
            .values()
            .filter(|entry| entry.phase.is_alive() && entry.job.on_need_end == OnNeedEnd::Stop)
            .map(|entry| Arc::clone(&entry.job))
            .collect();
        for (name, entry) in &mut self.entries {
            let holds = |job: &Arc<Job>| job.needs.contains(name);
            if entry.phase == Phase::Stopping && !alive.iter().any(holds) {
                entry.tell_to_stop();
            }
        }
    }
}
