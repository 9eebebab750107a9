//! Puts the parts together: manifest, plan, secrets, supervisor and gateway become a running app.
//!
//! It has no window and prints nothing, so the same code serves the shell, `ensconce run
//! --headless` and tests. [`prepare`] reads and checks everything and takes hold of the data
//! folder; [`Prepared::start`] brings the app up; [`App::stop`] is the one way out.

mod app;
mod care;
mod console;
mod control;
mod ends;
mod error;
mod files;
mod folders;
mod follower;
mod helper;
mod home;
mod idle;
mod jobs;
mod logs;
mod prepare;
mod programs;
mod progress;
mod redact;
mod report;
mod secrets;
mod serving;
mod setup;
mod site;
mod state;
mod status;
mod vault;
mod watch;
mod web;

pub use app::{App, Event};
pub use console::{log_line, progress, refusal, step_word, stored_line};
pub use control::{
    ControlError, Wish, ask_for_settings, ask_for_setup_page, ask_setup, ask_status, ask_to_focus,
    ask_to_open, ask_to_restart, ask_to_stop,
};
pub use ends::EndSignals;
pub use error::{LaunchError, Mistake};
pub use folders::app_folders;
pub use home::{RunningApp, find_running};
pub use idle::IdleApp;
pub use logs::{LogEntry, LogReader, Source, log_names};
pub use prepare::{Door, Options, Prepared, load, logs_of, plan_for, prepare};
pub use secrets::{Keeping, PASSPHRASE_FILE, passphrase_from_file};
pub use setup::{Setup, switch_of};
pub use status::report_of_launch;
pub use vault::{AppSecrets, secrets_of};

pub use watch::{ManifestWatch, watch_manifest};

pub use ensconce_gateway::Event as GatewayEvent;
pub use ensconce_link::{
    AppIdentity, AppPhase, Entry, FailureReport, JobKind, JobState, JobStatus, Status,
};
pub use ensconce_manifest::{Diagnostics, Manifest, Mode};
pub use ensconce_plan::Plan;
pub use ensconce_supervisor::{LogLine, LogSink, Stream};
pub use ensconce_vault::{close_memory, forgo_core_dumps};
