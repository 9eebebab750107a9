//! What set-up, the settings and the terminal show of an app's questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AppIdentity;

/// Everything that set-up and the settings show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetupDescription {
    /// Who the app is.
    pub app: AppIdentity,
    /// Why it is shown.
    pub purpose: Purpose,
    /// Set-up's first page.
    pub welcome: Heading,
    /// Set-up's last page.
    pub done: Heading,
    /// The pages with questions.
    pub pages: Vec<PageDescription>,
    /// Where secrets are kept.
    pub store: SecretStore,
    /// A settings file of an earlier way to run the app, if there is one.
    pub old_settings: Option<OldSettings>,
    /// What can be done for the user's data, if anything can.
    pub data: Option<DataFeatures>,
}

/// Why questions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The app needs answers.
    Setup,
    /// The user wants to change some.
    Settings,
}

/// A title and a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[expect(missing_docs, reason = "the names say it")]
pub struct Heading {
    pub title: String,
    pub text: String,
}

/// A page of set-up, and a section of the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PageDescription {
    /// What requests call it.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// What people should know about it.
    pub text: Option<String>,
    /// Whether its answers are kept, and none that is needed is missing.
    pub complete: bool,
    /// Whether answers are tried before they are kept.
    pub has_check: bool,
    /// What is asked.
    pub fields: Vec<FieldDescription>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FieldDescription {
    /// Its name in the manifest.
    pub name: String,
    /// What kind of answer it takes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// What it is called on the page.
    pub label: String,
    /// What helps to answer it.
    pub help: Option<String>,
    /// An example, shown while it is empty.
    pub placeholder: Option<String>,
    /// Whether the app needs an answer.
    pub required: bool,
    /// A regular expression for the whole answer.
    pub pattern: Option<String>,
    /// What an answer looks like, for someone who has written another one.
    pub pattern_help: Option<String>,
    /// The smallest number.
    pub min: Option<f64>,
    /// The largest number.
    pub max: Option<f64>,
    /// The answers to choose from.
    pub choices: Vec<FieldChoice>,
    /// Extensions of the files to choose from, without the dot.
    pub extensions: Vec<String>,
    /// Other fields, and the answers with which this one is asked.
    #[cfg_attr(test, ts(type = "Record<string, Scalar[]>"))]
    pub show_if: BTreeMap<String, Vec<Scalar>>,
    /// The answer that is kept, or proposed; always null for a secret.
    #[cfg_attr(test, ts(type = "AnswerValue"))]
    pub value: Value,
    /// Whether an answer was given.
    pub is_set: bool,
    /// The environment variable in which the app gets the answer.
    pub env: Option<String>,
}

/// What kind of answer a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the manifest's words; docs/manifest.md has them")]
pub enum FieldType {
    Text,
    Secret,
    Url,
    Email,
    Number,
    Choice,
    Switch,
    File,
    Folder,
    Database,
}

impl FieldType {
    /// Returns whether answers of this kind are kept among the secrets.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Database)
    }
}

/// A value as a manifest has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Scalar {
    Text(String),
    Boolean(bool),
    Number(f64),
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FieldChoice {
    /// The answer.
    pub value: String,
    /// What it is called on the page.
    pub label: String,
    /// What helps to choose.
    pub help: Option<String>,
}

/// Where secrets are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SecretStore {
    /// The store that is used.
    pub kind: SecretStoreKind,
    /// Why it cannot be used now.
    pub trouble: Option<StoreTrouble>,
}

/// A kind of store for secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum SecretStoreKind {
    /// The operating system's.
    Keychain,
    /// An encrypted file, with its key in another.
    File,
    /// An encrypted file, with a passphrase.
    Passphrase,
    /// None: the app asks for no secret, or there is no store that works.
    None,
}

/// Why secrets cannot be kept now, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StoreTrouble {
    /// A headline.
    pub title: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What the user can choose from.
    pub choices: Vec<StoreChoice>,
}

/// What to do about a store that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum StoreChoice {
    /// Try it again.
    Retry,
    /// Use an encrypted file.
    File,
    /// Use an encrypted file with a passphrase.
    Passphrase,
}

/// A settings file of an earlier way to run the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OldSettings {
    /// Its path.
    pub path: String,
    /// The labels of the fields that it has values for.
    pub fields: Vec<String>,
}

/// What can be done for the user's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DataFeatures {
    /// The names of the databases.
    pub databases: Vec<String>,
}
