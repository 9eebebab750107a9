//! Has `uv` install the packages of a lock file.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::dependencies::{Dependencies, Kind};
use super::error::PythonError;
use super::poetry;
use super::tool;
use crate::{PayloadError, Progress};

/// What `uv` says when a lock is stale.
const STALE: &str = "needs to be updated";

/// The earliest time that archives can hold, in seconds since 1970: what is built here gets it.
const BUILD_TIME: &str = "315532800";

/// The program that installs packages.
pub(super) struct Uv<'a> {
    program: PathBuf,
    arguments: Vec<&'static str>,
    interpreter: &'a Path,
    progress: &'a dyn Progress,
}

impl<'a> Uv<'a> {
    /// Finds it: on `PATH`, in a virtual environment of the app, or as a module of `python3`.
    pub(super) fn find(
        path: &OsStr,
        folders: &[&Path],
        interpreter: &'a Path,
        progress: &'a dyn Progress,
    ) -> Result<Self, PythonError> {
        let beside = folders.iter().map(|folder| folder.join(".venv/bin/uv"));
        let beside = || beside.clone().find(|path| tool::is_program(path));
        if let Some(program) = tool::on(path, "uv").or_else(beside) {
            return Ok(Self { program, arguments: Vec::new(), interpreter, progress });
        }
        let python = tool::on(path, "python3").filter(|python| {
            let asked = Command::new(python).args(["-m", "uv", "--version"]).output();
            asked.is_ok_and(|output| output.status.success())
        });
        let program = python.ok_or(PythonError::NoUv)?;
        Ok(Self { program, arguments: vec!["-m", "uv"], interpreter, progress })
    }

    /// Installs what the file says; `work` is a folder for what is made on the way.
    pub(super) fn install(
        &self,
        dependencies: &Dependencies,
        work: &Path,
    ) -> Result<(), PayloadError> {
        let file = &dependencies.file;
        match &dependencies.kind {
            Kind::Uv => {
                self.check_lock(dependencies)?;
                let exported = work.join("pylock.toml");
                self.export(dependencies, &exported)?;
                self.install_file(dependencies, &exported, &[])
            }
            Kind::Poetry => {
                let made = work.join("requirements.txt");
                let lines = poetry::requirements(dependencies)?;
                fs::write(&made, lines).map_err(PayloadError::file("write", &made))?;
                self.install_file(dependencies, &made, &["--no-deps", "--verify-hashes"])
            }
            Kind::Requirements(requirements) if requirements.hashed => {
                self.install_file(dependencies, file, &["--require-hashes"])
            }
            Kind::Requirements(_) => self.install_file(dependencies, file, &[]),
            Kind::Project => {
                let made = work.join("requirements.txt");
                self.compile(dependencies, &made)?;
                self.install_file(dependencies, &made, &["--no-deps", "--verify-hashes"])
            }
        }
    }

    fn check_lock(&self, dependencies: &Dependencies) -> Result<(), PayloadError> {
        let mut command = self.command(dependencies);
        command.args(["lock", "--check", "--python"]).arg(self.interpreter);
        match tool::run(command, "`uv lock --check`", self.progress) {
            Err(PayloadError::Python(PythonError::Tool { output, .. }))
                if output.contains(STALE) =>
            {
                Err(PythonError::LockMismatch {
                    lock: dependencies.file.clone(),
                    project: dependencies.project.join("pyproject.toml"),
                    command: "uv lock",
                }
                .into())
            }
            other => other.map(drop),
        }
    }

    /// Takes out of the lock what is wanted. This form keeps which file of which index it is.
    fn export(&self, dependencies: &Dependencies, to: &Path) -> Result<(), PayloadError> {
        let mut command = self.command(dependencies);
        command.args(["export", "--quiet", "--frozen", "--no-emit-project", "--no-editable"]);
        command.args(["--no-default-groups", "--format", "pylock.toml", "--output-file"]).arg(to);
        self.add_extras(&mut command, dependencies);
        command.arg("--python").arg(self.interpreter);
        tool::run(command, "`uv export`", self.progress).map(drop)
    }

    /// Chooses versions, where nothing has fixed them.
    fn compile(&self, dependencies: &Dependencies, to: &Path) -> Result<(), PayloadError> {
        let mut command = self.command(dependencies);
        command.args(["pip", "compile", "--quiet", "--generate-hashes", "--output-file"]).arg(to);
        self.add_extras(&mut command, dependencies);
        command.arg("--python").arg(self.interpreter).arg(&dependencies.file);
        tool::run(command, "`uv pip compile`", self.progress).map(drop)
    }

    fn add_extras(&self, command: &mut Command, dependencies: &Dependencies) {
        for extra in &dependencies.extras {
            command.args(["--extra", extra]);
        }
        for group in &dependencies.groups {
            command.args(["--group", group]);
        }
    }

    fn install_file(
        &self,
        dependencies: &Dependencies,
        file: &Path,
        options: &[&str],
    ) -> Result<(), PayloadError> {
        let mut command = self.command(dependencies);
        command.args(["pip", "install", "--python"]).arg(self.interpreter);
        // Links into uv's cache would change with it; bytecode is made later, all of it alike.
        command.args(["--link-mode", "copy", "--no-compile-bytecode", "--break-system-packages"]);
        command.args(options).arg("--requirements").arg(file);
        tool::run(command, "Installing Python packages", self.progress).map(drop)
    }

    /// `uv` with the settings of its user and of the project, but not of an active environment.
    fn command(&self, dependencies: &Dependencies) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&dependencies.project);
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "UV_PYTHON"] {
            command.env_remove(name);
        }
        command.env("UV_PYTHON_DOWNLOADS", "never").env("UV_NO_PROGRESS", "1");
        command.env("NO_COLOR", "1").env("PYTHONHASHSEED", "0");
        if std::env::var_os("SOURCE_DATE_EPOCH").is_none() {
            command.env("SOURCE_DATE_EPOCH", BUILD_TIME);
        }
        command
    }
}
