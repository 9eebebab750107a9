//! An app whose data is cared for while none of its processes runs.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use crate::app::{location, settings_file};
use crate::care::Care;
use crate::files::PrivateFiles;
use crate::home::Home;
use crate::jobs::Shared;
use crate::prepare::{Options, Prepared};
use crate::secrets::{PendingSecrets, kept_secrets};
use crate::setup::{SetupRequest, SharedAnswers};
use crate::{LaunchError, setup};
use ensconce_plan::Plan;
use tempfile::TempDir;

/// An app that does not run, and cannot be started meanwhile: its data folder is held until this is
/// dropped.
pub struct IdleApp {
    options: Options,
    plan: Plan,
    care: Care,
    /// Keeps what the care asks for.
    _plans: watch::Sender<Plan>,
    home: Home,
    _run: TempDir,
}

impl Prepared {
    /// Holds the data folder, and starts nothing.
    ///
    /// # Errors
    /// When the answers that are kept cannot be used.
    pub fn hold(self) -> Result<IdleApp, LaunchError> {
        let Self { options, plan, home, run, .. } = self;
        let location = location(&options, &plan, &home)?;
        let answers = SharedAnswers::read(settings_file(home.folder()), kept_secrets(&location));
        let shared = Shared {
            secrets: PendingSecrets::default(),
            origin: plan.ui.origin.clone(),
            control_url: String::new(),
            control_token: String::new(),
            answers: answers.map_err(LaunchError::State)?,
            files: PrivateFiles::below(run.path()),
            own: home.folder().to_owned(),
        };
        let (plans, _) = watch::channel(plan.clone());
        let care = Care {
            plans: plans.subscribe(),
            own: home.folder().to_owned(),
            shared,
            supervisor: None,
            busy: watch::Sender::new(false),
            turn: Arc::default(),
        };
        Ok(IdleApp { options, plan, care, _plans: plans, home, _run: run })
    }
}

impl IdleApp {
    /// Answers a request about the app's data, as [`crate::Setup::handle`] does.
    pub async fn handle(&self, request: &Value) -> Value {
        match serde_json::from_value(request.clone()) {
            Ok(request) => {
                self.open_secrets(&request);
                let answer = self.care.handle(request).await;
                answer.unwrap_or_else(|| setup::refused("The app has to run for that."))
            }
            Err(error) => setup::refused(&format!("This cannot be done: {error}")),
        }
    }

    /// Only who packs or unpacks them needs them: a keychain may have to be unlocked.
    fn open_secrets(&self, request: &SetupRequest) {
        let needs = matches!(
            request,
            SetupRequest::Export { passphrase: Some(_), .. }
                | SetupRequest::ImportData { passphrase: Some(_), .. }
        );
        if needs && let Ok(location) = location(&self.options, &self.plan, &self.home) {
            self.care.shared.secrets.renew(&self.plan, location);
        }
    }
}
