//! Reads and checks everything that a launch needs, before anything is started.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ensconce_manifest::{Manifest, Mode, Platform, parse_bytes};
use ensconce_plan::{Facts, Folders, Plan, Programs, plan, python_candidates};
use ensconce_supervisor::LogSink;
use tempfile::TempDir;

use crate::folders::app_folders;
use crate::home::{Home, own_folder};
use crate::report::keep_report;
use crate::state::{State, StateFile};
use crate::{LaunchError, site};

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
    pub(crate) options: Options,
    pub(crate) plan: Plan,
    pub(crate) home: Home,
    pub(crate) run: TempDir,
    pub(crate) state: State,
}

impl Prepared {
    /// What will run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// A manifest larger than this is read no further; it is refused for its size anyway.
const MOST_READ: u64 = 2 * 1024 * 1024;

/// Reads and checks a manifest; gives its folder as well, absolute.
///
/// # Errors
/// When it cannot be read, or has mistakes: all of them.
pub fn load(path: &Path) -> Result<(Manifest, PathBuf), LaunchError> {
    let given = if path.is_dir() { path.join("ensconce.toml") } else { path.to_owned() };
    let unreadable = |error| LaunchError::Unreadable { path: given.clone(), error };
    let path = std::path::absolute(&given).map_err(unreadable)?;
    let bytes = read_bounded(&path).map_err(unreadable)?;
    let shown = relative_to_here(&path);
    let manifest = parse_bytes(&shown, &bytes)
        .map_err(|diagnostics| LaunchError::Manifest(Box::new(diagnostics)))?;
    let folder = path.parent().map(Path::to_owned);
    let folder = folder.ok_or_else(|| unreadable(io::ErrorKind::InvalidInput.into()))?;
    Ok((manifest, folder))
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_READ).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where the logs of an app are, and the tasks and services that its manifest has.
///
/// # Errors
/// When the manifest is wrong, or the user has no home folder.
pub fn logs_of(
    manifest: &Path,
    data_dir: Option<&Path>,
) -> Result<(PathBuf, Vec<String>), LaunchError> {
    let (manifest, _) = load(manifest)?;
    let folders = app_folders(&manifest.app.id, absolute(data_dir)?.as_deref(), PathBuf::new())?;
    let names = manifest.tasks.keys().chain(manifest.services.keys());
    Ok((folders.logs, names.map(ToString::to_string).collect()))
}

/// Plans an app without starting or making anything.
///
/// # Errors
/// When the manifest is wrong or does not fit this machine.
pub fn plan_for(manifest: &Path, mode: Mode, data_dir: Option<&Path>) -> Result<Plan, LaunchError> {
    let (manifest, resources) = load(manifest)?;
    let data_dir = absolute(data_dir)?;
    let folders = app_folders(&manifest.app.id, data_dir.as_deref(), any_run_folder())?;
    let state = StateFile::new(&own_folder(&folders)).peek();
    let setting = Setting { resources, folders, mode, programs: BTreeMap::new() };
    make_plan(&manifest, setting, &state)
}

/// Reads and checks everything, and takes hold of the data folder.
///
/// # Errors
/// All that can be known to be wrong before the start.
pub fn prepare(options: Options) -> Result<Prepared, LaunchError> {
    let (manifest, resources) = load(&options.manifest)?;
    let data_dir = absolute(options.data_dir.as_deref())?;
    let folders = app_folders(&manifest.app.id, data_dir.as_deref(), any_run_folder())?;
    let (app, logs) = (manifest.app.clone(), folders.logs.clone());
    let prepared = prepare_in(options, manifest, resources, folders);
    prepared.inspect_err(|error| keep_report(&app.name, &app.version, &app.id, &logs, error))
}

fn prepare_in(
    options: Options,
    manifest: Manifest,
    resources: PathBuf,
    folders: Folders,
) -> Result<Prepared, LaunchError> {
    // Mistakes are told before anything is made.
    let programs = own_programs(options.runtimes.as_deref())?;
    let mut setting = Setting { resources, folders, mode: options.mode, programs };
    let dry = make_plan(&manifest, setting.clone(), &State::default())?;
    site::site(&dry)?;
    let home = Home::take(&manifest.app.name, &setting.folders)?;
    let run = home.make_run_folder().map_err(LaunchError::RunFolder)?;
    setting.folders.run = run.path().to_owned();
    let state = home.state_file().read().map_err(LaunchError::State)?;
    let plan = make_plan(&manifest, setting, &state)?;
    Ok(Prepared { options, plan, home, run, state })
}

/// Stands for the folder of sockets, as long as there is none.
fn any_run_folder() -> PathBuf {
    std::env::temp_dir().join("ensconce-XXXXXXXX")
}

/// What decides a plan, besides the manifest and the app's past.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) resources: PathBuf,
    pub(crate) folders: Folders,
    pub(crate) mode: Mode,
    pub(crate) programs: BTreeMap<String, PathBuf>,
}

/// Reads which programs an installed app brings along; a developer's app brings none.
pub(crate) fn own_programs(
    runtimes: Option<&Path>,
) -> Result<BTreeMap<String, PathBuf>, LaunchError> {
    let Some(runtimes) = runtimes else { return Ok(BTreeMap::new()) };
    let path = runtimes.join(Programs::FILE);
    let bytes = match read_bounded(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        bytes => bytes,
    };
    let programs = bytes.and_then(|bytes| Ok(serde_json::from_slice::<Programs>(&bytes)?));
    match programs {
        Ok(programs) => Ok(programs.in_folder(runtimes)),
        Err(error) => Err(LaunchError::Programs { path, error }),
    }
}

pub(crate) fn make_plan(
    manifest: &Manifest,
    setting: Setting,
    state: &State,
) -> Result<Plan, LaunchError> {
    let Setting { resources, folders, mode, programs } = setting;
    let virtual_env = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let candidates = python_candidates(manifest, platform(), &resources, virtual_env.as_deref());
    let facts = Facts {
        platform: platform(),
        mode,
        resources,
        folders,
        virtual_env,
        existing: candidates.into_iter().filter(|path| path.exists()).collect(),
        programs,
        env: environment(),
        done_tasks: state.done_tasks.clone(),
    };
    plan(manifest, &facts).map_err(LaunchError::Plan)
}

/// The operating system that this was built for.
fn platform() -> Platform {
    if cfg!(windows) {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Macos
    } else {
        Platform::Linux
    }
}

fn environment() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

fn absolute(folder: Option<&Path>) -> Result<Option<PathBuf>, LaunchError> {
    let Some(folder) = folder else { return Ok(None) };
    let absolute = std::path::absolute(folder);
    absolute.map(Some).map_err(|error| LaunchError::Folder { path: folder.to_owned(), error })
}

fn relative_to_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
