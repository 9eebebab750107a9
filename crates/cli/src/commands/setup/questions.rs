//! Talks to whoever asks: the app that runs, or one that is started for the questions.

use std::collections::BTreeMap;

use ensconce_app::{App, RunningApp, ask_setup};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::page::{Asked, Outcome};
use crate::arguments::Target;
use crate::commands::running;
use crate::error::CommandError;

/// The questions of an app.
pub(super) struct Questions {
    name: String,
    who: Who,
    runtime: Runtime,
}

enum Who {
    Running(RunningApp),
    /// What needs no answers is up, because an answer may be tried by the app's own back end.
    Started(Box<App>),
}

impl Questions {
    /// Finds the app that runs, or starts it without a window.
    pub(super) fn find(target: &Target) -> Result<Self, CommandError> {
        let runtime = Runtime::new()?;
        let (name, found) = running::find(target)?;
        let who = match found {
            Some(app) => Who::Running(app),
            None => {
                let prepared = running::prepare_quietly(target)?;
                Who::Started(Box::new(runtime.block_on(prepared.start())?))
            }
        };
        Ok(Self { name, who, runtime })
    }

    /// Returns the questions, and the answers so far.
    pub(super) fn describe(&self) -> Result<Asked, CommandError> {
        self.ask(&json!({ "op": "describe" }))
    }

    /// Tries a page's answers, and keeps them.
    pub(super) fn save(
        &self,
        page: &str,
        answers: &BTreeMap<String, Value>,
    ) -> Result<Outcome, CommandError> {
        self.ask(&json!({ "op": "save", "step": page, "values": answers }))
    }

    /// Takes the answers of a settings file of earlier times; secrets stay with the app.
    pub(super) fn take_over(&self) -> Result<BTreeMap<String, Value>, CommandError> {
        let answer: Value = self.ask(&json!({ "op": "import" }))?;
        let values = answer["values"].as_object().cloned().unwrap_or_default();
        // Nothing stands for the secret that the app has read.
        let secrets = answer["secrets"].as_array().cloned().unwrap_or_default();
        let secrets =
            secrets.iter().filter_map(Value::as_str).map(|name| (name.to_owned(), Value::Null));
        Ok(values.into_iter().chain(secrets).collect())
    }

    /// Lets what has waited for the answers start, if the app is to go on running.
    pub(super) fn finish(&self) -> Result<(), CommandError> {
        if let Who::Running(_) = self.who {
            let outcome: Outcome = self.ask(&json!({ "op": "finish" }))?;
            if !outcome.ok {
                return Err(CommandError::NotDone(outcome.message.unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// Ends what was started for the questions.
    pub(super) fn leave(self) {
        if let Who::Started(app) = self.who {
            self.runtime.block_on(app.stop());
        }
        // A keychain that hangs must not keep the program alive.
        self.runtime.shutdown_background();
    }

    fn ask<T: serde::de::DeserializeOwned>(&self, request: &Value) -> Result<T, CommandError> {
        let answer = match &self.who {
            Who::Running(app) => self.runtime.block_on(ask_setup(app, request)),
            Who::Started(app) => Ok(self.runtime.block_on(app.setup().handle(request))),
        };
        let control = |error| CommandError::Control { name: self.name.clone(), error };
        let answer = answer.map_err(control)?;
        Ok(serde_json::from_value(answer).map_err(std::io::Error::from)?)
    }
}
