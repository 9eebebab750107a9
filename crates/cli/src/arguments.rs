//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{commands, error, screen};

/// Turns a web app into a desktop app: no rewrite, no Rust to write.
#[derive(Parser)]
#[command(name = "ensconce", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 the app failed, 2 a mistake in the manifest or in \
                        what was typed.\nRun `ensconce COMMAND --help` for more.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the app, in its window or for a browser
    #[command(after_help = "Examples:\n  ensconce run\n  ensconce run --headless\n  ensconce run \
                            --headless --json examples/items")]
    Run(commands::run::Run),
    /// Runs the app for development: dev settings, one merged log, restarts on changes
    #[command(after_help = "Examples:\n  ensconce dev\n  ensconce dev --headless")]
    Dev(commands::dev::Dev),
    /// Shows the output of the app's tasks and services, whether the app runs or not
    #[command(after_help = "Examples:\n  ensconce logs\n  ensconce logs -f api\n  ensconce logs \
                            -n 1000 --json | jq -r 'select(.stream == \"stderr\").text'")]
    Logs(commands::logs::LogsCommand),
    /// Shows exactly what would run, secrets masked
    #[command(after_help = "Examples:\n  ensconce plan\n  ensconce plan --json | jq .jobs")]
    Plan(commands::plan::PlanCommand),
    /// Looks for mistakes in the manifest, and for what is missing on this machine
    #[command(after_help = "Examples:\n  ensconce check\n  ensconce check --json")]
    Check(commands::check::Check),
    /// Shows whether the app runs, and the state of each task and service
    #[command(
        after_help = "Exit codes: 0 the app runs, 3 it does not.\n\nExamples:\n  ensconce status\n  \
                            ensconce status --json | jq .phase"
    )]
    Status(commands::status::StatusCommand),
    /// Stops a task or service of the running app and starts it again
    #[command(
        after_help = "Examples:\n  ensconce restart api\n  ensconce restart api examples/items"
    )]
    Restart(commands::restart::Restart),
    /// Stops the running app, as closing its window does
    #[command(after_help = "Examples:\n  ensconce stop\n  ensconce stop examples/items --wait 10")]
    Stop(commands::stop::Stop),
    /// Answers the app's questions: in the terminal, from a file or from the environment
    #[command(after_help = "Examples:\n  ensconce setup\n  ensconce setup --answers answers.toml \
                            --no-input\n  API_KEY=… ensconce setup --from-env\n  ensconce \
                            setup --page")]
    Setup(commands::setup::Setup),
    /// Manages the app's secrets
    #[command(after_help = "Examples:\n  ensconce secret list\n  ensconce secret set api-key\n  \
                            ensconce secret rotate session")]
    Secret(commands::secret::SecretCommand),
    /// Copies the app's databases, whether it runs or not
    #[command(after_help = "Examples:\n  ensconce backup\n  ensconce backup main")]
    Backup(commands::backup::Backup),
    /// Puts a backup in a database's place, or lists the backups
    #[command(after_help = "Examples:\n  ensconce restore main --list\n  ensconce restore main")]
    Restore(commands::restore::Restore),
    /// Writes all data of the app to one file
    #[command(after_help = "Examples:\n  ensconce export notes.ensconce\n  ensconce export \
                            notes.ensconce --with-secrets")]
    Export(commands::export::Export),
    /// Replaces the app's data with that of an exported file; keeps the present data
    #[command(after_help = "Examples:\n  ensconce import notes.ensconce\n  ensconce import \
                            notes.ensconce --with-secrets")]
    Import(commands::import::Import),
    /// Builds packages for Linux, Windows and macOS
    #[command(after_help = "Examples:\n  ensconce build\n  ensconce build --bundles deb,rpm\n  \
                            ensconce build --bundles nsis --target \
                            x86_64-pc-windows-msvc\n  ensconce build --explain-size examples/items")]
    Build(commands::build::Build),
    /// Prints the JSON Schema of the manifest, for editors
    #[command(after_help = "Example:\n  ensconce schema > ensconce.schema.json")]
    Schema,
}

/// Which app, and where it keeps its data.
#[derive(Args, Clone)]
pub(crate) struct Target {
    /// The manifest, or its folder
    #[arg(value_name = "MANIFEST", default_value = "ensconce.toml")]
    pub(crate) manifest: PathBuf,
    /// Keeps data, settings, cache and logs below this folder instead of the platform's own
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Parses the arguments and runs the command.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    screen::show_traces();
    let result = match arguments.command {
        Command::Run(command) => command.run(),
        Command::Dev(command) => command.run(),
        Command::Logs(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Status(command) => command.run(),
        Command::Restart(command) => command.run(),
        Command::Stop(command) => command.run(),
        Command::Setup(command) => command.run(),
        Command::Secret(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Build(command) => command.run(),
        Command::Schema => commands::schema::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error),
    }
}
