//! Reads and checks everything that a launch needs, before anything is started.

use std::path::PathBuf;

use ensconce_manifest::Mode;
use ensconce_plan::Plan;
use ensconce_protocol::DataRecord;
use ensconce_supervisor::LogSink;
use tempfile::TempDir;

use super::folders::app_folders;
use super::held::HeldFolder;
use super::source::{PlanSource, absolute, any_run_folder, load, own_programs};
use crate::error::AppError;
use crate::run::site;
use crate::run::state::StateFile;
use crate::view::report::keep_report;

/// What to launch, and how.
#[derive(Clone)]
pub struct Options {
    /// The manifest's file.
    pub manifest: PathBuf,
    /// Whether the developer's overrides hold.
    pub mode: Mode,
    /// Keeps everything below this folder instead of the platform's own.
    pub data_dir: Option<PathBuf>,
    /// The folder of the runtimes that an installed app brings along.
    pub runtimes: Option<PathBuf>,
    /// How the pages reach the app.
    pub door: Door,
    /// Takes all output, besides the log files.
    pub log: LogSink,
}

/// How the pages reach the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// By the window's webview, which uses the gateway as its proxy.
    Window,
    /// By an ordinary browser, at a loopback address.
    Browser,
}

/// A launch that can begin: the manifest is good and the data folder is held.
pub struct Prepared {
    pub(crate) door: Door,
    pub(crate) log: LogSink,
    /// Whether the app keeps its things in a folder of the caller's choice.
    pub(crate) has_data_dir: bool,
    pub(crate) source: PlanSource,
    pub(crate) plan: Plan,
    pub(crate) held: HeldFolder,
    pub(crate) run: TempDir,
}

impl Prepared {
    /// Returns what will run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// Reads and checks everything, and takes hold of the data folder.
///
/// # Errors
/// Everything that can be known to be wrong before the start.
pub fn prepare(options: Options) -> Result<Prepared, AppError> {
    let (manifest, resources) = load(&options.manifest)?;
    let data_dir = absolute(options.data_dir.as_deref())?;
    let folders = app_folders(&manifest.app.id, data_dir.as_deref(), any_run_folder())?;
    let (app, logs) = (manifest.app.clone(), folders.logs.clone());
    let source = PlanSource {
        path: options.manifest.clone(),
        runtimes: options.runtimes.clone(),
        manifest,
        resources,
        folders,
        mode: options.mode,
        programs: Default::default(),
    };
    let prepared = hold(options, source);
    prepared.inspect_err(|error| keep_report(&app.name, &app.version, &app.id, &logs, error))
}

fn hold(options: Options, mut source: PlanSource) -> Result<Prepared, AppError> {
    // Mistakes are reported before anything is made.
    source.programs = own_programs(options.runtimes.as_deref())?;
    site::site(&source.plan(&DataRecord::default())?)?;
    let held = HeldFolder::take(&source.manifest.app.name, &source.folders)?;
    let state = StateFile::new(held.own().state()).read_for(&source.manifest);
    let state = state.map_err(AppError::Record)?;
    let run = held.make_run_folder().map_err(AppError::RunFolder)?;
    source.folders.run = run.path().to_owned();
    let plan = source.plan(&state.data)?;
    let Options { door, log, data_dir, .. } = options;
    Ok(Prepared { door, log, has_data_dir: data_dir.is_some(), source, plan, held, run })
}
