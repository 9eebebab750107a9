//! Checks databases after a crash, before anything uses them.
//!
//! Those that a task changes are checked by the helper that runs this task; this is for the others,
//! and for tasks that are left out this time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ensconce_plan::{DatabasePlan, JobPlan, Plan};
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

/// Puts the check before all other jobs, if the app has not ended in order.
pub(crate) fn check_first(plan: &Plan, access: &DataAccess, jobs: &mut Vec<Job>) {
    let unchecked = plan.databases.iter().filter(|one| !is_checked_by_task(plan, one));
    let databases: Vec<PathBuf> = unchecked.map(|one| one.file.clone()).collect();
    if databases.is_empty() || !access.own.unclean().exists() {
        return;
    }
    for job in jobs.iter_mut().filter(|job| job.needs.is_empty()) {
        job.needs.push(NAME.to_owned());
    }
    jobs.insert(0, check(databases, access));
}

fn is_checked_by_task(plan: &Plan, database: &DatabasePlan) -> bool {
    let Some(task) = &database.migrate else { return false };
    let runs = |job: &&JobPlan| job.skip.is_none() && job.unless.is_none();
    plan.jobs.iter().filter(runs).any(|job| job.name == *task)
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
