//! Puts the parts together: manifest, plan, secrets, supervisor and gateway become a running app.
//!
//! It has no window and prints nothing, so that the same code serves the shell, `ensconce run
//! --headless` and tests. [`prepare`] reads and checks everything and takes hold of the data
//! folder; [`Prepared::start`] brings the app up; [`App::stop`] is the one way out.
//!
//! | module | does | does not know |
//! |---|---|---|
//! | `launch` | options to a plan whose data folder is held | processes, HTTP |
//! | `answers`, `secrets`, `redact` | what is kept; what must not be seen | who asks, how pages say it |
//! | `run` | plan to jobs; `roster` decides what runs | questions, backups |
//! | `data` | backups, restore, export, import, as supervised jobs | JSON, pages |
//! | `setup` | describes, tries and keeps answers | processes, data |
//! | `requests` | from a message to who does it | how it came |
//! | `control`, `view`, `logs` | HTTP; words; files | how things are done |

mod answers;
mod control;
mod data;
mod error;
mod exchange;
mod launch;
mod logs;
mod redact;
mod requests;
mod run;
mod secrets;
mod setup;
mod view;

pub use answers::valid::switch_of;
pub use control::client::ControlError;
pub use control::server::FrontEndRequest;
pub use data::offline::OfflineApp;
pub use error::{AppError, Mistake};
pub use launch::announcement::RunningApp;
pub use launch::find::{find_running, logs_of, plan_for};
pub use launch::folders::app_folders;
pub use launch::own_folder::OwnFolder;
pub use launch::prepare::{Door, Options, Prepared, prepare};
pub use launch::source::load;
pub use logs::{LogEntry, LogReader, Source, log_names};
pub use requests::Requests;
pub use run::app::App;
pub use run::end_signals::EndSignals;
pub use run::manifest_watch::{ManifestWatch, watch_manifest};
pub use secrets::location::{KnownSecrets, secrets_of};
pub use secrets::passphrase::{PASSPHRASE_FILE, passphrase_from_file};
pub use view::console::{job_word, log_line, progress, refusal, stored_line};
pub use view::status::report_of_launch;

pub use ensconce_gateway::Event as GatewayEvent;
pub use ensconce_manifest::{Diagnostics, Manifest, Mode};
pub use ensconce_plan::Plan;
pub use ensconce_supervisor::{LogLine, LogSink, Stream};
pub use ensconce_vault::{close_memory, forgo_core_dumps};
