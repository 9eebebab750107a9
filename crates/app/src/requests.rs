//! What an app can be asked to do: from a message to the part of the app that does it.
//!
//! It does not know how a message came. The window, a browser and the terminal send the same ones.

use ensconce_protocol::{
    AppRequest, AppResponse, AppStatus, BackupReason, ImportedSettings, Outcome,
};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::data::DataCare;
use crate::error::AppError;
use crate::setup::Setup;

/// Answers requests to one app. Clones stand for the same one.
#[derive(Clone)]
pub struct Requests {
    pub(crate) setup: Setup,
    pub(crate) care: DataCare,
    pub(crate) status: watch::Receiver<AppStatus>,
    /// Everything that is being done.
    pub(crate) tasks: TaskTracker,
}

impl Requests {
    /// Does what is asked for. Whoever asked may go away meanwhile: what was begun is ended.
    pub async fn handle(&self, request: AppRequest) -> AppResponse {
        let requests = self.clone();
        let answering = self.tasks.spawn(async move { requests.answer(request).await });
        answering.await.unwrap_or_else(|error| refused(&error.into()))
    }

    /// Returns whether the app has a Settings page.
    pub(crate) fn has_settings(&self) -> bool {
        self.setup.roster.plan().has_settings()
    }

    /// Tries once more to end a swap of the data, if that is what keeps the app from running.
    pub(crate) fn make_data_whole(&self) {
        if self.care.roster.blocked().borrow().is_some() {
            let care = self.care.clone();
            self.tasks.spawn(async move {
                if let Err(error) = care.turn().await {
                    tracing::error!("{error}");
                }
            });
        }
    }

    /// Waits until nothing is being done any more; what comes later is not waited for.
    pub(crate) async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn answer(&self, request: AppRequest) -> AppResponse {
        match request {
            AppRequest::Status => AppResponse::Status(self.status.borrow().clone()),
            AppRequest::Describe => {
                let mut description = self.setup.describe();
                description.data = self.care.features();
                AppResponse::Description(Box::new(description))
            }
            AppRequest::Check { .. }
            | AppRequest::Save { .. }
            | AppRequest::Finish
            | AppRequest::Store { .. } => {
                // Whatever this waits for, a keychain or an address that does not answer, an app
                // that ends does not.
                let closing = self.setup.roster.closing();
                let done = closing.run_until_cancelled(self.set_up(request)).await;
                done.unwrap_or_else(|| refused(&AppError::Stopping))
            }
            AppRequest::ImportSettings => {
                let found = self.setup.import_old_settings();
                AppResponse::ImportedSettings(found.unwrap_or_else(nothing_imported))
            }
            AppRequest::Backups
            | AppRequest::Backup { .. }
            | AppRequest::Restore { .. }
            | AppRequest::Export { .. }
            | AppRequest::ImportData { .. } => {
                let replaces_answers = matches!(request, AppRequest::ImportData { .. });
                let response = answer_about_data(&self.care, request).await;
                // What came with the data can be all that set-up asks, or lack what this version
                // needs.
                let is_done = matches!(&response, Some(AppResponse::Outcome(done)) if done.ok);
                if replaces_answers && is_done {
                    self.setup.look_for_what_is_missing();
                }
                response.unwrap_or_else(|| Outcome::default().into())
            }
        }
    }

    async fn set_up(&self, request: AppRequest) -> AppResponse {
        match request {
            AppRequest::Check { page, values } => self.setup.check(&page, values).await.into(),
            AppRequest::Save { page, values } => self.setup.save(&page, values).await.into(),
            AppRequest::Store { choice, passphrase } => {
                outcome(self.setup.choose_store(choice, passphrase).await.map(|()| None))
            }
            _ => outcome(self.setup.finish().await.map(|()| None)),
        }
    }
}

/// Does what is asked for, if it is about data; nothing otherwise.
pub(crate) async fn answer_about_data(care: &DataCare, request: AppRequest) -> Option<AppResponse> {
    let done = match request {
        AppRequest::Backups => return Some(AppResponse::Backups(care.backups().await)),
        AppRequest::Backup { database } => care.backup(&database, BackupReason::Manual).await,
        AppRequest::Restore { database, id } => care.restore(&database, &id).await,
        AppRequest::Export { path, passphrase } => care.export(path, passphrase).await,
        AppRequest::ImportData { path, passphrase } => care.import(path, passphrase).await,
        _ => return None,
    };
    Some(outcome(done.map(Some)))
}

fn outcome(done: Result<Option<String>, AppError>) -> AppResponse {
    match done {
        Ok(message) => Outcome::done(message).into(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &AppError) -> AppResponse {
    Outcome::failed(error.sentence()).into()
}

fn nothing_imported(error: AppError) -> ImportedSettings {
    ImportedSettings { message: Some(error.sentence()), ..ImportedSettings::default() }
}
