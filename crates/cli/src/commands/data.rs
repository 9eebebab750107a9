//! What `ensconce backup`, `restore`, `export` and `import` have in common: an app that runs does it
//! itself; one that does not is held meanwhile.

use std::path::{Path, PathBuf};

use ensconce_app::{IdleApp, RunningApp, ask_setup};
use serde_json::{Value, json};

use super::running;
use crate::arguments::Target;
use crate::error::CommandError;

/// Who looks after the data of an app.
pub(super) struct Keeper {
    name: String,
    who: Who,
}

enum Who {
    Running(RunningApp),
    Idle(Box<IdleApp>),
}

impl Keeper {
    /// Finds the app that runs, or takes hold of its data.
    pub(super) fn find(target: &Target) -> Result<Self, CommandError> {
        running::keep_to_oneself();
        let (name, found) = running::find(target)?;
        let who = match found {
            Some(app) => Who::Running(app),
            None => {
                let prepared = running::prepare_quietly(target)?;
                Who::Idle(Box::new(prepared.hold()?))
            }
        };
        Ok(Self { name, who })
    }

    /// Asks for something, and waits for the answer.
    pub(super) fn ask(&self, request: &Value) -> Result<Value, CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = match &self.who {
            Who::Running(app) => runtime.block_on(ask_setup(app, request)),
            Who::Idle(app) => Ok(runtime.block_on(app.handle(request))),
        };
        let control = |error| CommandError::Control { name: self.name.clone(), error };
        let answer = answer.map_err(control)?;
        if answer["ok"] == false {
            let why = answer["message"].as_str().unwrap_or("This could not be done");
            return Err(CommandError::NotDone(why.trim_end_matches('.').to_owned()));
        }
        Ok(answer)
    }

    /// The backups of each database, the newest first.
    pub(super) fn backups(&self) -> Result<Vec<(String, Vec<Value>)>, CommandError> {
        let answer = self.ask(&json!({ "op": "backups" }))?;
        let databases = answer["databases"].as_array().cloned().unwrap_or_default();
        let one = |database: &Value| {
            let name = database["name"].as_str().unwrap_or_default().to_owned();
            (name, database["backups"].as_array().cloned().unwrap_or_default())
        };
        Ok(databases.iter().map(one).collect())
    }
}

/// A path as it is from anywhere: the app that runs has another working folder.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    Ok(std::path::absolute(path)?)
}

/// Returns the error for a database that does not exist.
pub(super) fn no_database(name: &str, known: &[(String, Vec<Value>)]) -> CommandError {
    CommandError::NoDatabase {
        name: name.to_owned(),
        names: known.iter().map(|(name, _)| name.clone()).collect(),
    }
}
