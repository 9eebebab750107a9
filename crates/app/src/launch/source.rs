//! What plans are made of: the manifest, and facts about this machine.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ensconce_manifest::{Manifest, Mode, Platform, parse_bytes};
use ensconce_plan::{Facts, Folders, Plan, Programs, plan, python_candidates};
use ensconce_protocol::DataRecord;

use crate::error::AppError;

/// A manifest larger than this is read no further; it is refused for its size anyway.
const MOST_READ: u64 = 2 * 1024 * 1024;

/// Makes the plans of an app: at its start, after an edit of its manifest, after its data was
/// replaced.
#[derive(Clone)]
pub(crate) struct PlanSource {
    /// The manifest's file, or its folder.
    pub(crate) path: PathBuf,
    /// The folder of the runtimes that an installed app brings along.
    pub(crate) runtimes: Option<PathBuf>,
    pub(crate) manifest: Manifest,
    /// The folder of the manifest.
    pub(crate) resources: PathBuf,
    pub(crate) folders: Folders,
    /// Whether the developer's overrides hold.
    pub(crate) mode: Mode,
    /// The programs that an installed app brings along.
    pub(crate) programs: BTreeMap<String, PathBuf>,
}

impl PlanSource {
    /// Plans the app, whose data is of this kind.
    ///
    /// # Errors
    /// When the manifest does not fit this machine.
    pub(crate) fn plan(&self, data: &DataRecord) -> Result<Plan, AppError> {
        let virtual_env = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
        let candidates =
            python_candidates(&self.manifest, platform(), &self.resources, virtual_env.as_deref());
        let facts = Facts {
            platform: platform(),
            mode: self.mode,
            resources: self.resources.clone(),
            folders: self.folders.clone(),
            virtual_env,
            existing: candidates.into_iter().filter(|path| path.exists()).collect(),
            programs: self.programs.clone(),
            env: environment(),
            done_tasks: data.tasks.clone(),
        };
        plan(&self.manifest, &facts).map_err(AppError::Plan)
    }

    /// Reads the manifest again.
    ///
    /// # Errors
    /// When it has mistakes.
    pub(crate) fn reread(&self) -> Result<Self, AppError> {
        let (manifest, resources) = load(&self.path)?;
        let programs = own_programs(self.runtimes.as_deref())?;
        Ok(Self { manifest, resources, programs, ..self.clone() })
    }
}

/// Reads and checks a manifest; returns its folder as well, absolute.
///
/// # Errors
/// When it cannot be read, or has mistakes: all of them.
pub fn load(path: &Path) -> Result<(Manifest, PathBuf), AppError> {
    let given = if path.is_dir() { path.join("ensconce.toml") } else { path.to_owned() };
    let unreadable = |error| AppError::Unreadable { path: given.clone(), error };
    let path = std::path::absolute(&given).map_err(unreadable)?;
    let bytes = read_bounded(&path).map_err(unreadable)?;
    let shown = relative_to_here(&path);
    let manifest = parse_bytes(&shown, &bytes)
        .map_err(|diagnostics| AppError::Manifest(Box::new(diagnostics)))?;
    let folder = path.parent().map(Path::to_owned);
    let folder = folder.ok_or_else(|| unreadable(io::ErrorKind::InvalidInput.into()))?;
    Ok((manifest, folder))
}

/// Reads which programs an installed app brings along; a developer's app brings none.
pub(crate) fn own_programs(runtimes: Option<&Path>) -> Result<BTreeMap<String, PathBuf>, AppError> {
    let Some(runtimes) = runtimes else { return Ok(BTreeMap::new()) };
    let path = runtimes.join(Programs::FILE);
    let bytes = match read_bounded(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        bytes => bytes,
    };
    let programs = bytes.and_then(|bytes| Ok(serde_json::from_slice::<Programs>(&bytes)?));
    match programs {
        Ok(programs) => Ok(programs.in_folder(runtimes)),
        Err(error) => Err(AppError::Programs { path, error }),
    }
}

/// Returns a path that stands for the folder of sockets, as long as there is none.
pub(crate) fn any_run_folder() -> PathBuf {
    std::env::temp_dir().join("ensconce-XXXXXXXX")
}

/// Makes a folder independent of the one that this program was started in.
pub(crate) fn absolute(folder: Option<&Path>) -> Result<Option<PathBuf>, AppError> {
    let Some(folder) = folder else { return Ok(None) };
    let absolute = std::path::absolute(folder);
    absolute.map(Some).map_err(|error| AppError::File { path: folder.to_owned(), error })
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_READ).read_to_end(&mut bytes)?;
    Ok(bytes)
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

fn relative_to_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
