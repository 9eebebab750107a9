//! What the app asks its user: on the first run as set-up, later as its settings.
//!
//! Answers are tried, then kept, page by page, so that a set-up which is closed half way
//! goes on there the next time. It does not know how a question is shown, how processes are run, or what
//! becomes of the data.

pub(crate) mod describe;
pub(crate) mod page;
pub(crate) mod trial;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ensconce_plan::SetupPage;
use ensconce_protocol::{AppIdentity, ImportedSettings, Outcome, SetupDescription, StoreChoice};
use serde_json::Value;
use tokio::sync::watch;

use crate::answers::old_settings;
use crate::error::AppError;
use crate::run::roster::Roster;
use crate::run::values::Values;
use page::PageAnswers;
use trial::{Candidates, Trials};

/// Asks the user, for one app. Clones stand for the same one.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) identity: AppIdentity,
    pub(crate) roster: Roster,
    pub(crate) values: Values,
    pub(crate) trials: Trials,
    /// Whether set-up is to be shown.
    pub(crate) asking: watch::Sender<bool>,
    /// The secrets of a settings file of earlier times, until their page is saved.
    pub(crate) imported: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Setup {
    /// Returns everything that set-up and the settings show, except what can be done for the data.
    pub(crate) fn describe(&self) -> SetupDescription {
        let plan = self.roster.plan();
        let answers = self.values.answers.get();
        let keeps_secrets = plan.setup.fields().any(|field| field.kind.is_secret());
        describe::describe(&describe::Situation {
            identity: &self.identity,
            setup: &plan.setup,
            answers: &answers,
            is_asking: *self.asking.borrow(),
            secrets: keeps_secrets.then(|| self.values.secrets.state().borrow().clone()),
            old: old_settings::find(&plan.setup, home().as_deref()),
        })
    }

    /// Tries a page's answers, and keeps nothing.
    pub(crate) async fn check(&self, page: &str, given: BTreeMap<String, Value>) -> Outcome {
        match self.tried(page, given).await {
            Ok((_, message)) => Outcome::done(message),
            Err(outcome) => outcome,
        }
    }

    /// Tries a page's answers, and keeps them.
    pub(crate) async fn save(&self, page: &str, given: BTreeMap<String, Value>) -> Outcome {
        let (answers, message) = match self.tried(page, given).await {
            Ok(tried) => tried,
            Err(outcome) => return outcome,
        };
        if let Err(error) = self.keep(answers).await {
            return Outcome::failed(error.sentence());
        }
        if *self.asking.borrow() {
            return Outcome::done(message);
        }
        let restarted = self.roster.sync().await;
        self.ask_for_what_is_missing();
        let told = (!restarted.is_empty()).then(|| format!("Restarting {}", restarted.join(", ")));
        Outcome::done(told.or(message))
    }

    /// Starts what has waited for the answers, and restarts what was started without.
    ///
    /// # Errors
    /// When answers are still missing.
    pub(crate) async fn finish(&self) -> Result<(), AppError> {
        if !self.values.answers.get().missing(&self.roster.plan().setup).is_empty() {
            return Err(AppError::AnswersMissing);
        }
        self.imported().clear();
        self.roster.sync().await;
        self.asking.send_replace(false);
        Ok(())
    }

    /// Shows set-up when answers that are needed are not there any more: another answer can
    /// make a field needed, and imported ones may lack some.
    pub(crate) fn ask_for_what_is_missing(&self) {
        if self.lacks_answers() {
            self.asking.send_replace(true);
        }
    }

    /// Shows set-up, or takes it away, as another manifest asks.
    pub(crate) fn look_for_what_is_missing(&self) {
        self.asking.send_replace(self.lacks_answers());
    }

    /// Reads a settings file of earlier times; its secrets are only named, and wait for their page.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn import_old_settings(&self) -> Result<ImportedSettings, AppError> {
        let plan = self.roster.plan();
        let old = old_settings::find(&plan.setup, home().as_deref());
        let old = old.ok_or(AppError::NoOldSettings)?;
        let is_secret = |name: &String| {
            plan.setup.fields().any(|field| field.name == *name && field.kind.is_secret())
        };
        let (secrets, values): (BTreeMap<_, _>, BTreeMap<_, _>) =
            old.values.into_iter().partition(|(name, _)| is_secret(name));
        let names = secrets.keys().cloned().collect();
        *self.imported() = secrets;
        Ok(ImportedSettings { ok: true, message: None, values, secrets: names })
    }

    /// Does what the user has chosen about a store for secrets that cannot be used.
    pub(crate) async fn choose_store(
        &self,
        choice: StoreChoice,
        passphrase: Option<String>,
    ) -> Result<(), AppError> {
        self.values.secrets.choose(choice, passphrase).await?;
        self.roster.retry();
        Ok(())
    }

    fn lacks_answers(&self) -> bool {
        !self.values.answers.get().missing(&self.roster.plan().setup).is_empty()
    }

    /// Checks and tries a page's answers; returns them as they are to be kept, and what was said
    /// about them.
    async fn tried(
        &self,
        name: &str,
        given: BTreeMap<String, Value>,
    ) -> Result<(PageAnswers, Option<String>), Outcome> {
        let plan = self.roster.plan();
        let page = name.parse().ok().and_then(|index: usize| plan.setup.pages.get(index));
        let failed = |error: AppError| Outcome::failed(error.sentence());
        let page = page.ok_or_else(|| failed(AppError::NoSuchPage))?;
        let before = self.values.answers.get();
        let answers = PageAnswers::take(page, &plan.setup, given, &self.imported(), &before)
            .map_err(Outcome::wrong)?;
        // Before anyone else sees them: what rejects a key may print it.
        self.values.secrets.redaction().learn(answers.new_secrets());
        let after = answers.merged_into(before);
        let candidates = Candidates::collect(&self.values, &plan.setup, &answers, &after);
        let candidates = candidates.await.map_err(failed)?;
        let message = self.run_checks(page, &candidates, &after, &plan.setup).await?;
        Ok((answers, message))
    }

    /// Runs the checks of fields that are asked and answered, then that of the page.
    async fn run_checks(
        &self,
        page: &SetupPage,
        candidates: &Candidates,
        after: &crate::answers::shown::Answers,
        setup: &ensconce_plan::SetupPlan,
    ) -> Result<Option<String>, Outcome> {
        let shown = after.shown(setup);
        let is_asked = |name: &str| shown.iter().any(|field| field.name == name);
        let mut message = None;
        for one in page.fields.iter().filter(|one| is_asked(&one.field.name)) {
            let Some(check) = one.check.as_ref().filter(|_| after.has(&one.field)) else {
                continue;
            };
            let said = self.trials.run(check, candidates).await.map_err(|error| {
                Outcome::wrong(BTreeMap::from([(one.field.name.clone(), error.sentence())]))
            })?;
            message = said.or(message);
        }
        if let Some(check) = &page.check {
            let said = self.trials.run(check, candidates).await;
            message = said.map_err(|error| Outcome::failed(error.sentence()))?.or(message);
        }
        Ok(message)
    }

    /// Keeps a page's own answers; those of other pages are as whoever saved them last has left
    /// them.
    async fn keep(&self, page: PageAnswers) -> Result<(), AppError> {
        let _turn = self.values.answers.turn().await;
        if !page.secret.is_empty() {
            self.values.secrets.keep(page.secret.clone()).await?;
        }
        let answers = self.values.answers.clone();
        let keeping = tokio::task::spawn_blocking(move || {
            answers.update(|kept| *kept = page.merged_into(std::mem::take(kept)))
        });
        keeping.await?.map_err(AppError::Store)
    }

    fn imported(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.imported.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn home() -> Option<PathBuf> {
    dirs::home_dir()
}
