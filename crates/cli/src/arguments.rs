//! What can be typed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{commands, error, screen};

/// Turns a web app into a desktop app: no rewrite, no Rust to write.
#[derive(Parser)]
#[command(name = "ensconce", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 the app failed, 2 a mistake in the manifest or in \
                        what was typed.\nMore with `ensconce COMMAND --help`.")]
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
    /// Runs the app for its developer: dev commands, one merged log, restarts on changes
    #[command(after_help = "Examples:\n  ensconce dev\n  ensconce dev --headless")]
    Dev(commands::dev::Dev),
    /// Shows what the app's tasks and services have written, whether it runs or not
    #[command(after_help = "Examples:\n  ensconce logs\n  ensconce logs -f api\n  ensconce logs \
                            -n 1000 --json | jq -r 'select(.stream == \"stderr\").text'")]
    Logs(commands::logs::LogsCommand),
    /// Shows exactly what would run, secrets masked
    #[command(after_help = "Examples:\n  ensconce plan\n  ensconce plan --json | jq .jobs")]
    Plan(commands::plan::PlanCommand),
    /// Looks for mistakes in the manifest, and for what is missing on this machine
    #[command(after_help = "Examples:\n  ensconce check\n  ensconce check --json")]
    Check(commands::check::Check),
    /// Shows whether the app runs, and how each of its parts is
    #[command(
        after_help = "Exit codes: 0 it runs, 3 it does not.\n\nExamples:\n  ensconce status\n  \
                            ensconce status --json | jq .phase"
    )]
    Status(commands::status::StatusCommand),
    /// Stops one part of the running app and starts it again
    #[command(
        after_help = "Examples:\n  ensconce restart api\n  ensconce restart api examples/items"
    )]
    Restart(commands::restart::Restart),
    /// Stops the running app, as closing its window does
    #[command(after_help = "Examples:\n  ensconce stop\n  ensconce stop examples/items --wait 10")]
    Stop(commands::stop::Stop),
    /// Answers what the app asks: in the terminal, from a file or from the environment
    #[command(after_help = "Examples:\n  ensconce setup\n  ensconce setup --answers answers.toml \
                            --no-input\n  API_KEY=… ensconce setup --from-env\n  ensconce \
                            setup --page")]
    Setup(commands::setup::Setup),
    /// Looks after the app's secrets: names, values from stdin, rotation
    #[command(after_help = "Examples:\n  ensconce secret list\n  ensconce secret set api-key\n  \
                            ensconce secret rotate session")]
    Secret(commands::secret::SecretCommand),
    /// Copies the app's databases, whether it runs or not
    #[command(after_help = "Examples:\n  ensconce backup\n  ensconce backup main")]
    Backup(commands::backup::Backup),
    /// Puts a backup in a database's place, or lists the backups
    #[command(after_help = "Examples:\n  ensconce restore main --list\n  ensconce restore main")]
    Restore(commands::restore::Restore),
    /// Writes all data of the app into one file
    #[command(after_help = "Examples:\n  ensconce export notes.ensconce\n  ensconce export \
                            notes.ensconce --with-secrets")]
    Export(commands::export::Export),
    /// Takes the app's data from an exported file; the present data is kept beside it
    #[command(after_help = "Examples:\n  ensconce import notes.ensconce\n  ensconce import \
                            notes.ensconce --with-secrets")]
    Import(commands::import::Import),
    /// Builds the packages that people install, for Linux, Windows and macOS
    #[command(after_help = "Examples:\n  ensconce build\n  ensconce build --bundles deb,rpm\n  \
                            ensconce build --bundles nsis --target \
                            x86_64-pc-windows-msvc\n  ensconce build --explain-size examples/items")]
    Build(commands::build::Build),
    /// Prints the JSON Schema of the manifest, for editors
    #[command(after_help = "Example:\n  ensconce schema > ensconce.schema.json")]
    Schema,
}

/// Which app, and where it keeps its things.
#[derive(Args, Clone)]
pub(crate) struct Target {
    /// The manifest, or the folder that it lies in
    #[arg(value_name = "MANIFEST", default_value = "ensconce.toml")]
    pub(crate) manifest: PathBuf,
    /// Keeps data, settings, cache and logs below this folder instead of the platform's own
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Reads the arguments and does what they say.
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
