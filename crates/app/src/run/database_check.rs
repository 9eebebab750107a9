//! Checks databases after a crash, before anything uses them.
//!
//! Those that a task changes are checked by the helper that runs this task; this is for the others,
//! and for tasks that are left out this time. As all work on the data, the check first puts back what
//! an interrupted update has left.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ensconce_plan::{JobPlan, Plan};
use ensconce_protocol::{HelperRequest, HelperWork};
use ensconce_supervisor::{
    Job, Kind, Launch, Listen, OnDependencyExit, Program, Ready, RestartPolicy, RestartRule,
    StopRule, StopSignal,
};

use super::migration::DataAccess;
use crate::launch::programs::helper_program;

/// No task or service of a manifest can have a name with a dot.
const NAME: &str = "database.check";
/// A large database on a slow disk takes minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// Puts the check before all other jobs, if the app has not ended in order, or an update was
/// interrupted that this plan does not begin anew.
pub(crate) fn check_first(plan: &Plan, access: &DataAccess, jobs: &mut Vec<Job>) {
    let unchecked =
        plan.databases.iter().filter(|one| !one.migrate.iter().any(|task| runs(plan, task)));
    let databases: Vec<PathBuf> = unchecked.map(|one| one.file.clone()).collect();
    let is_needed = access.own.unclean().exists() || is_left_half_updated(plan, access);
    if databases.is_empty() || !is_needed {
        return;
    }
    for job in jobs.iter_mut().filter(|job| job.needs.is_empty()) {
        job.needs.push(NAME.to_owned());
    }
    jobs.insert(0, check(databases, access));
}

/// Returns whether a plan runs a task.
fn runs(plan: &Plan, task: &str) -> bool {
    let runs = |job: &&JobPlan| job.skip.is_none() && job.unless.is_none();
    plan.jobs.iter().filter(runs).any(|job| job.name == task)
}

/// Returns whether there is something to be put back that no task of this plan will: the manifest was
/// edited back, for instance, while an update ran.
fn is_left_half_updated(plan: &Plan, access: &DataAccess) -> bool {
    let half_done = access.updates().into_iter().filter(|update| !update.is_done());
    { half_done }.any(|update| !runs(plan, &update.note.content.task))
}

fn check(databases: Vec<PathBuf>, access: &DataAccess) -> Job {
    let work = HelperWork::CheckDatabases { databases, backups: access.own.backups() };
    let request = HelperRequest { lock: Some(access.lock()), work };
    let program = Program {
        command: vec![helper_program().into(), "run".into()],
        env: Vec::new(),
        cwd: access.own.path().to_owned(),
        input: serde_json::to_vec(&request).ok().map(Into::into),
    };
    Job {
        name: NAME.to_owned(),
        kind: Kind::Task,
        needs: Vec::new(),
        optional: false,
        listen: Listen::Nowhere,
        ready: Ready::Started,
        start_timeout: LIMIT,
        stop: StopRule { signal: StopSignal::Term, timeout: Duration::from_secs(1) },
        restart: RestartRule { policy: RestartPolicy::Never, ..RestartRule::default() },
        on_dependency_exit: OnDependencyExit::Continue,
        liveness: None,
        memory_limit: None,
        render: Arc::new(move |_| {
            let program = program.clone();
            Box::pin(async move { Ok(Launch::Run(program)) })
        }),
    }
}
