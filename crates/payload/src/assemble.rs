//! Assembles the parts of a payload, in the order of the crate's theory of operation.

use ensconce_manifest::Platform;

use crate::runtime::node::{Node, Packages};
use crate::runtime::program::ProgramRuntime;
use crate::runtime::python::{Python, compile_app};
use crate::runtime::{Made, Runtime};
use crate::{
    Part, Payload, PayloadError, Programs, Request, beam, copy, elf, files, other_machines, steps,
};

/// Assembles what an installed app is made of.
///
/// # Errors
/// When something of the manifest is not there, a tool fails, or the result would not run on the
/// machines that it is for. What is in the output folder then does not matter; the cache is good.
pub fn assemble(request: &Request<'_>) -> Result<Payload, PayloadError> {
    other_machines::check(request)?;
    steps::run(request)?;
    request.progress.begin("Copying the app's files");
    files::assemble(request)?;
    let mut payload =
        Assembly { request, payload: Payload::default(), programs: Programs::default() };
    payload.add_part("The app's files", "app");
    let runtimes = runtimes(request)?;
    for runtime in runtimes {
        payload.add_runtime(runtime.as_ref())?;
    }
    payload.compile_files()?;
    payload.add_packages()?;
    payload.write_programs()?;
    payload.check()
}

/// All runtimes of the manifest; the app's own programs come last.
fn runtimes<'a>(request: &'a Request<'a>) -> Result<Vec<Box<dyn Runtime + 'a>>, PayloadError> {
    let build = &request.manifest.build;
    let mut runtimes: Vec<Box<dyn Runtime + 'a>> = Vec::new();
    if let Some(python) = Python::find(request)? {
        runtimes.push(Box::new(python));
    }
    if let Some(node) = &build.node {
        runtimes.push(Box::new(Node { build: node }));
    }
    for (name, program) in &build.programs {
        runtimes.push(Box::new(ProgramRuntime { name, program }));
    }
    Ok(runtimes)
}

struct Assembly<'a> {
    request: &'a Request<'a>,
    payload: Payload,
    programs: Programs,
}

const MADE: &str = "made.json";
const FILES: &str = "files";

impl Assembly<'_> {
    fn add_part(&mut self, name: &str, folder: &str) {
        self.payload.parts.push(Part { name: name.to_owned(), folder: folder.into() });
    }

    /// Makes a runtime, or takes it from the cache.
    fn add_runtime(&mut self, runtime: &dyn Runtime) -> Result<(), PayloadError> {
        let request = self.request;
        request.progress.begin(&format!("Adding {}", runtime.name()));
        let key = runtime.key(request)?;
        let entry = request.cache.folder(&key, |folder| {
            let files = folder.join(FILES);
            copy::folder(&files)?;
            let made = runtime.make(request, &files)?;
            let json = serde_json::to_vec_pretty(&made).unwrap_or_default();
            copy::write(&folder.join(MADE), &json)
        })?;
        let path = entry.join(MADE);
        let json = std::fs::read(&path).map_err(PayloadError::file("read", &path))?;
        let made: Made = serde_json::from_slice(&json)
            .map_err(|error| PayloadError::file("read", &path)(error.into()))?;
        let folder = format!("runtime/{}", runtime.folder());
        copy::cached(&entry.join(FILES), &request.out.join(&folder), request.target.platform)?;
        self.add_part(&runtime.name(), &folder);
        self.payload.components.extend(made.components);
        for (name, file) in made.programs {
            self.programs.programs.insert(name, format!("{}/{file}", runtime.folder()));
        }
        Ok(())
    }

    /// Compiles the app's own Python files, so that they start fast and nothing is written later.
    fn compile_files(&self) -> Result<(), PayloadError> {
        let Some(python) = self.programs.programs.get("python") else { return Ok(()) };
        if !self.request.target.is_here() {
            return Ok(());
        }
        let interpreter = self.request.out.join("runtime").join(python);
        let progress = self.request.progress;
        progress.begin("Compiling the app's Python");
        for left in compile_app(&interpreter, &self.request.out.join("app"), progress)? {
            progress.warn(&format!("Not compiled: {left}"));
        }
        Ok(())
    }

    fn add_packages(&mut self) -> Result<(), PayloadError> {
        let Some(node) = &self.request.manifest.build.node else { return Ok(()) };
        for folder in &node.packages {
            let packages = Packages { request: self.request, folder };
            self.payload.components.extend(packages.place()?);
        }
        Ok(())
    }

    fn write_programs(&self) -> Result<(), PayloadError> {
        let json = serde_json::to_vec_pretty(&self.programs).unwrap_or_default();
        copy::write(&self.request.out.join("runtime/programs.json"), &json)
    }

    /// Inspects all of it for what a user's machine may not have.
    fn check(mut self) -> Result<Payload, PayloadError> {
        let request = self.request;
        beam::check(request)?;
        self.payload.components.sort();
        self.payload.components.dedup();
        // On Windows and macOS, programs of others bring what they need.
        if request.target.platform != Platform::Linux {
            other_machines::warn(request)?;
            return Ok(self.payload);
        }
        request.progress.begin("Looking for shared libraries");
        let system = &request.manifest.build.system_libraries;
        let into = request.out.join("runtime/libraries");
        for brought in elf::bring_along(request.out, &into, system)? {
            request.progress.line(&brought.to_string());
        }
        let needs = elf::needs(request.out, system)?;
        if !needs.missing.is_empty() {
            return Err(PayloadError::Libraries { missing: needs.missing });
        }
        self.payload.glibc = needs.glibc;
        Ok(self.payload)
    }
}
