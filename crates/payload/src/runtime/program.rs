//! Programs that commands name: files of the app, or fetched ones.

use std::path::{Path, PathBuf};

use ensconce_manifest::{Platform, Program};

use super::pyinstaller::PyInstaller;
use super::{Made, Runtime, machine};
use crate::fetch::Fetch;
use crate::walk::key_of_tree;
use crate::{Key, PayloadError, Request, copy, elf, unpack};

/// A `[build.program]`.
pub(crate) struct ProgramRuntime<'a> {
    /// Its name in commands.
    pub(crate) name: &'a str,
    /// What the manifest says of it.
    pub(crate) program: &'a Program,
}

impl Runtime for ProgramRuntime<'_> {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn folder(&self) -> &str {
        self.name
    }

    fn key(&self, request: &Request<'_>) -> Result<Key, PayloadError> {
        let said = serde_json::to_string(self.program).unwrap_or_default();
        let key = Key::new("program 1").with(self.name).with(said).with(request.target.triple);
        let key = with_machine(key, request);
        if let Some(path) = self.path(request)? {
            return key_of_tree(key, &path);
        }
        match self.pyinstaller() {
            Some(pyinstaller) => pyinstaller.key(request, key),
            None => Ok(key),
        }
    }

    fn make(&self, request: &Request<'_>, into: &Path) -> Result<Made, PayloadError> {
        let mut made = Made::default();
        let file = match (self.path(request)?, &self.program.url) {
            (Some(path), _) => self.place(&path, request, into)?,
            (None, Some(url)) => self.fetch(url, request, into)?,
            (None, None) => {
                let Some(pyinstaller) = self.pyinstaller() else { return Err(self.unsaid()) };
                let result = pyinstaller.run(request)?;
                made.components = result.components;
                self.place(&result.path, request, into)?
            }
        };
        let path = into.join(&file);
        copy::set_mode(&path, 0o755)?;
        machine::check(&path, request.target)?;
        bring_libraries(request, into)?;
        made.programs.insert(self.name.to_owned(), file);
        Ok(made)
    }
}

impl ProgramRuntime<'_> {
    fn pyinstaller(&self) -> Option<PyInstaller<'_>> {
        let spec = self.program.pyinstaller.as_deref()?;
        Some(PyInstaller { name: self.name, spec })
    }

    fn unsaid(&self) -> PayloadError {
        PayloadError::manifest(
            format!("build.program.{}", self.name),
            "It does not say where the program comes from",
            "Set one of `path`, `url` and `pyinstaller`",
        )
    }

    /// The file or folder of this machine, if it is one.
    fn path(&self, request: &Request<'_>) -> Result<Option<PathBuf>, PayloadError> {
        let Some(said) = &self.program.path else { return Ok(None) };
        let triple = request.target.triple;
        let path = said.replace("{target}", triple);
        let suffix = if request.target.platform == Platform::Windows { ".exe" } else { "" };
        let names = [
            format!("{path}-{triple}{suffix}"),
            format!("{path}-{triple}"),
            format!("{path}{suffix}"),
            path.clone(),
        ];
        let found = names.iter().map(|name| request.folder.join(name)).find(|path| path.exists());
        found.map(Some).ok_or_else(|| {
            PayloadError::manifest(
                format!("build.program.{}.path", self.name),
                format!("There is no `{path}`, and no `{path}-{triple}{suffix}` either"),
                "It is relative to the manifest. If a command makes it, add a `[[build.step]]`",
            )
        })
    }

    /// Copies a file or a folder, and returns the program, relative to the folder.
    fn place(
        &self,
        path: &Path,
        request: &Request<'_>,
        into: &Path,
    ) -> Result<String, PayloadError> {
        if path.is_dir() {
            copy::tree(path, into)?;
            return self.executable_in(into, request);
        }
        let file = self.file_name(request);
        copy::file(path, &into.join(&file))?;
        Ok(file)
    }

    fn file_name(&self, request: &Request<'_>) -> String {
        match request.target.platform {
            Platform::Windows => format!("{}.exe", self.name),
            _ => self.name.to_owned(),
        }
    }

    fn fetch(&self, url: &str, request: &Request<'_>, into: &Path) -> Result<String, PayloadError> {
        let key = format!("build.program.{}.sha256", self.name);
        let sha256 = self.program.sha256.as_deref().ok_or_else(|| {
            PayloadError::manifest(key, "It is missing", "A download needs its SHA-256")
        })?;
        let url = url.replace("{target}", request.target.triple);
        let file = Fetch::new(request.cache, request.progress).file(&url, sha256)?;
        if unpack::is_archive(&file)? {
            unpack::unpack(&file, into)?;
            return self.executable_in(into, request);
        }
        self.place(&file, request, into)
    }

    /// Finds the file to start in a folder.
    fn executable_in(&self, folder: &Path, request: &Request<'_>) -> Result<String, PayloadError> {
        let said = self.program.executable.as_ref();
        let said = said.map(|file| file.replace("{target}", request.target.triple));
        let name = said.clone().unwrap_or_else(|| self.file_name(request));
        for name in [name.clone(), format!("{name}.exe")] {
            if folder.join(&name).is_file() {
                return Ok(name);
            }
        }
        let why = match said {
            Some(_) => format!("There is no `{name}` in the program's folder"),
            None => "It is missing, and the program is a folder".to_owned(),
        };
        let hint = format!("The folder has: {}", names_in(folder));
        Err(PayloadError::manifest(format!("build.program.{}.executable", self.name), why, hint))
    }
}

fn names_in(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| format!("`{}`", entry.file_name().to_string_lossy())).collect();
    names.sort();
    names.truncate(12);
    names.join(", ")
}

/// Adds what decides which libraries are brought along: the manifest, and what this machine has.
pub(super) fn with_machine(key: Key, request: &Request<'_>) -> Key {
    let key = key.with(request.manifest.build.system_libraries.join("\n"));
    // The loader's cache changes when libraries are installed.
    let cache = std::fs::metadata("/etc/ld.so.cache").and_then(|data| data.modified());
    key.with(format!("{cache:?}"))
}

/// Brings along the libraries that a runtime needs, and says so.
pub(super) fn bring_libraries(request: &Request<'_>, into: &Path) -> Result<(), PayloadError> {
    if request.target.platform != Platform::Linux {
        return Ok(());
    }
    let system = &request.manifest.build.system_libraries;
    for brought in elf::bring_along(into, &into.join("libraries"), system)? {
        request.progress.line(&brought.to_string());
    }
    Ok(())
}
