//! Why an app does not start, or does not do what it was asked to do.

use std::io;
use std::path::PathBuf;

use ensconce_manifest::Diagnostics;
use ensconce_plan::PlanErrors;
use ensconce_store::StoreError;
use ensconce_vault::VaultError;

use crate::launch::announcement::RunningApp;

/// Why an app does not start, or does not do what it was asked to do.
///
/// The text begins with a capital letter and has no final period; [`AppError::sentence`] has one.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The manifest cannot be read.
    #[error("Cannot read the manifest {}: {error}", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The manifest has mistakes.
    #[error("{0}")]
    Manifest(Box<Diagnostics>),
    /// The manifest does not fit this machine.
    #[error("{0}")]
    Plan(PlanErrors),
    /// The folder of the pages is missing.
    #[error("The folder of the pages, {}, does not exist", .0.display())]
    NoPages(PathBuf),
    /// The manifest holds an address that the gateway does not accept.
    #[error("{0}")]
    Site(String),
    /// The list of the programs that an installed app brings along cannot be read.
    #[error("The app's own programs cannot be found: {}: {error}", path.display())]
    Programs {
        /// The list.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no home folder to keep things in.
    #[error("The home folder of this user cannot be found")]
    NoHome,
    /// A folder or file cannot be used.
    #[error("{} cannot be used: {error}", path.display())]
    File {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is remembered of the app cannot be used.
    #[error("{0}")]
    Store(StoreError),
    /// It is not known what has been done to the data.
    #[error("What has been done to the app's data cannot be told: {0}")]
    Record(StoreError),
    /// There is no place for the sockets of this run.
    #[error("No private folder can be made for sockets: {0}")]
    RunFolder(io::Error),
    /// The app runs already, or a command works on its data.
    #[error("{name} is {}{}", in_use_by(running), process(*pid))]
    InUse {
        /// The app's name.
        name: String,
        /// The process that uses it, as far as it is known.
        pid: Option<u32>,
        /// The app that runs; none if it is a command.
        running: Option<Box<RunningApp>>,
    },
    /// A program of an earlier run still works on the data.
    #[error("Work on the data of {name} that an earlier run began has not ended yet")]
    DataBusy {
        /// The app's name.
        name: String,
    },
    /// The port for the pages cannot be had.
    #[error("Cannot listen on this machine's own network: {0}")]
    Listen(io::Error),
    /// No address can be had for a service.
    #[error("Cannot make an address for a service: {0}")]
    Address(io::Error),

    /// The app is coming to its end.
    #[error("The app is ending")]
    Stopping,
    /// The app has no such task or service.
    #[error("The app has no task or service `{name}`")]
    NoSuchJob {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Services are stopped, because something is done to the data.
    #[error("The data is being worked on, and services are stopped meanwhile")]
    Paused,
    /// The app has no such page of questions.
    #[error("There is no such page")]
    NoSuchPage,
    /// Answers that the app needs are missing.
    #[error("Some answers are still needed")]
    AnswersMissing,
    /// There is no settings file of an earlier time.
    #[error("There is nothing to take over")]
    NoOldSettings,
    /// The app has no such database.
    #[error("There is no database `{0}`")]
    NoSuchDatabase(String),
    /// There is no such backup.
    #[error("There is no such backup")]
    NoSuchBackup,
    /// Data of a newer version of the app cannot be taken.
    #[error(
        "The {what} holds data of version {data} of the app, which is newer than this one, {app}. \
         Update the app first"
    )]
    NewerData {
        /// What holds it: a backup, or a file.
        what: &'static str,
        /// The version of the data.
        data: String,
        /// The version of the app.
        app: String,
    },
    /// A value that the manifest refers to is not known.
    #[error("{0}")]
    Unresolved(String),
    /// A secret has no value yet.
    #[error("The secret `{0}` is not set. Set it with: ensconce secret set {0}")]
    SecretNotSet(String),
    /// The app has no such secret.
    #[error("There is no secret `{0}`")]
    NoSuchSecret(String),
    /// The app has no secrets, so that none can be kept.
    #[error("The app has no secrets")]
    NoSecrets,
    /// The store of the secrets cannot be used.
    #[error("{}. {}", .0, .0.hint())]
    Vault(#[from] VaultError),
    /// The store of the secrets could not be opened.
    #[error("{0}")]
    SecretsUnavailable(String),
    /// The secrets in an export are damaged.
    #[error("The file's secrets are damaged")]
    DamagedSecrets,
    /// An export holds no secrets.
    #[error("There are no secrets in this file, so it needs no passphrase")]
    NoSecretsInFile,
    /// A file was replaced while it was read.
    #[error("The file was changed meanwhile")]
    FileChanged,
    /// The helper program refused, for this reason.
    #[error("{}", .0.trim_end_matches('.'))]
    Refused(String),
    /// Replacing the data has not come to its end; the app must not use it.
    #[error("{}", .0.trim_end_matches('.'))]
    Unfinished(String),
    /// The helper program did not answer.
    #[error("This could not be done: {0}")]
    NoAnswer(String),
    /// Somebody who tries answers did not accept them, and says why.
    #[error("{}", .0.trim_end_matches('.'))]
    Rejected(String),
    /// Where a file is to be cannot be told from what was typed.
    #[error("This is not the whole path of a file. Write it out, such as `{}`", .example.display())]
    NoWholePath {
        /// What may be meant.
        example: PathBuf,
    },
    /// Somebody who tries answers took too long.
    #[error("There was no answer in time")]
    CheckTooLong,
    /// A program that works for a moment was lost.
    #[error("This could not be done: {0}")]
    Lost(#[from] tokio::task::JoinError),
}

/// Who must act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Manifest or usage: exit code 2.
    Usage,
    /// The machine or the app: exit code 1.
    Failure,
}

impl AppError {
    /// Returns who must act on it.
    pub fn mistake(&self) -> Mistake {
        match self {
            Self::Unreadable { .. }
            | Self::Manifest(_)
            | Self::Plan(_)
            | Self::NoPages(_)
            | Self::Site(_) => Mistake::Usage,
            _ => Mistake::Failure,
        }
    }

    /// Returns what to do about it; nothing where the text says it.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Unreadable { .. } => {
                "Go to the app's folder, or pass the path: ensconce run path/to/ensconce.toml"
            }
            Self::Plan(errors) => return errors.0.iter().map(|error| error.hint()).collect(),
            Self::NoPages(_) => "Build the pages first, or correct `static` in [ui]",
            Self::Programs { .. } => "Install the app again",
            Self::NoHome => "Set HOME, or choose a folder with --data-dir",
            Self::File { .. } => "Check its permissions, or choose another folder with --data-dir",
            Self::Record(StoreError::Broken { .. }) => {
                "Put back a copy of this file. If you move it away instead, tasks that have run \
                 before run once more, on the data as it is"
            }
            Self::Store(error) | Self::Record(error) => error.hint(),
            Self::InUse { running: Some(_), .. } => {
                "Close it first, or choose another folder with --data-dir"
            }
            Self::InUse { running: None, .. } | Self::DataBusy { .. } => {
                "Wait until that is done, then try again"
            }
            Self::Listen(_) => "Check that the loopback interface is up",
            Self::RunFolder(_) | Self::Address(_) => {
                "Check that the temporary folder can be written"
            }
            Self::Site(_) => "See `docs/manifest.md`, \"[ui]\"",
            Self::NoSuchJob { known, .. } => return vec![format!("It has {}", known.join(", "))],
            _ => return Vec::new(),
        };
        vec![hint.to_owned()]
    }

    /// Returns the text as a sentence.
    pub fn sentence(&self) -> String {
        let text = self.to_string();
        if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
    }
}

fn in_use_by(running: &Option<Box<RunningApp>>) -> &'static str {
    if running.is_some() { "running already" } else { "in use" }
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}
