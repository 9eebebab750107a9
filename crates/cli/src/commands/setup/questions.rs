//! The app whose questions are answered: the running one, or one that is started for them.

use std::collections::BTreeMap;

use ensconce_app::{App, RunningApp};
use ensconce_protocol::{AppRequest, ImportedSettings, Outcome, SetupDescription};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::arguments::Target;
use crate::commands::running;
use crate::error::CommandError;

/// The questions of an app.
pub(super) struct Questions {
    name: String,
    app: AppWithQuestions,
    runtime: Runtime,
}

enum AppWithQuestions {
    Running(RunningApp),
    /// What needs no answers runs, because the app's own back end may try an answer.
    Started(Box<App>),
}

impl Questions {
    /// Finds the app that runs, or starts it without a window.
    pub(super) fn find(target: &Target) -> Result<Self, CommandError> {
        let runtime = Runtime::new()?;
        let (name, found) = running::find(target)?;
        let app = match found {
            Some(app) => AppWithQuestions::Running(app),
            None => {
                let prepared = running::prepare_quietly(target)?;
                AppWithQuestions::Started(Box::new(runtime.block_on(prepared.start())?))
            }
        };
        Ok(Self { name, app, runtime })
    }

    /// Returns the questions, and the answers so far.
    pub(super) fn describe(&self) -> Result<SetupDescription, CommandError> {
        self.request(AppRequest::Describe)
    }

    /// Tries a page's answers, and keeps them.
    pub(super) fn save(
        &self,
        page: &str,
        answers: &BTreeMap<String, Value>,
    ) -> Result<Outcome, CommandError> {
        self.request(AppRequest::Save { page: page.to_owned(), values: answers.clone() })
    }

    /// Takes over the answers of an earlier settings file; secrets stay with the app.
    pub(super) fn take_over(&self) -> Result<BTreeMap<String, Value>, CommandError> {
        let ImportedSettings { ok, message, values, secrets } =
            self.request(AppRequest::ImportSettings)?;
        if !ok {
            return Err(CommandError::NotDone(message.unwrap_or_default()));
        }
        // Null stands for a secret that the app has read and keeps.
        let secrets = secrets.into_iter().map(|name| (name, Value::Null));
        Ok(values.into_iter().chain(secrets).collect())
    }

    /// Lets what has waited for the answers start, if the app was running before.
    pub(super) fn finish(&self) -> Result<(), CommandError> {
        if let AppWithQuestions::Running(_) = self.app {
            let outcome: Outcome = self.request(AppRequest::Finish)?;
            if !outcome.ok {
                return Err(CommandError::NotDone(outcome.message.unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// Ends what was started for the questions.
    pub(super) fn leave(self) {
        if let AppWithQuestions::Started(app) = self.app {
            self.runtime.block_on(app.stop());
        }
        // A keychain that hangs must not keep the program alive.
        self.runtime.shutdown_background();
    }

    fn request<T: DeserializeOwned>(&self, request: AppRequest) -> Result<T, CommandError> {
        match &self.app {
            AppWithQuestions::Running(app) => {
                let response = self.runtime.block_on(app.request(&request));
                let control = |error| CommandError::Control { name: self.name.clone(), error };
                response.map_err(control)
            }
            AppWithQuestions::Started(app) => {
                running::typed(&self.runtime.block_on(app.requests().handle(request)))
            }
        }
    }
}
