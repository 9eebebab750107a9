//! What an app takes over with replaced data: its answers, its secrets, and what has been done to
//! the data.
//!
//! A swap of data is only over when that is kept as well. If it cannot be kept, the swap is taken
//! back, so that data, answers and record always fit each other.

use ensconce_plan::Plan;
use ensconce_protocol::{DataRecord, HelperWork, Recovered};
use ensconce_vault::UnpackedSecrets;

use super::DataCare;
use crate::answers::kept::SettingsFile;
use crate::error::AppError;

impl DataCare {
    /// Keeps what comes with replaced data, and ends the swap; takes the swap back if that fails.
    pub(super) async fn take_over(
        &self,
        recovered: Recovered,
        secrets: Option<UnpackedSecrets>,
    ) -> Result<(), AppError> {
        let journal = self.access.own.swap_journal();
        let (answers, state) = (self.values.answers.get(), self.access.state.get());
        let Err(error) = self.keep(recovered, secrets).await else {
            self.work(HelperWork::Forget { journal }).await?;
            return Ok(());
        };
        let care = self.clone();
        let restoring = tokio::task::spawn_blocking(move || {
            care.values.answers.update(|kept| *kept = answers)?;
            care.access.state.update(|kept| *kept = state)
        });
        if let Ok(Err(error)) = restoring.await {
            tracing::warn!("The former answers could not be kept: {error}");
        }
        self.work(HelperWork::Undo { journal }).await?;
        Err(error)
    }

    async fn keep(
        &self,
        recovered: Recovered,
        secrets: Option<UnpackedSecrets>,
    ) -> Result<(), AppError> {
        let names = match secrets {
            Some(secrets) => self.values.secrets.take_in(secrets).await?,
            None => Default::default(),
        };
        let (care, plan) = (self.clone(), self.roster.plan());
        let keeping = tokio::task::spawn_blocking(move || {
            let record = record_after(&care.access.state.get().data, &recovered, &plan);
            care.access.state.update(|state| {
                state.data = record;
                state.replacements += 1;
            })?;
            let settings = recovered.settings.map(|settings| {
                serde_json::from_value::<SettingsFile>(settings).unwrap_or_default()
            });
            care.values.answers.update(|answers| {
                if let Some(settings) = settings {
                    answers.plain = settings.answers;
                }
                answers.secret.extend(names);
            })
        });
        keeping.await?.map_err(AppError::Store)
    }
}

/// Returns what has been done to the data after it was replaced.
///
/// All of it: what came with it. One database of several: what came with it, but for the tasks that
/// change the schema of other databases; those are as they were.
pub(super) fn record_after(present: &DataRecord, recovered: &Recovered, plan: &Plan) -> DataRecord {
    let mut record = recovered.record.clone();
    if recovered.databases.is_empty() {
        return record;
    }
    let others = plan.databases.iter().filter(|one| !recovered.databases.contains(&one.name));
    for task in others.filter_map(|database| database.migrate.as_ref()) {
        let is_shared = plan.databases.iter().any(|database| {
            recovered.databases.contains(&database.name) && database.migrate.as_ref() == Some(task)
        });
        // A task that changes both has to run again, for the sake of the one that was replaced.
        if is_shared {
            continue;
        }
        match present.tasks.get(task) {
            Some(version) => drop(record.tasks.insert(task.clone(), version.clone())),
            None => drop(record.tasks.remove(task)),
        }
    }
    record
}
