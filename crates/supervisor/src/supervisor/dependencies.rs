//! What a service does when one of its dependencies goes away, and comes back.
//!
//! It looks at the whole graph after each event, as starting and stopping do. A job that is not
//! there is seen at least once before it is there again, because each change of its state is an
//! event of its own.

use std::sync::Arc;

use super::Loop;
use crate::state::AfterStop;
use crate::{Job, OnDependencyExit, graph};

impl Loop {
    /// Ends, and restarts, services as their dependencies go and come.
    pub(super) fn follow_dependencies(&mut self) {
        // What is stopped takes along what is stopped with it, down to the last.
        while self.follow_once() {}
        self.stop_what_is_held_no_more();
    }

    /// Looks at each service once; returns whether anything has begun to end.
    fn follow_once(&mut self) -> bool {
        let all = self.job_snapshots();
        let mut ending = false;
        for entry in self.entries.values_mut() {
            let job = Arc::clone(&entry.job);
            if !entry.state().goes_on() {
                continue;
            }
            let Some(live) = entry.live_mut() else { continue };
            let is_complete = graph::may_start(&job, &all);
            let dependencies = || all.iter().filter(|other| job.needs.contains(&other.name));
            let ends = match job.on_dependency_exit {
                OnDependencyExit::Continue => false,
                OnDependencyExit::Stop => !is_complete,
                OnDependencyExit::Restart => {
                    let away = dependencies().filter(|other| !other.is_there());
                    live.missed.extend(away.map(|other| other.name.clone()));
                    let mut there = dependencies().filter(|other| other.is_there());
                    is_complete && there.any(|other| live.missed.contains(&other.name))
                }
            };
            if ends {
                entry.begin_to_stop(AfterStop::Start);
                ending = true;
            }
        }
        ending
    }

    /// Asks to stop what is to end, once all that is stopped with it has ended.
    fn stop_what_is_held_no_more(&mut self) {
        let alive: Vec<Arc<Job>> = self
            .entries
            .values()
            .filter(|entry| entry.is_alive())
            .map(|entry| Arc::clone(&entry.job))
            .filter(|job| job.on_dependency_exit == OnDependencyExit::Stop)
            .collect();
        for (name, entry) in &mut self.entries {
            let holds = |job: &Arc<Job>| job.needs.contains(name);
            if entry.state().after_stop().is_some() && !alive.iter().any(holds) {
                entry.tell_to_stop();
            }
        }
    }
}
