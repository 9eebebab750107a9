//! What an app can be asked to do: by its own pages, by the terminal, by the control port.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::setup::{SetupDescription, StoreChoice};
use crate::{AppStatus, DatabaseBackups};

/// A request. It may hold secrets, so that its `Debug` output only names it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum AppRequest {
    /// Asks how the app is. In a browser only; the window hears of changes by itself.
    Status,
    /// Asks what the app asks. The response is a [`SetupDescription`].
    Describe,
    /// Tries the answers of a page, and keeps nothing.
    Check {
        /// The page's name.
        page: String,
        /// The answers, by the names of their fields. `null` leaves a secret as it is.
        #[cfg_attr(test, ts(type = "AnswerValues"))]
        values: BTreeMap<String, Value>,
    },
    /// Tries the answers of a page, and keeps them.
    Save {
        /// The page's name.
        page: String,
        /// As in [`AppRequest::Check`].
        #[cfg_attr(test, ts(type = "AnswerValues"))]
        values: BTreeMap<String, Value>,
    },
    /// Starts what has waited for answers.
    Finish,
    /// Reads the settings file of an earlier way to run the app. The response is an
    /// [`ImportedSettings`]; secrets are taken over when their page is saved.
    ImportSettings,
    /// Decides what is done about a store for secrets that cannot be used.
    Store {
        /// What is done.
        choice: StoreChoice,
        /// The passphrase, for a store that has one.
        #[cfg_attr(test, ts(optional))]
        passphrase: Option<String>,
    },
    /// Lists all backups. The response is [`Backups`].
    Backups,
    /// Makes a backup of a database.
    Backup {
        /// The database's name.
        database: String,
    },
    /// Puts a backup in the place of a database.
    Restore {
        /// The database's name.
        database: String,
        /// The backup.
        id: String,
    },
    /// Writes all data of the app into a file.
    Export {
        /// The file.
        #[cfg_attr(test, ts(type = "string"))]
        path: PathBuf,
        /// With one, secrets go along, encrypted by it.
        passphrase: Option<String>,
    },
    /// Replaces all data of the app by that of a file.
    ImportData {
        /// The file.
        #[cfg_attr(test, ts(type = "string"))]
        path: PathBuf,
        /// With one, the secrets in the file are taken over.
        passphrase: Option<String>,
    },
}

impl AppRequest {
    /// Returns the word that names the request.
    pub fn op(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Describe => "describe",
            Self::Check { .. } => "check",
            Self::Save { .. } => "save",
            Self::Finish => "finish",
            Self::ImportSettings => "import-settings",
            Self::Store { .. } => "store",
            Self::Backups => "backups",
            Self::Backup { .. } => "backup",
            Self::Restore { .. } => "restore",
            Self::Export { .. } => "export",
            Self::ImportData { .. } => "import-data",
        }
    }
}

impl fmt::Debug for AppRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AppRequest").field(&self.op()).finish()
    }
}

/// The response to a request; which one it is, the request says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the types say it")]
pub enum AppResponse {
    Status(AppStatus),
    Description(Box<SetupDescription>),
    ImportedSettings(ImportedSettings),
    Backups(Backups),
    Outcome(Outcome),
}

impl From<Outcome> for AppResponse {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

/// Whether something was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Outcome {
    /// Whether it was.
    pub ok: bool,
    /// What happened, in a sentence for people.
    pub message: Option<String>,
    /// What is wrong with single fields, by their names.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "Record<string, string>"))]
    pub fields: BTreeMap<String, String>,
}

impl Outcome {
    /// Something was done.
    pub fn done(message: Option<String>) -> Self {
        Self { ok: true, message, fields: BTreeMap::new() }
    }

    /// Nothing was done, for this reason.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { ok: false, message: Some(message.into()), fields: BTreeMap::new() }
    }

    /// Nothing was done, because of these fields.
    pub fn wrong(fields: BTreeMap<String, String>) -> Self {
        Self { ok: false, message: None, fields }
    }
}

/// The values of an old settings file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ImportedSettings {
    /// Whether there was one.
    pub ok: bool,
    /// What happened, in a sentence for people.
    pub message: Option<String>,
    /// The values, by the names of their fields; no secret among them.
    #[cfg_attr(test, ts(type = "AnswerValues"))]
    pub values: BTreeMap<String, Value>,
    /// The names of the secrets that it has.
    pub secrets: Vec<String>,
}

/// All backups of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Backups {
    /// Those of each database.
    pub databases: Vec<DatabaseBackups>,
}
