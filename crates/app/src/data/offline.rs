//! An app that does not run, and whose data is worked on: nobody can start it meanwhile.

use std::sync::Arc;

use ensconce_protocol::{AppRequest, AppResponse, Outcome};
use ensconce_supervisor::{Settings, ShowAll};
use tempfile::TempDir;

use super::DataCare;
use crate::error::AppError;
use crate::launch::announcement::Announcement;
use crate::launch::held::HeldFolder;
use crate::launch::prepare::Prepared;
use crate::launch::programs::guard_program;
use crate::requests::answer_about_data;
use crate::run::start::{Common, launch_id};
use crate::secrets::location::{location, wanted};

/// An app that does not run, and cannot be started until this is released.
pub struct OfflineApp {
    care: DataCare,
    has_data_dir: bool,
    held: HeldFolder,
    _run: TempDir,
}

impl Prepared {
    /// Holds the data folder, and starts nothing.
    ///
    /// # Errors
    /// When the answers that are kept cannot be used, or an interrupted replacement of the data
    /// cannot be finished.
    pub async fn hold(self) -> Result<OfflineApp, AppError> {
        let launch = launch_id().map_err(AppError::Address)?;
        let announcement =
            Announcement { pid: std::process::id(), launch: launch.clone(), control: None };
        self.held.announce(&announcement)?;
        let settings = Settings {
            guard: guard_program(),
            launch_id: launch.clone(),
            redact: Arc::new(|| Box::new(ShowAll)),
            log: Arc::new(|_| {}),
        };
        let common = Common::offline(&self, launch)?;
        let Prepared { source, plan, held, run, has_data_dir, .. } = self;
        let care = common.care(source, plan, run.path(), settings)?;
        care.put_in_order().await?;
        Ok(OfflineApp { care, has_data_dir, held, _run: run })
    }
}

impl OfflineApp {
    /// Answers a request about the app's data.
    pub async fn handle(&self, request: AppRequest) -> AppResponse {
        self.open_secrets(&request);
        match answer_about_data(&self.care, request).await {
            Some(response) => response,
            None => Outcome::failed("The app has to run for that.").into(),
        }
    }

    /// Lets go of the data, when nothing works on it any more.
    pub async fn release(self) {
        self.care.roster.stop().await;
        // It did not run, so that it is not known yet whether what a crash has left is whole.
        self.held.release(false);
    }

    /// Only who packs or unpacks secrets needs them: a keychain may have to be unlocked.
    fn open_secrets(&self, request: &AppRequest) {
        let needs = matches!(
            request,
            AppRequest::Export { passphrase: Some(_), .. }
                | AppRequest::ImportData { passphrase: Some(_), .. }
        );
        let plan = self.care.roster.plan();
        if needs && let Ok(location) = location(&plan, self.has_data_dir, self.held.own()) {
            self.care.values.secrets.fetch(wanted(&plan), location);
        }
    }
}
