//! `ensconce logs`.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ensconce_app::{LogEntry, LogReader, log_names, logs_of, stored_line};

use crate::error::CommandError;
use crate::screen;

/// The interval at which a followed log is checked: short enough to seem immediate, and cheap.
const PAUSE: Duration = Duration::from_millis(100);

/// Shows the output of the app's processes.
#[derive(Args)]
pub(crate) struct LogsCommand {
    /// Only the lines of this task or service
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    /// Shows new lines as they come, until it is interrupted
    #[arg(long, short)]
    follow: bool,
    /// How many of the newest lines to show
    #[arg(long, short = 'n', value_name = "LINES", default_value_t = 100)]
    lines: usize,
    /// Prints JSON Lines
    #[arg(long)]
    json: bool,
    /// The manifest, or its folder
    #[arg(long, value_name = "MANIFEST", default_value = "ensconce.toml")]
    manifest: PathBuf,
    /// The folder that the app was started with, if not the platform's own
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl LogsCommand {
    /// Prints the newest lines, and with `--follow` new ones as they come.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let (folder, mut names) = logs_of(&self.manifest, self.data_dir.as_deref())?;
        // A job that was removed from the manifest may still have a log.
        names.extend(log_names(&folder));
        if let Some(service) = self.service.as_ref().filter(|service| !names.contains(service)) {
            names.sort_unstable();
            names.dedup();
            return Err(CommandError::NoService { service: service.clone(), names });
        }
        let unreadable = |error| CommandError::Log { folder: folder.clone(), error };
        let mut log =
            LogReader::open(&folder, self.service.as_deref(), self.lines).map_err(unreadable)?;
        let mut nothing_yet = true;
        loop {
            let entries = log.read().map_err(unreadable)?;
            if !entries.is_empty() {
                nothing_yet = false;
                if !self.print(&entries).map_err(CommandError::Output)? {
                    return Ok(());
                }
            } else if self.follow {
                std::thread::sleep(PAUSE);
            } else {
                break;
            }
        }
        if nothing_yet && self.lines > 0 {
            screen::say("The log is empty");
        }
        Ok(())
    }

    /// Prints lines; `false` when nobody reads them any more.
    fn print(&self, entries: &[LogEntry]) -> io::Result<bool> {
        let mut text = String::new();
        for entry in entries {
            // Writing to a string cannot fail.
            let _ = if self.json {
                writeln!(text, "{}", json(entry))
            } else {
                writeln!(text, "{}", stored_line(entry))
            };
        }
        let mut stdout = anstream::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            written => written.map(|()| true),
        }
    }
}

fn json(entry: &LogEntry) -> serde_json::Value {
    serde_json::json!({
        "time": entry.time,
        "service": entry.service,
        "stream": entry.source.word(),
        "text": entry.text,
    })
}
