//! What the supervisor is told of a service that ends, hangs, or loses what it needs.

use ensconce_manifest::{OnNeedEnd, RestartPolicy as WrittenPolicy};
use ensconce_plan::{LivenessPlan, PacePlan, RestartPlan};
use ensconce_supervisor::{Liveness, OnDependencyExit, Pace, RestartPolicy, RestartRule};

pub(super) fn restart(plan: &RestartPlan) -> RestartRule {
    RestartRule {
        policy: match plan.policy {
            WrittenPolicy::Always => RestartPolicy::Always,
            WrittenPolicy::OnFailure => RestartPolicy::OnFailure,
            WrittenPolicy::No => RestartPolicy::Never,
        },
        delay: plan.delay,
        max_delay: plan.max_delay,
        limit: plan.limit,
        window: plan.window,
        never_after: plan.never_after.iter().copied().map(i32::from).collect(),
    }
}

pub(super) fn on_dependency_exit(written: OnNeedEnd) -> OnDependencyExit {
    match written {
        OnNeedEnd::Wait => OnDependencyExit::Continue,
        OnNeedEnd::RestartWith => OnDependencyExit::Restart,
        OnNeedEnd::Stop => OnDependencyExit::Stop,
    }
}

pub(super) fn liveness(plan: &LivenessPlan) -> Liveness {
    match plan {
        LivenessPlan::Http { path, statuses, pace } => Liveness::Http {
            path: path.clone(),
            statuses: statuses.clone(),
            pace: self::pace(*pace),
        },
        LivenessPlan::Tcp(pace) => Liveness::Connect(self::pace(*pace)),
        LivenessPlan::Watchdog { socket, limit } => {
            Liveness::Watchdog { socket: socket.clone(), limit: *limit }
        }
    }
}

fn pace(plan: PacePlan) -> Pace {
    Pace { period: plan.period, timeout: plan.timeout, failures: plan.failures }
}
