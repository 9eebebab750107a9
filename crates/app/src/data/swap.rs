//! Replaces data while nothing uses it, and ends a replacement that was interrupted.
//!
//! A swap has a journal from the moment on that something is prepared for it until the app has
//! taken over all that comes with the data: its answers, its secrets, and what has been done to it.
//! If that cannot be kept, the swap is taken back, so that data, answers and record always fit each
//! other. While there is a journal, no job of the app is started; see [`Roster::resume`].
//!
//! [`Roster::resume`]: crate::run::roster::Roster

use ensconce_plan::Plan;
use ensconce_protocol::{DataRecord, HelperAnswer, HelperWork, Recovered};
use ensconce_vault::UnpackedSecrets;

use super::DataCare;
use crate::answers::kept::SettingsFile;
use crate::error::AppError;
use crate::run::helper::HelperRunner;
use crate::run::roster::DataTurn;

impl DataCare {
    /// Waits for the right to work on the data, which is whole then: a swap that was interrupted is
    /// ended before.
    pub(crate) async fn turn(&self) -> Result<DataTurn, AppError> {
        let turn = self.roster.data_turn().await?;
        let recovered = match self.access.own.is_swapping() {
            true => self.recover().await,
            false => Ok(()),
        };
        if self.roster.blocked().borrow().is_some() {
            self.roster.resume(recovered.as_ref().err()).await;
        }
        recovered.map(|()| turn)
    }

    /// Ends a swap that was interrupted, if there is one.
    pub(crate) async fn recover(&self) -> Result<(), AppError> {
        // Secrets would need their passphrase, which is kept nowhere.
        self.end_swap(None).await.map(drop)
    }

    /// Puts in order what an earlier launch has left half-done, before anything uses the data.
    pub(crate) async fn put_in_order(&self) -> Result<(), AppError> {
        if self.access.own.is_swapping() {
            self.recover().await?;
        }
        // A version of the app without the helper has no database that could be half-updated.
        if !self.access.has_updates() || !HelperRunner::is_there() {
            return Ok(());
        }
        let undone = self.insist(HelperWork::RecoverUpdates).await?.message;
        if !undone.is_empty() {
            tracing::warn!("{undone}");
        }
        let access = self.access.clone();
        let taking_up = tokio::task::spawn_blocking(move || {
            access.take_up_updates()?;
            access.forget_updates();
            Ok(())
        });
        taking_up.await?.map_err(AppError::Store)
    }

    /// Puts what is prepared in the place of the present data, and takes over what comes with it.
    /// All jobs are stopped meanwhile.
    pub(super) async fn swap(
        &self,
        turn: &DataTurn,
        work: HelperWork,
        secrets: Option<UnpackedSecrets>,
    ) -> Result<String, AppError> {
        let pause = turn.pause().await?;
        let swapped = self.swap_now(work, secrets).await;
        pause.end_after(swapped.as_ref().err()).await;
        swapped
    }

    async fn swap_now(
        &self,
        work: HelperWork,
        secrets: Option<UnpackedSecrets>,
    ) -> Result<String, AppError> {
        match self.work(work).await {
            Ok(answer) => {
                if let Some(recovered) = answer.recovered {
                    self.take_over(recovered, secrets).await?;
                }
                Ok(answer.message)
            }
            // It may have been killed on its way.
            Err(error) => self.end_swap(secrets).await?.ok_or(error),
        }
    }

    /// Brings a swap to its end; returns what to say if the data was replaced.
    async fn end_swap(&self, secrets: Option<UnpackedSecrets>) -> Result<Option<String>, AppError> {
        let work = HelperWork::Recover { journal: self.access.own.swap_journal() };
        let answer = self.insist(work).await?;
        let Some(recovered) = answer.recovered else { return Ok(None) };
        self.take_over(recovered, secrets).await?;
        Ok(Some(answer.message))
    }

    /// Keeps what comes with replaced data, and ends the swap; takes the swap back if that fails.
    async fn take_over(
        &self,
        recovered: Recovered,
        secrets: Option<UnpackedSecrets>,
    ) -> Result<(), AppError> {
        let journal = self.access.own.swap_journal();
        let _turn = self.values.answers.turn().await;
        let (answers, state) = (self.values.answers.get(), self.access.state.get());
        let Err(error) = self.keep(recovered, secrets).await else {
            return self.insist(HelperWork::Forget { journal }).await.map(drop);
        };
        let care = self.clone();
        let restoring = tokio::task::spawn_blocking(move || {
            care.values.answers.update(|kept| *kept = answers)?;
            care.access.state.update(|kept| *kept = state)
        });
        if let Ok(Err(error)) = restoring.await {
            tracing::warn!("The former answers could not be kept: {error}");
        }
        self.insist(HelperWork::Undo { journal }).await?;
        Err(error)
    }

    /// Has the helper do what must not be left half-done, once more if it ends without an answer: it
    /// was killed, for want of memory for instance, and each such work goes on where it was.
    async fn insist(&self, work: HelperWork) -> Result<HelperAnswer, AppError> {
        let answered = match self.work(work.clone()).await {
            Err(AppError::NoAnswer(why)) => {
                tracing::warn!("Replacing the data is gone on with, after a failure: {why}");
                self.work(work).await
            }
            answered => answered,
        };
        answered.map_err(unfinished)
    }

    async fn keep(
        &self,
        recovered: Recovered,
        secrets: Option<UnpackedSecrets>,
    ) -> Result<(), AppError> {
        let (care, plan) = (self.clone(), self.roster.plan());
        let names = secrets.iter().flat_map(|secrets| secrets.iter());
        let names: Vec<String> = names.map(|(name, _)| name.to_owned()).collect();
        let keeping = tokio::task::spawn_blocking(move || {
            let record = record_after(&care.access.record(), &recovered, &plan);
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
        keeping.await?.map_err(AppError::Store)?;
        // Last, for this is what cannot be taken back.
        match secrets {
            Some(secrets) => self.values.secrets.take_in(secrets).await,
            None => Ok(()),
        }
    }
}

/// Says what an error means in the middle of a swap.
fn unfinished(error: AppError) -> AppError {
    match error {
        AppError::Stopping | AppError::Unfinished(_) => error,
        error => AppError::Unfinished(error.sentence()),
    }
}

/// Returns what has been done to the data after it was replaced.
///
/// All of it: what came with it. One database of several: what was done to the present data, but for
/// the tasks that change the schema of that database. A task that changes another one as well has to
/// run again, for the sake of the one that was replaced. Until the app is up on the data once more,
/// the version is that of what was put back, as a backup that is made before says.
fn record_after(present: &DataRecord, recovered: &Recovered, plan: &Plan) -> DataRecord {
    if recovered.databases.is_empty() {
        return recovered.record.clone();
    }
    let mut record = DataRecord { version: recovered.record.version.clone(), ..present.clone() };
    let replaced = plan.databases.iter().filter(|one| recovered.databases.contains(&one.name));
    for task in replaced.filter_map(|database| database.migrate.as_ref()) {
        match recovered.record.tasks.get(task) {
            Some(version) => drop(record.tasks.insert(task.clone(), version.clone())),
            None => drop(record.tasks.remove(task)),
        }
    }
    record
}
