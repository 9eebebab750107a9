//! Looks at databases after a crash, before anything uses them.
//!
//! Those that a task changes are looked at by the helper that runs this task; this is for the
//! others, and for tasks that are left out this time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ensconce_plan::{DatabasePlan, Plan};
use ensconce_supervisor::{
    Job, Kind, Launch, Listen, OnDependencyExit, Program, Ready, RestartPolicy, RestartRule,
    StopRule, StopSignal,
};

use super::Shared;
use crate::care::backup_folder;
use crate::helper;
use crate::home::unclean_file;

/// No task or service of a manifest can have a name with a dot.
const NAME: &str = "database.check";
/// A large database on a slow disk takes minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// Puts the look before all other jobs, if the app has not ended in order.
pub(super) fn look_first(plan: &Plan, shared: &Shared, jobs: &mut Vec<Job>) {
    let databases: Vec<PathBuf> = plan
        .databases
        .iter()
        .filter(|one| !is_looked_at_by_task(plan, one))
        .map(|one| one.file.clone())
        .collect();
    if databases.is_empty() || !unclean_file(&shared.own).exists() {
        return;
    }
    for job in jobs.iter_mut().filter(|job| job.needs.is_empty()) {
        job.needs.push(NAME.to_owned());
    }
    jobs.insert(0, look(databases, shared.own.clone()));
}

fn is_looked_at_by_task(plan: &Plan, database: &DatabasePlan) -> bool {
    let Some(task) = &database.migrate else { return false };
    let runs = |step: &&ensconce_plan::Step| step.skip.is_none() && step.unless.is_none();
    plan.steps.iter().filter(runs).any(|step| step.name == *task)
}

fn look(databases: Vec<PathBuf>, own: PathBuf) -> Job {
    let backups = backup_folder(&own).into();
    let verbs = [helper::program().into(), "sqlite".into(), "look".into(), backups];
    let files = databases.into_iter().map(Into::into);
    let command = verbs.into_iter().chain(files).collect();
    let program = Program { command, env: Vec::new(), cwd: own, input: None };
    Job {
        name: NAME.to_owned(),
        kind: Kind::Task,
        needs: Vec::new(),
        optional: false,
        listen: Listen::Nowhere,
        ready: Ready::Started,
        start_timeout: LIMIT,
        stop: StopRule { signal: StopSignal::Term, timeout: Duration::from_secs(1) },
        restart: RestartRule {
            policy: RestartPolicy::Never,
            delay: Duration::ZERO,
            max_delay: Duration::ZERO,
            limit: 0,
            window: Duration::ZERO,
            never_after: Vec::new(),
        },
        on_dependency_exit: OnDependencyExit::Continue,
        liveness: None,
        memory_limit: None,
        render: Arc::new(move |_| {
            let launch = Launch::Run(program.clone());
            Box::pin(async { Ok(launch) })
        }),
    }
}
