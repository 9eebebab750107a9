//! A task that changes databases is run by the helper, so that there is a way back.

use ensconce_plan::{DatabasePlan, JobPlan, Plan};
use ensconce_protocol::{DataLock, DatabaseFile, MigrationRequest};
use ensconce_supervisor::Program;

use super::state::SharedState;
use crate::launch::own_folder::OwnFolder;
use crate::launch::programs::helper_program;

/// What is the same for all work on the data of one launch.
#[derive(Clone)]
pub(crate) struct DataAccess {
    pub(crate) own: OwnFolder,
    pub(crate) launch: String,
    pub(crate) state: SharedState,
}

impl DataAccess {
    /// Returns what must be held while the data is changed.
    pub(crate) fn lock(&self) -> DataLock {
        DataLock {
            file: self.own.data_lock(),
            announcement: self.own.announcement(),
            launch: self.launch.clone(),
        }
    }
}

/// Returns the databases of a plan, for the helper.
pub(crate) fn database_files(plan: &Plan) -> Vec<DatabaseFile> {
    plan.databases.iter().map(database_file).collect()
}

/// Returns a database, for the helper.
pub(crate) fn database_file(database: &DatabasePlan) -> DatabaseFile {
    DatabaseFile { name: database.name.clone(), file: database.file.clone() }
}

/// Has the helper run a task, if the task changes databases.
pub(crate) fn wrap(plan: &Plan, job: &JobPlan, access: &DataAccess, task: Program) -> Program {
    let is_its = |one: &&DatabasePlan| one.migrate.as_ref() == Some(&job.name);
    let databases: Vec<&DatabasePlan> = plan.databases.iter().filter(is_its).collect();
    let Some(keep) = databases.iter().map(|database| database.keep).max() else { return task };
    let record = access.state.get().data;
    let request = MigrationRequest {
        databases: databases.into_iter().map(database_file).collect(),
        folder: access.own.backups(),
        version: plan.app.version.clone(),
        done: record.tasks.get(&job.name).cloned(),
        record,
        keep: usize::try_from(keep).unwrap_or(usize::MAX),
        unclean: access.own.unclean(),
        lock: access.lock(),
    };
    // Paths that are no text cannot be planned, so that this can always be written.
    let request = serde_json::to_string(&request).unwrap_or_default();
    let helper = [helper_program().into(), "migrate".into(), "--".into()];
    let variable = (MigrationRequest::VARIABLE.into(), request.into());
    Program {
        command: helper.into_iter().chain(task.command).collect(),
        env: task.env.into_iter().chain([variable]).collect(),
        ..task
    }
}
