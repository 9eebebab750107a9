//! What `ensconce backup`, `restore`, `export` and `import` have in common: an app that runs does
//! it itself; one that does not is held meanwhile.

use std::path::{Path, PathBuf};

use ensconce_app::{EndSignals, OfflineApp, RunningApp};
use ensconce_protocol::{AppRequest, Backups, DatabaseBackups, Outcome};
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use super::running;
use crate::arguments::AppSelection;
use crate::error::CommandError;

/// Access to the data of an app.
pub(super) struct DataAccess {
    name: String,
    app: AppWithData,
    runtime: Runtime,
    signals: EndSignals,
}

enum AppWithData {
    Running(RunningApp),
    Offline(Box<OfflineApp>),
}

impl DataAccess {
    /// Finds the app that runs, or takes hold of its data, for as long as `work` takes.
    ///
    /// A signal ends the work. What has begun and must not be left half done is finished before
    /// this returns. An app that runs goes on with the work: it has been asked.
    pub(super) fn with<T>(
        target: &AppSelection,
        work: impl FnOnce(&mut Self) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        running::keep_to_oneself();
        let runtime = Runtime::new()?;
        let signals = runtime.block_on(async { EndSignals::new() });
        let (name, found) = running::find(target)?;
        let app = match found {
            Some(app) => AppWithData::Running(app),
            None => {
                let prepared = running::prepare_quietly(target)?;
                AppWithData::Offline(Box::new(runtime.block_on(prepared.hold())?))
            }
        };
        let mut access = Self { name, app, runtime, signals };
        let done = work(&mut access);
        access.release();
        done
    }

    /// Has something done; returns the result, in a sentence.
    pub(super) fn apply(&mut self, request: AppRequest) -> Result<String, CommandError> {
        let Outcome { ok, message, .. } = self.request(request)?;
        let message = message.unwrap_or_default();
        if ok { Ok(message) } else { Err(CommandError::NotDone(message)) }
    }

    /// Returns the backups of each database, the newest first.
    pub(super) fn backups(&mut self) -> Result<Vec<DatabaseBackups>, CommandError> {
        self.request(AppRequest::Backups).map(|Backups { databases }| databases)
    }

    fn request<T: DeserializeOwned>(&mut self, request: AppRequest) -> Result<T, CommandError> {
        let Self { name, app, runtime, signals } = self;
        let interrupted = match app {
            AppWithData::Running(_) => CommandError::LeftToApp { name: name.clone() },
            AppWithData::Offline(_) => CommandError::Interrupted,
        };
        let control = |error| CommandError::Control { name: name.clone(), error };
        let answering = async {
            match app {
                AppWithData::Running(app) => app.request(&request).await.map_err(control),
                AppWithData::Offline(app) => running::typed(&app.handle(request).await),
            }
        };
        runtime.block_on(async {
            tokio::select! {
                response = answering => response,
                () = signals.next() => Err(interrupted),
            }
        })
    }

    fn release(self) {
        if let AppWithData::Offline(app) = self.app {
            self.runtime.block_on(app.release());
        }
        // A keychain that hangs must not keep the program alive.
        self.runtime.shutdown_background();
    }
}

/// Returns an absolute path: the running app has another working folder.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    Ok(std::path::absolute(path)?)
}

/// Returns the error for a database that does not exist.
pub(super) fn no_database(name: &str, known: &[DatabaseBackups]) -> CommandError {
    CommandError::NoDatabase {
        name: name.to_owned(),
        names: known.iter().map(|one| one.name.clone()).collect(),
    }
}
