//! Programs that PyInstaller makes of a Python app.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::walk::{Walk, key_of_files, key_of_tree};
use crate::{Component, Key, PayloadError, Request, tool};

/// A spec file of PyInstaller.
pub(super) struct PyInstaller<'a> {
    pub(super) name: &'a str,
    pub(super) spec: &'a str,
}

/// What PyInstaller has made.
pub(super) struct Bundle {
    /// One file (`onefile`), or a folder (`onedir`).
    pub(super) path: PathBuf,
    /// The packages of its environment.
    pub(super) components: Vec<Component>,
    /// Holds the path as long as it is needed.
    _folder: tempfile::TempDir,
}

impl PyInstaller<'_> {
    /// Adds all that it may read: the app's folder, and the versions of what is installed.
    pub(super) fn key(&self, request: &Request<'_>, key: Key) -> Result<Key, PayloadError> {
        self.check_spec(request)?;
        let without = request.written();
        let files = Walk { with_ignored: false, without: &without }.files(request.folder)?;
        let components = environment(request).map(|venv| installed(&venv)).unwrap_or_default();
        let key = key.with(serde_json::to_string(&components).unwrap_or_default());
        let mut key = key_of_files(key, request.folder, &files)?;
        for output in request.manifest.build.steps.iter().filter_map(|step| step.output.as_ref()) {
            key = key_of_tree(key, &request.folder.join(output))?;
        }
        Ok(key)
    }

    /// Runs PyInstaller in folders of the cache.
    pub(super) fn run(&self, request: &Request<'_>) -> Result<Bundle, PayloadError> {
        let folder = request.folder.as_os_str().as_encoded_bytes();
        let work = request.cache.work(&Key::new("pyinstaller").with(folder).with(self.spec))?;
        // What it keeps there is for one at a time.
        let _lock = lock(&work).map_err(PayloadError::file("lock", &work))?;
        let made = tempfile::tempdir_in(&work).map_err(PayloadError::file("write", &work))?;
        let mut command = command(request);
        command.arg(self.check_spec(request)?).args(["--noconfirm", "--log-level", "WARN"]);
        command.arg("--distpath").arg(made.path()).arg("--workpath").arg(work.join("work"));
        command.current_dir(request.folder);
        let ended =
            tool::run(command, request.progress).map_err(|error| PayloadError::Program {
                program: "pyinstaller".to_owned(),
                purpose: format!("makes the program `{}`", self.name),
                error,
                hint: "Install it into the app's virtual environment: pip install pyinstaller"
                    .to_owned(),
            })?;
        if !ended.status.success() {
            return Err(PayloadError::Failed {
                what: format!("PyInstaller with {}", self.spec),
                status: ended.status(),
                tail: ended.tail(),
                hints: vec!["It must be installed where the app's packages are".to_owned()],
            });
        }
        let components = environment(request).map(|venv| installed(&venv)).unwrap_or_default();
        Ok(Bundle { path: self.only_in(made.path())?, components, _folder: made })
    }

    fn check_spec(&self, request: &Request<'_>) -> Result<PathBuf, PayloadError> {
        let path = request.folder.join(self.spec);
        if path.is_file() {
            return Ok(path);
        }
        Err(PayloadError::manifest(
            format!("build.program.{}.pyinstaller", self.name),
            format!("There is no `{}`", self.spec),
            "Name PyInstaller's spec file, relative to the manifest",
        ))
    }

    fn only_in(&self, made: &Path) -> Result<PathBuf, PayloadError> {
        let entries = fs::read_dir(made).map_err(PayloadError::file("read", made))?;
        let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        match paths.as_slice() {
            [folder] if folder.is_dir() => {
                self.name_executable(folder)?;
                Ok(folder.clone())
            }
            [file] => Ok(file.clone()),
            // The files of a `onedir` beside its folder, or several programs.
            _ => Err(PayloadError::manifest(
                format!("build.program.{}.pyinstaller", self.name),
                format!("It made {} outputs instead of one", paths.len()),
                "Let the spec file end with one `EXE` (onefile) or one `COLLECT` (onedir)",
            )),
        }
    }

    /// Renames the program of a folder to the name that is looked for, if it has the folder's name.
    fn name_executable(&self, folder: &Path) -> Result<(), PayloadError> {
        let Some(name) = folder.file_name() else { return Ok(()) };
        let (own, wanted) = (folder.join(name), folder.join(self.name));
        if own.is_file() && !wanted.exists() {
            fs::rename(&own, &wanted).map_err(PayloadError::file("write", &wanted))?;
        }
        Ok(())
    }
}

fn lock(folder: &Path) -> std::io::Result<fs::File> {
    let file = fs::File::create(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// The app's virtual environment, if there is one.
fn environment(request: &Request<'_>) -> Option<PathBuf> {
    let python = request.manifest.python.as_ref();
    let said = python.and_then(|python| python.venv.as_ref()).map(|venv| request.folder.join(venv));
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let beside = request.folder.join(".venv");
    [said, active, Some(beside)].into_iter().flatten().find(|venv| interpreter(venv).is_file())
}

fn interpreter(venv: &Path) -> PathBuf {
    venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

fn command(request: &Request<'_>) -> Command {
    match environment(request) {
        Some(venv) => {
            let mut command = Command::new(interpreter(&venv));
            command.args(["-m", "PyInstaller"]);
            command
        }
        None => Command::new("pyinstaller"),
    }
}

/// Lists the packages of an environment.
fn installed(venv: &Path) -> Vec<Component> {
    let versions = fs::read_dir(venv.join("lib")).into_iter().flatten().flatten();
    let places = versions.map(|version| version.path().join("site-packages"));
    let folders = places.chain([venv.join("Lib/site-packages")]);
    let entries = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let metadata =
        entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "dist-info"));
    let texts = metadata.filter_map(|entry| fs::read_to_string(entry.path().join("METADATA")).ok());
    let components: BTreeSet<Component> = texts.filter_map(|text| component(&text)).collect();
    components.into_iter().collect()
}

fn component(metadata: &str) -> Option<Component> {
    let head = metadata.split("\n\n").next()?;
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned).filter(|text| !text.is_empty() && text != "UNKNOWN")
    };
    let (name, version) = (field("Name")?, field("Version")?);
    Some(Component {
        purl: format!("pkg:pypi/{}@{version}", name.to_lowercase().replace('_', "-")),
        license: field("License-Expression").or_else(|| field("License")),
        name,
        version,
    })
}
