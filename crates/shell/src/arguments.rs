//! What this program takes on its command line, and from whom.
//!
//! The desktop starts an installed app with what the user opens: addresses and file names, both
//! chosen by strangers. Whatever they look like, they must not change what runs or where data is
//! kept. So what the installers register puts them after `--`, and an installed app has no option
//! that could be abused if something puts them elsewhere: on Windows, quotes in an address can end
//! an argument. Options for developers exist only in the program that the CLI starts, which has no
//! app beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, Parser};
use ensconce_app::{Mode, Options, load};
use ensconce_terminal::{Screen, print, say};

use crate::installation::Installation;
use crate::{opened, platform};

/// What the program is to do.
pub(crate) struct Arguments {
    /// The manifest of the app.
    pub(crate) manifest: PathBuf,
    /// The programs that an installed app brings along.
    runtimes: Option<PathBuf>,
    /// The folder that replaces the platform's own folders.
    data_dir: Option<PathBuf>,
    /// Whether the developer's overrides hold.
    pub(crate) dev: bool,
    /// Whether the terminal shows what the app's processes write.
    verbose: bool,
    /// Whether to show the settings.
    pub(crate) settings: bool,
    /// Files, by their absolute paths, and addresses to open.
    pub(crate) opened: Vec<String>,
}

/// An app made with Ensconce.
#[derive(Parser)]
#[command(disable_help_flag = true, disable_version_flag = true)]
struct Installed {
    #[command(flatten)]
    common: Common,
    /// Shows this help
    #[arg(long, action = ArgAction::HelpLong)]
    help: Option<bool>,
    /// Shows the version
    #[arg(long)]
    version: bool,
}

/// The window of an app made with Ensconce.
#[derive(Parser)]
#[command(name = "ensconce-shell", version)]
struct Developed {
    /// The manifest, or its folder
    #[arg(long, value_name = "MANIFEST")]
    manifest: Option<PathBuf>,
    /// Keeps data, settings, cache and logs below this folder instead of the platform's own
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Runs with the developer's overrides
    #[arg(long)]
    dev: bool,
    /// Shows what the app's processes write
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    common: Common,
}

/// Options that every app has.
#[derive(Args)]
struct Common {
    /// Shows the settings
    #[arg(long)]
    settings: bool,
    /// Files and addresses to open
    #[arg(value_name = "FILE_OR_ADDRESS", value_parser = OsStringValueParser::new().try_map(not_empty))]
    opened: Vec<OsString>,
}

impl Arguments {
    /// Parses the command line. Ends the program with an explanation if it is invalid, and after
    /// `--help` and `--version`.
    pub(crate) fn read() -> Self {
        let app = Installation::of_this_program();
        if app.is_there() { Self::of_installed(app) } else { Self::of_developed(app) }
    }

    fn of_installed(app: Installation) -> Self {
        let read = Installed::parse();
        if read.version {
            show_version(&app.manifest);
        }
        Self {
            manifest: app.manifest,
            runtimes: Some(app.runtimes),
            data_dir: None,
            dev: false,
            verbose: false,
            settings: read.common.settings,
            opened: read.common.opened(),
        }
    }

    fn of_developed(missing: Installation) -> Self {
        let read = Developed::parse();
        Self {
            // Never the manifest of the current folder: this may be an app that has lost its own.
            manifest: read.manifest.unwrap_or(missing.manifest),
            runtimes: None,
            data_dir: read.data_dir,
            dev: read.dev,
            verbose: read.verbose,
            settings: read.common.settings,
            opened: read.common.opened(),
        }
    }

    /// Returns how the app is to be prepared.
    pub(crate) fn options(&self, screen: &Screen) -> Options {
        Options {
            manifest: self.manifest.clone(),
            mode: if self.dev { Mode::Dev } else { Mode::Run },
            data_dir: self.data_dir.clone(),
            runtimes: self.runtimes.clone(),
            door: platform::DOOR,
            log: if self.verbose { screen.log_sink() } else { Arc::new(|_| {}) },
        }
    }
}

impl Common {
    fn opened(&self) -> Vec<String> {
        self.opened.iter().map(|argument| opened::whole(argument)).collect()
    }
}

/// Shows the app's name and version, which its users know, and not Ensconce's.
fn show_version(manifest: &Path) -> ! {
    let shown = match load(manifest) {
        Ok((manifest, _)) => print(&format!("{} {}\n", manifest.app.name, manifest.app.version)),
        Err(error) => {
            say(&format!("error: {error}"));
            exit(2);
        }
    };
    exit(i32::from(shown.is_err()));
}

fn not_empty(argument: OsString) -> Result<OsString, &'static str> {
    if argument.is_empty() { Err("an empty argument names nothing to open") } else { Ok(argument) }
}
