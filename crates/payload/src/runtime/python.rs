//! A private CPython with the app's packages, which runs from any folder, also a read-only one.
//!
//! It knows nothing of the rest of the payload. The one who starts it says what it ignores of its
//! user: see `docs/python.md`.
//!
//! # Theory of operation
//!
//! 1. An interpreter is fetched, or copied from this machine, thinned out and compiled. It is kept
//!    by what it was made of, so that another lock file does not make it again.
//! 2. A copy of it has `uv` install what the lock file says.
//! 3. What names this machine, or a time, is taken out; the rest is compiled. So the same lock
//!    file gives the same bytes, and whoever runs it never writes.

mod compile;
mod components;
mod dependencies;
mod error;
mod layout;
mod local;
mod packages;
mod poetry;
mod requirements;
mod standalone;
mod strip;
#[cfg(test)]
mod tests;
mod tool;
mod tree;
mod uv;

pub use error::PythonError;

use std::path::{Path, PathBuf};

use ensconce_manifest::{BuildPython, PythonSource};

use self::dependencies::Dependencies;
use self::layout::Layout;
use self::standalone::Archive;
use super::{Made, Runtime};
use crate::{Key, PayloadError, Progress, Request, elf};

/// Changes when an interpreter is made in another way.
const INTERPRETER_KIND: &str = "python interpreter 1";

/// Changes when the whole is made in another way.
const KIND: &str = "python 1";

/// The app's own Python.
#[derive(Debug)]
pub(crate) struct Python {
    settings: BuildPython,
    source: Source,
    dependencies: Option<Dependencies>,
}

#[derive(Debug)]
enum Source {
    Standalone(Archive),
    Local(Box<Layout>),
}

impl Python {
    /// Reads what the manifest says about it; none when it says nothing. All that can be wrong
    /// with the manifest and the lock file's place is found here, before anything is made.
    ///
    /// # Errors
    /// When the manifest or the machine lacks something.
    pub(crate) fn find(request: &Request<'_>) -> Result<Option<Self>, PayloadError> {
        let Some(settings) = request.manifest.build.python.clone() else { return Ok(None) };
        refuse_other_machine(request)?;
        let source = match settings.source.unwrap_or(PythonSource::Standalone) {
            PythonSource::Standalone => Source::Standalone(standalone::find(request, &settings)?),
            PythonSource::Local => Source::Local(Box::new(local::find(request, &settings)?)),
        };
        let dependencies = Dependencies::find(request, &settings)?;
        match &dependencies {
            Some(dependencies) => dependencies.tell_unlocked(request.progress),
            None => request.progress.warn(
                "No file says which Python packages the app needs, so only the standard library \
                 goes in",
            ),
        }
        Ok(Some(Self { settings, source, dependencies }))
    }

    fn interpreter_key(&self, request: &Request<'_>) -> Result<Key, PayloadError> {
        let key = super::program::with_machine(Key::new(INTERPRETER_KIND), request);
        let key = match &self.source {
            Source::Standalone(archive) => {
                key.with("standalone").with(&archive.url).with(&archive.sha256)
            }
            Source::Local(layout) => local::fingerprint(layout, key.with("local"))?,
        };
        Ok(self.settings.exclude.iter().fold(key.with("exclude"), Key::with))
    }

    /// Makes the interpreter alone.
    fn make_interpreter(&self, request: &Request<'_>, into: &Path) -> Result<(), PayloadError> {
        match &self.source {
            Source::Standalone(archive) => {
                standalone::unpack(request, archive, into)?;
            }
            Source::Local(layout) => {
                request.progress.begin(&format!("Copying {}", self.name()));
                local::copy(layout, into)?;
            }
        }
        link_names(into)?;
        strip::interpreter(into, &self.settings.exclude)?;
        bring_libraries(request, into)?;
        let layout = Layout::of(&into.join("bin/python3"))?;
        self.check_version(&layout)?;
        let standard = layout.stdlib.clone();
        request.progress.begin("Compiling the standard library");
        // What of the standard library cannot be compiled is meant to be so.
        compile::compile(&layout.executable, into, &[&standard], request.progress)?;
        Ok(())
    }

    fn check_version(&self, layout: &Layout) -> Result<(), PayloadError> {
        match &self.settings.version {
            Some(version) if *version != layout.version => {
                let why = format!("it is {}, not {version}", layout.version);
                Err(PythonError::Interpreter { path: "bin/python3".into(), why }.into())
            }
            _ => Ok(()),
        }
    }

    /// Installs the packages of the lock file.
    fn install(&self, request: &Request<'_>, layout: &Layout) -> Result<(), PayloadError> {
        let Some(dependencies) = &self.dependencies else { return Ok(()) };
        request.progress.begin("Installing Python packages");
        let work =
            tempfile::tempdir().map_err(PayloadError::file("make", &std::env::temp_dir()))?;
        let folders = [request.folder, &dependencies.project];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let uv = uv::Uv::find(&path, &folders, &layout.executable, request.progress)?;
        uv.install(dependencies, work.path())?;
        for site in &layout.packages {
            packages::refuse_references(site)?;
            packages::tell_built_here(site, request.progress)?;
        }
        Ok(())
    }

    /// Makes what was installed small, movable, and the same each time.
    fn finish(
        &self,
        request: &Request<'_>,
        layout: &Layout,
        into: &Path,
    ) -> Result<(), PayloadError> {
        for site in &layout.packages {
            strip::packages(into, site, &self.settings.exclude)?;
        }
        bring_libraries(request, into)?;
        packages::make_movable(into, &layout.packages, &layout.scripts)?;
        request.progress.begin("Compiling Python packages");
        let folders: Vec<&Path> = layout.packages.iter().map(PathBuf::as_path).collect();
        for failure in compile::compile(&layout.executable, into, &folders, request.progress)? {
            request.progress.line(&format!("Not compiled: {failure}"));
        }
        Ok(())
    }
}

impl Runtime for Python {
    fn name(&self) -> String {
        let version = match &self.source {
            Source::Standalone(archive) => {
                self.settings.version.clone().or_else(|| archive.version())
            }
            Source::Local(layout) => Some(layout.version.clone()),
        };
        version.map_or_else(|| "Python".to_owned(), |version| format!("Python {version}"))
    }

    fn folder(&self) -> &'static str {
        "python"
    }

    fn key(&self, request: &Request<'_>) -> Result<Key, PayloadError> {
        // The interpreter's key has its own kind inside.
        let key = self.interpreter_key(request)?.with(KIND);
        match &self.dependencies {
            None => Ok(key),
            Some(dependencies) => dependencies.fingerprint(key),
        }
    }

    fn make(&self, request: &Request<'_>, into: &Path) -> Result<Made, PayloadError> {
        let make = |folder: &Path| self.make_interpreter(request, folder);
        let interpreter = request.cache.folder(&self.interpreter_key(request)?, make)?;
        // The interpreter tells its folders without links, so they are compared without.
        let into = &into.canonicalize().map_err(PayloadError::file("read", into))?;
        tree::copy(&interpreter, into, &|_| false)?;
        let layout = Layout::of(&into.join("bin/python3"))?;
        self.install(request, &layout)?;
        self.finish(request, &layout, into)?;
        made(&layout, into)
    }
}

/// Compiles the Python files of the app, so that they start fast and nothing is written beside
/// them. Returns the files that are not Python of this version, each with the reason.
///
/// # Errors
/// When the interpreter does not run.
pub(crate) fn compile_app(
    python: &Path,
    app: &Path,
    progress: &dyn Progress,
) -> Result<Vec<String>, PayloadError> {
    compile::compile(python, app, &[app], progress)
}

/// Brings along what is needed of this machine and neither inside nor in every system. Packages
/// need some of it too: those written in Rust or C++ the libraries of their compilers.
fn bring_libraries(request: &Request<'_>, into: &Path) -> Result<(), PayloadError> {
    let system = &request.manifest.build.system_libraries;
    for brought in elf::bring_along(into, &into.join("lib"), system)? {
        let (from, file) = (brought.from.display(), brought.file.display());
        request.progress.line(&format!("{from} is included, for {file}"));
    }
    Ok(())
}

/// Interpreters run while packages are installed, so they must be for this machine.
pub(crate) fn refuse_other_machine(request: &Request<'_>) -> Result<(), PythonError> {
    let machine = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let target = request.target;
    let platform = format!("{:?}", target.platform).to_lowercase();
    if format!("{}-{platform}", target.arch) == machine {
        return Ok(());
    }
    Err(PythonError::OtherMachine { target: target.triple.to_owned(), machine })
}

/// Makes sure that there is `bin/python3` and `bin/python`.
fn link_names(into: &Path) -> Result<(), PayloadError> {
    let bin = into.join("bin");
    let missing = || PythonError::Interpreter {
        path: "bin/python3".into(),
        why: "the archive has no such file".to_owned(),
    };
    let is_interpreter = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let minor = name.strip_prefix("python3.").unwrap_or_default();
        path.is_file() && !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
    };
    let program = tree::entries(&bin)?.into_iter().find(is_interpreter).ok_or_else(missing)?;
    let name = Path::new(program.file_name().unwrap_or_default());
    for link in ["python3", "python"].map(|link| bin.join(link)) {
        if link.symlink_metadata().is_err() {
            tree::link(name, &link)?;
        }
    }
    Ok(())
}

/// Says what is there now.
fn made(layout: &Layout, into: &Path) -> Result<Made, PayloadError> {
    let mut made = Made::default();
    for (name, path) in packages::script_names(&layout.packages, &layout.scripts)? {
        let inner = path.strip_prefix(into).unwrap_or(&path);
        made.programs.insert(name, inner.display().to_string());
    }
    for name in ["python", "python3"] {
        made.programs.insert(name.to_owned(), "bin/python3".to_owned());
    }
    made.components.push(components::interpreter(&layout.version));
    for site in &layout.packages {
        made.components.extend(components::packages(site)?);
    }
    Ok(made)
}
