//! Finds the file that says which packages the app needs, and whether it can be built.

use std::fs;
use std::path::{Path, PathBuf};

use ensconce_manifest::{BuildPython, Mode};
use toml::{Table, Value};

use super::error::PythonError;
use super::requirements::Requirements;
use super::tree;
use crate::{Key, PayloadError, Progress, Request};

/// The files that say it, the most exact one first.
const NAMES: &[&str] = &["uv.lock", "poetry.lock", "requirements.txt", "pyproject.toml"];

/// A file that says which packages the app needs.
#[derive(Debug)]
pub(super) struct Dependencies {
    /// What kind of file it is.
    pub(super) kind: Kind,
    /// The file, absolute.
    pub(super) file: PathBuf,
    /// The folder of the project that it is about.
    pub(super) project: PathBuf,
    /// The extras of the project that go in, too.
    pub(super) extras: Vec<String>,
    /// The dependency groups that go in, too.
    pub(super) groups: Vec<String>,
    /// Files and folders of the app that decide what is installed, besides these.
    local: Vec<PathBuf>,
}

/// A kind of file that says it.
#[derive(Debug)]
pub(super) enum Kind {
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
    /// `requirements.txt` or a file of its kind.
    Requirements(Requirements),
    /// `pyproject.toml`, with nothing that fixes versions.
    Project,
}

impl Dependencies {
    /// Finds the file that says it; none when there is none.
    pub(super) fn find(
        request: &Request<'_>,
        settings: &BuildPython,
    ) -> Result<Option<Self>, PayloadError> {
        let file = match &settings.dependencies {
            Some(named) => Some(named_file(request.folder, named)?),
            None => look_for(request)?,
        };
        file.map(|file| Self::read(file, request.folder, &settings.extras)).transpose()
    }

    fn read(file: PathBuf, app: &Path, wanted: &[String]) -> Result<Self, PayloadError> {
        let folder = file.parent().unwrap_or(app).to_owned();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (kind, file) = match name.as_str() {
            "uv.lock" => (Kind::Uv, file),
            "poetry.lock" => (Kind::Poetry, file),
            "pyproject.toml" => match lock_above(&folder, app) {
                Some(lock) => (Kind::Uv, lock),
                None => (Kind::Project, file),
            },
            _ => (Kind::Requirements(Requirements::read(&file, app)?), file),
        };
        let local = match &kind {
            Kind::Uv => folders_in_lock(&file, &folder, app)?,
            Kind::Requirements(requirements) => requirements.local.clone(),
            Kind::Project => folders_in_sources(&file, &folder, app)?,
            Kind::Poetry => Vec::new(),
        };
        let project = folder.join("pyproject.toml");
        let (extras, groups) = match kind {
            Kind::Requirements(_) => (Vec::new(), no_extras(wanted, &file)?),
            _ => sort_extras(&project, wanted)?,
        };
        Ok(Self { kind, file, project: folder, extras, groups, local })
    }

    /// Adds everything that decides what is installed.
    pub(super) fn fingerprint(&self, key: Key) -> Result<Key, PayloadError> {
        let kind = match self.kind {
            Kind::Uv => "uv",
            Kind::Poetry => "poetry",
            Kind::Requirements(_) => "requirements",
            Kind::Project => "project",
        };
        let mut key = key.with(kind).with_file(&self.file)?;
        for name in
            self.extras.iter().chain(["groups"].map(str::to_owned).iter()).chain(&self.groups)
        {
            key = key.with(name);
        }
        let project = self.project.join("pyproject.toml");
        if project.is_file() {
            key = key.with_file(&project)?;
        }
        for path in &self.local {
            key = with_folder(key, path)?;
        }
        Ok(key)
    }

    /// Says what is not fixed.
    pub(super) fn tell_unlocked(&self, progress: &dyn Progress) {
        let name = self.file.file_name().unwrap_or_default().display();
        match &self.kind {
            Kind::Requirements(requirements) if !requirements.hashed => progress.warn(&format!(
                "`{name}` has no hashes, so another build may get other packages; make it with \
                 `uv pip compile --generate-hashes`, or use `uv.lock`"
            )),
            Kind::Project => progress.warn(&format!(
                "`{name}` has no lock file beside it, so another build may get other packages; run \
                 `uv lock`"
            )),
            _ => {}
        }
    }
}

fn named_file(app: &Path, named: &str) -> Result<PathBuf, PythonError> {
    let path = app.join(named);
    if path.is_file() {
        return Ok(path);
    }
    Err(PythonError::Lock {
        path: named.into(),
        why: "there is no such file".to_owned(),
        hint: "`dependencies` in `[build.python]` is relative to the manifest",
    })
}

/// Beside the manifest; otherwise in the folders where services and tasks run, and above them.
fn look_for(request: &Request<'_>) -> Result<Option<PathBuf>, PayloadError> {
    if let Some(file) = file_in(request.folder)? {
        return Ok(Some(file));
    }
    let platform = request.target.platform;
    let manifest = request.manifest;
    let services = manifest.services.values().map(|each| each.resolve(platform, Mode::Run).cwd);
    let tasks = manifest.tasks.values().map(|each| each.resolve(platform, Mode::Run).cwd);
    let mut found = Vec::new();
    for folder in services.chain(tasks).flatten() {
        let folder = folder
            .strip_prefix("{resources}")
            .map_or(folder.as_str(), |rest| rest.trim_start_matches('/'));
        found.extend(file_above(&request.folder.join(folder), request.folder)?);
    }
    found.sort();
    found.dedup();
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => {
            let inner =
                |path: &PathBuf| path.strip_prefix(request.folder).unwrap_or(path).to_owned();
            Err(PythonError::SeveralLocks { files: found.iter().map(inner).collect() }.into())
        }
    }
}

/// Lists the folders of the app that a project takes packages from.
fn folders_in_sources(
    file: &Path,
    folder: &Path,
    app: &Path,
) -> Result<Vec<PathBuf>, PayloadError> {
    let table = read_toml(file)?;
    let sources = table.get("tool").and_then(|tool| tool.get("uv")?.get("sources"));
    let mut folders = Vec::new();
    for (name, source) in sources.and_then(Value::as_table).into_iter().flatten() {
        let Some(path) = source.get("path").and_then(Value::as_str) else { continue };
        let place = folder.join(path);
        if !inside(&place, app) {
            return Err(PythonError::Outside { package: name.clone(), place }.into());
        }
        folders.push(place);
    }
    Ok(folders)
}

fn file_above(folder: &Path, app: &Path) -> Result<Option<PathBuf>, PayloadError> {
    for folder in folder.ancestors().take_while(|folder| folder.starts_with(app)) {
        if let Some(file) = file_in(folder)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

fn file_in(folder: &Path) -> Result<Option<PathBuf>, PayloadError> {
    for path in NAMES.iter().map(|name| folder.join(name)).filter(|path| path.is_file()) {
        // Many a `pyproject.toml` only holds the settings of tools.
        if !path.ends_with("pyproject.toml") || says_dependencies(&read_toml(&path)?) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn says_dependencies(project: &Table) -> bool {
    let poetry = || project.get("tool")?.get("poetry")?.get("dependencies");
    project.contains_key("project") || poetry().is_some()
}

/// The lock of the workspace that a project is a member of.
fn lock_above(folder: &Path, app: &Path) -> Option<PathBuf> {
    let folders = folder.ancestors().take_while(|folder| folder.starts_with(app));
    folders.map(|folder| folder.join("uv.lock")).find(|lock| lock.is_file())
}

/// The folders of the app that a `uv.lock` takes packages from, but for the project's own.
fn folders_in_lock(lock: &Path, project: &Path, app: &Path) -> Result<Vec<PathBuf>, PayloadError> {
    let root = lock.parent().unwrap_or(project);
    let table = read_toml(lock)?;
    let packages = table.get("package").and_then(Value::as_array).into_iter().flatten();
    let mut folders = Vec::new();
    for package in packages {
        let source = package.get("source");
        let named = ["editable", "directory", "path"]
            .into_iter()
            .find_map(|kind| source.and_then(|source| source.get(kind)).and_then(Value::as_str));
        let Some(place) = named.map(|named| root.join(named)) else { continue };
        if same(&place, project) || same(&place, root) {
            continue;
        }
        if !inside(&place, app) {
            let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
            return Err(PythonError::Outside { package: name.to_owned(), place }.into());
        }
        folders.push(place);
    }
    Ok(folders)
}

fn same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok() == other.canonicalize().ok()
}

/// Reports whether a path is really below a folder.
pub(super) fn inside(path: &Path, folder: &Path) -> bool {
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        // The program that looks for it reports what does not exist.
        _ => true,
    }
}

/// Adds all files of a folder, but for what is made of them.
fn with_folder(key: Key, folder: &Path) -> Result<Key, PayloadError> {
    if folder.is_file() {
        return key.with_file(folder);
    }
    let made = ["__pycache__", ".git", ".venv", "build", "dist", "target"];
    let mut key = key;
    for path in tree::files(folder)? {
        let inner = path.strip_prefix(folder).unwrap_or(&path);
        if path.is_file() && !inner.iter().any(|part| made.iter().any(|name| part == *name)) {
            key = key.with(inner.as_os_str().as_encoded_bytes()).with_file(&path)?;
        }
    }
    Ok(key)
}

fn no_extras(wanted: &[String], file: &Path) -> Result<Vec<String>, PythonError> {
    match wanted.first() {
        None => Ok(Vec::new()),
        Some(name) => Err(PythonError::NoSuchExtra {
            name: name.clone(),
            path: file.to_owned(),
            known: Vec::new(),
        }),
    }
}

/// Separates extras from dependency groups.
fn sort_extras(
    project: &Path,
    wanted: &[String],
) -> Result<(Vec<String>, Vec<String>), PayloadError> {
    if wanted.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let table = read_toml(project)?;
    let extras: Vec<String> =
        [["project", "optional-dependencies"].as_slice(), &["tool", "poetry", "extras"]]
            .iter()
            .flat_map(|path| names(&table, path))
            .collect();
    let groups: Vec<String> = [["dependency-groups"].as_slice(), &["tool", "poetry", "group"]]
        .iter()
        .flat_map(|path| names(&table, path))
        .collect();
    let known = |name: &&String| extras.contains(name) || groups.contains(name);
    if let Some(name) = wanted.iter().find(|name| !known(name)) {
        return Err(PythonError::NoSuchExtra {
            name: name.clone(),
            path: project.to_owned(),
            known: extras.iter().chain(&groups).cloned().collect(),
        }
        .into());
    }
    Ok(wanted.iter().cloned().partition(|name| extras.contains(name)))
}

fn names(table: &Table, path: &[&str]) -> Vec<String> {
    let (Some(first), rest) = (path.first(), path.get(1..).unwrap_or_default()) else {
        return Vec::new();
    };
    let start = table.get(*first);
    let found = rest.iter().fold(start, |value, name| value.and_then(|value| value.get(name)));
    let table = found.and_then(Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

/// Reads a TOML file.
pub(super) fn read_toml(path: &Path) -> Result<Table, PayloadError> {
    let text = fs::read_to_string(path).map_err(PayloadError::file("read", path))?;
    text.parse().map_err(|error: toml::de::Error| {
        PythonError::Lock {
            path: path.to_owned(),
            why: error.to_string().trim().to_owned(),
            hint: "Make it again with the program that wrote it",
        }
        .into()
    })
}
