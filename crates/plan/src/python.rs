//! Chooses the interpreter that `{python}` is.

use std::path::{Path, PathBuf};

use ensconce_manifest::{Manifest, Mode, Platform};
use serde::Serialize;

use crate::{Facts, PlanError};

/// The chosen interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PythonChoice {
    /// The interpreter; a bare name is looked for on `PATH`.
    pub interpreter: PathBuf,
    /// Why this one.
    pub why: String,
}

/// Lists every interpreter that [`plan`](crate::plan) may ask about, for
/// [`Facts::existing`].
pub fn candidates(
    manifest: &Manifest,
    platform: Platform,
    resources: &Path,
    virtual_env: Option<&Path>,
) -> Vec<PathBuf> {
    let modes = [Mode::Run, Mode::Dev];
    let service_folders = manifest
        .services
        .values()
        .flat_map(|service| modes.map(|mode| service.resolve(platform, mode).cwd));
    let task_folders =
        manifest.tasks.values().flat_map(|task| modes.map(|mode| task.resolve(platform, mode).cwd));
    let folders = service_folders.chain(task_folders).flatten();
    let mut found: Vec<PathBuf> = named(manifest, platform, resources).into_iter().collect();
    found.extend(virtual_env.map(|folder| interpreter_in(folder, platform)));
    found.push(interpreter_in(&resources.join(".venv"), platform));
    found.extend(
        folders.map(|folder| interpreter_in(&resources.join(folder).join(".venv"), platform)),
    );
    found
}

/// Chooses for a job whose working folder is `cwd`.
pub(crate) fn choose(
    manifest: &Manifest,
    facts: &Facts,
    cwd: &Path,
) -> Result<PythonChoice, PlanError> {
    let exists = |path: &PathBuf| facts.existing.contains(path);
    let choice =
        |interpreter: PathBuf, why: &str| PythonChoice { interpreter, why: why.to_owned() };
    if let Some(own) = facts.programs.get("python") {
        return Ok(choice(own.clone(), "the app's own"));
    }
    // What the manifest says beats what this terminal happens to have active.
    let named = named(manifest, facts.platform, &facts.resources);
    if let Some(path) = named.clone().filter(exists) {
        return Ok(choice(path, "named by [python]"));
    }
    let active = facts.virtual_env.as_deref().map(|folder| interpreter_in(folder, facts.platform));
    if let Some(path) = active.filter(exists) {
        return Ok(choice(path, "the active virtual environment"));
    }
    if let Some(path) = named {
        return Err(PlanError::MissingPython { path });
    }
    let beside = interpreter_in(&facts.resources.join(".venv"), facts.platform);
    if exists(&beside) {
        return Ok(choice(beside, "`.venv` beside the manifest"));
    }
    let in_folder = interpreter_in(&cwd.join(".venv"), facts.platform);
    if exists(&in_folder) {
        return Ok(choice(in_folder, "`.venv` in the working folder"));
    }
    let name = if facts.platform == Platform::Windows { "python" } else { "python3" };
    Ok(choice(name.into(), "on PATH, because there is no virtual environment"))
}

fn named(manifest: &Manifest, platform: Platform, resources: &Path) -> Option<PathBuf> {
    let python = manifest.python.as_ref()?;
    let interpreter = python.interpreter.as_ref().map(|path| resources.join(path));
    let in_venv = || Some(interpreter_in(&resources.join(python.venv.as_ref()?), platform));
    interpreter.or_else(in_venv)
}

fn interpreter_in(folder: &Path, platform: Platform) -> PathBuf {
    match platform {
        Platform::Windows => folder.join("Scripts").join("python.exe"),
        Platform::Linux | Platform::Macos => folder.join("bin").join("python"),
    }
}
