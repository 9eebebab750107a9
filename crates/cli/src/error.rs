//! How a command fails: what is shown, and the exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use ensconce_app::{AppError, ControlError, Mistake};
use ensconce_installer::InstallerError;
use ensconce_manifest::and_list;
use ensconce_manifest::nearest;
use ensconce_payload::PayloadError;
use ensconce_protocol::FailureReport;
use ensconce_vault::VaultError;

use crate::screen;

/// The exit code after a signal, as shells have it for Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The app could not be launched.
    #[error(transparent)]
    Launch(#[from] AppError),
    /// The app was launched, and failed.
    #[error("{}", .0.title)]
    App(Box<FailureReport>),
    /// The content of a package could not be made.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A package could not be made.
    #[error(transparent)]
    Installer(#[from] InstallerError),
    /// Another build writes to the same folder.
    #[error("Another build is writing to {}", .0.display())]
    Building(PathBuf),
    /// A folder cannot be used.
    #[error("The folder {} cannot be used: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The log of something that does not exist was asked for.
    #[error("There is no task or service `{service}`")]
    NoService {
        /// What was asked for.
        service: String,
        /// What there is.
        names: Vec<String>,
    },
    /// A secret was named that does not exist.
    #[error("There is no secret `{name}`")]
    NoSecret {
        /// What was asked for.
        name: String,
        /// What there is.
        names: Vec<String>,
    },
    /// A secret that the user gives cannot be generated.
    #[error("The secret `{0}` is not generated")]
    NotGenerated(String),
    /// A value cannot be a secret.
    #[error("{why}")]
    Value {
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is nobody to ask for a passphrase.
    #[error("There is no passphrase, and no terminal to ask for one")]
    NoPassphrase,
    /// Secrets are not available.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A log cannot be read.
    #[error("The logs in {} cannot be read: {error}", folder.display())]
    Log {
        /// The folder of the logs.
        folder: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// There is no place for what was built before.
    #[error("The user's cache folder cannot be determined")]
    NoCache,
    /// There is nothing to show a window on.
    #[error("There is no display to open a window on")]
    NoDisplay,
    /// The window's program is missing or cannot be run.
    #[error("The window's program {program} cannot be run: {error}")]
    NoShell {
        /// The program.
        program: String,
        /// Why.
        error: std::io::Error,
    },
    /// Programs of Ensconce for another target are missing.
    #[error("Ensconce's programs for `{triple}` are missing: no {}", missing.display())]
    NoShellFor {
        /// The target.
        triple: &'static str,
        /// The first file that is missing.
        missing: PathBuf,
        /// All files that are needed.
        files: Vec<String>,
        /// The targets that there are programs for.
        others: Vec<String>,
    },
    /// A kind of package is not for the target that it was asked for.
    #[error("The bundle `{bundle}` cannot be made for the target `{triple}`")]
    OtherSystem {
        /// The kind.
        bundle: &'static str,
        /// The target.
        triple: &'static str,
        /// A target that it can be made for.
        fitting: &'static str,
    },
    /// What the manifest says about signing is wrong.
    #[error("`{key}`: {why}")]
    Signing {
        /// The key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// A program that signs is missing.
    #[error("`{key}` needs {tools}, which is not on PATH")]
    NoSigningTool {
        /// The key.
        key: String,
        /// The programs, any of which would do.
        tools: String,
    },
    /// A database was named that does not exist.
    #[error("There is no database `{name}`")]
    NoDatabase {
        /// What was asked for.
        name: String,
        /// What there is.
        names: Vec<String>,
    },
    /// An answer belongs to no question.
    #[error("There is no question `{name}`")]
    NoQuestion {
        /// What was answered.
        name: String,
        /// What is asked.
        names: Vec<String>,
    },
    /// A file of answers cannot be understood.
    #[error("{}: {why}", path.display())]
    AnswersFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Answers were not accepted, and why.
    #[error("{}", lines_of(.0))]
    WrongAnswers(Vec<(String, String)>),
    /// Questions have no answer; with the variables that they could be answered in.
    #[error("Missing answers: {}", and_list(.0.iter().map(|(name, _)| name.as_str())))]
    Unanswered(Vec<(String, Option<String>)>),
    /// The input ended while questions were open.
    #[error("The input ended before every question was answered")]
    NobodyAnswers,
    /// A file that was named cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The app could not do it, and says why.
    #[error("{}", .0.trim_end_matches('.'))]
    NotDone(String),
    /// There is no copy of the app to talk to.
    #[error("{0} is not running")]
    NotRunning(String),
    /// The app has not done what it was asked to.
    #[error("{name}: {error}")]
    Control {
        /// The app.
        name: String,
        /// Why.
        error: ControlError,
    },
    /// The app takes too long to end.
    #[error("{name} is still running (process {pid})")]
    StillRunning {
        /// The app.
        name: String,
        /// Its process.
        pid: u32,
    },
    /// The error has been reported already.
    #[error("")]
    Said(u8),
    /// Data could not be written to stdout.
    #[error("Cannot write to stdout: {0}")]
    Output(std::io::Error),
    /// The user did not want to wait for the end.
    #[error("Killed before everything had ended on its own")]
    CutShort,
    /// There is no browser to open a page in.
    #[error("Cannot open a browser: {0}")]
    NoBrowser(std::io::Error),
    /// A signal has ended the work.
    #[error("Interrupted")]
    Interrupted,
    /// A signal came while the app was doing the work.
    #[error("Interrupted. {name} is running, and goes on with what it was asked to do")]
    LeftToApp {
        /// The app's name.
        name: String,
    },
    /// A system call failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl CommandError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Launch(error) if error.mistake() == Mistake::Usage => 2,
            Self::Payload(error) if error.is_mistake() => 2,
            Self::Installer(error) if error.is_mistake() => 2,
            Self::NoService { .. } | Self::NoSecret { .. } => 2,
            Self::NoDatabase { .. } | Self::Unreadable { .. } => 2,
            Self::NoQuestion { .. } | Self::AnswersFile { .. } => 2,
            Self::WrongAnswers(_) | Self::Unanswered(_) => 2,
            Self::NotGenerated(_) | Self::Value { .. } | Self::NoPassphrase => 2,
            Self::Signing { .. } | Self::OtherSystem { .. } => 2,
            Self::Said(code) => *code,
            Self::Control { error: ControlError::Refused(_), .. } => 2,
            Self::Interrupted | Self::LeftToApp { .. } => INTERRUPTED,
            _ => 1,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Launch(error) => error.hints(),
            Self::NoDisplay => vec!["Use a browser instead: ensconce run --headless".to_owned()],
            Self::NoShell { .. } => {
                vec!["Build it: cargo build --release".to_owned()]
            }
            Self::NoShellFor { triple, files, others, .. } => {
                let files = and_list(files.iter().map(String::as_str));
                let mut hints = vec![format!(
                    "Put {files}, built for `{triple}`, into that folder; or pass the folder \
                     that contains `{triple}` with --shells"
                )];
                if !others.is_empty() {
                    let others = others.join(", ");
                    hints.push(format!("Available targets: {others}"));
                }
                hints
            }
            Self::OtherSystem { bundle, fitting, .. } => {
                vec![format!(
                    "Build for one target at a time: --bundles {bundle} --target {fitting}"
                )]
            }
            Self::Signing { .. } => {
                vec!["docs/installers.md says what signing requires".to_owned()]
            }
            Self::NoSigningTool { tools, .. } => vec![format!(
                "Install {tools}, or remove the section to make packages without a signature"
            )],
            Self::Payload(error) => error.hints(),
            Self::Installer(error) => error.hints(),
            Self::Building(_) => {
                vec!["Wait until it is done, or choose another folder with --out".to_owned()]
            }
            Self::Folder { .. } => {
                vec!["Check its permissions, or choose another with --out".to_owned()]
            }
            Self::NoService { service, names } => {
                vec![other(service, names, "The manifest has no tasks or services")]
            }
            Self::NoDatabase { name, names } => {
                vec![other(name, names, &format!("The manifest has none; add [database.{name}]"))]
            }
            Self::NoQuestion { name, names } => {
                vec![other(name, names, "The app asks no questions")]
            }
            Self::AnswersFile { .. } => {
                vec![
                    "Each line is NAME = VALUE, a text in quotes: mail = \"ada@example.com\""
                        .to_owned(),
                ]
            }
            Self::WrongAnswers(_) => vec!["Nothing of that page was kept; correct it".to_owned()],
            Self::Unanswered(missing) => vec![how_to_answer(missing)],
            Self::NobodyAnswers => {
                vec!["The answers so far are kept; continue with: ensconce setup".to_owned()]
            }
            Self::Unreadable { .. } => vec!["Check the path and its permissions".to_owned()],
            Self::NotDone(_) => Vec::new(),
            Self::NoSecret { name, names } => {
                vec![other(name, names, &format!("The manifest has none; add [secret.{name}]"))]
            }
            Self::NotGenerated(name) => vec![format!("Set it: ensconce secret set {name}")],
            Self::Value { .. } => {
                vec!["Pass it on stdin: ensconce secret set NAME < FILE".to_owned()]
            }
            Self::NoPassphrase => {
                vec!["Write it to a file, and set ENSCONCE_PASSPHRASE_FILE to its path".to_owned()]
            }
            Self::Vault(error) => vec![error.hint()],
            Self::Log { .. } => vec!["Check the permissions of the folder".to_owned()],
            Self::NoBrowser(_) => {
                vec![
                    "Print an address for a browser elsewhere: ensconce setup --address".to_owned(),
                ]
            }
            Self::NoCache => vec!["Set HOME, or choose a folder with ENSCONCE_CACHE".to_owned()],
            Self::NotRunning(_) => vec!["Start it: ensconce run".to_owned()],
            Self::Control { error: ControlError::Refused(refusal), .. } => {
                refusal.hint.iter().cloned().collect()
            }
            Self::Control { .. } => vec!["Try again, or end its process".to_owned()],
            Self::StillRunning { .. } => {
                vec!["See what it waits for: ensconce status".to_owned()]
            }
            Self::App(_)
            | Self::Said(_)
            | Self::Io(_)
            | Self::Output(_)
            | Self::CutShort
            | Self::Interrupted
            | Self::LeftToApp { .. } => Vec::new(),
        }
    }
}

/// Shows an error; returns the exit code.
pub(crate) fn report(error: &CommandError) -> ExitCode {
    let text = text_of(error);
    if !text.is_empty() {
        screen::say(text.trim_end());
    }
    ExitCode::from(error.exit_code())
}

/// Formats an error with its hints.
pub(crate) fn text_of(error: &CommandError) -> String {
    let mut text = match error {
        CommandError::Said(_) => String::new(),
        CommandError::Launch(AppError::Manifest(mistakes)) => mistakes.render_colored(),
        CommandError::App(failure) => heading(&failure.details),
        _ => heading(&error.to_string()),
    };
    let hint = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
    for advice in error.hints() {
        text.push_str(&format!("{hint}hint:{hint:#} {advice}\n"));
    }
    text
}

/// Suggests the name that was meant, or lists the names, or says that there are none.
fn other(name: &str, names: &[String], nothing: &str) -> String {
    match nearest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!("Did you mean `{meant}`?"),
        None if names.is_empty() => nothing.to_owned(),
        None => format!("Known names: {}", names.join(", ")),
    }
}

fn how_to_answer(missing: &[(String, Option<String>)]) -> String {
    let variables: Vec<&str> = missing.iter().filter_map(|(_, env)| env.as_deref()).collect();
    match variables.len() == missing.len() {
        true => format!(
            "Pass it in a file with --answers, or in {} with --from-env",
            and_list(variables.into_iter())
        ),
        false => "Pass it in a file with --answers, or at a terminal".to_owned(),
    }
}

fn lines_of(wrong: &[(String, String)]) -> String {
    let lines: Vec<String> = wrong.iter().map(|(name, why)| format!("`{name}`: {why}")).collect();
    lines.join("\n")
}

fn heading(message: &str) -> String {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    format!("{red}error:{red:#} {}\n", message.trim_end())
}
