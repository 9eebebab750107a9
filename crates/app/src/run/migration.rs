//! A task that changes databases is run by the helper, so that there is a way back.

use ensconce_plan::{DatabasePlan, JobPlan, Plan};
use ensconce_protocol::{DataLock, DatabaseFile, MigrationRequest};
use ensconce_supervisor::Program;

use super::state::SharedState;
use crate::error::AppError;
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
            data: self.own.data(),
            updates: self.own.updates(),
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
///
/// # Errors
/// When it cannot be recorded what the task has done the last time.
pub(crate) async fn wrap(
    plan: &Plan,
    job: &JobPlan,
    access: &DataAccess,
    task: Program,
) -> Result<Program, AppError> {
    let is_its = |one: &&DatabasePlan| one.migrate.as_ref() == Some(&job.name);
    let databases: Vec<&DatabasePlan> = plan.databases.iter().filter(is_its).collect();
    let Some(keep) = databases.iter().map(|database| database.keep).max() else { return Ok(task) };
    // Before the helper writes its next note in the place of the last one.
    let taking_up = tokio::task::spawn_blocking({
        let access = access.clone();
        move || access.take_up_updates()
    });
    let record = taking_up.await?.map_err(AppError::Store)?;
    let request = MigrationRequest {
        task: job.name.clone(),
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
    Ok(Program {
        command: helper.into_iter().chain(task.command).collect(),
        env: task.env.into_iter().chain([variable]).collect(),
        ..task
    })
}
