//! Runs the build steps: those whose inputs, command or output have changed since they last ran.

use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_manifest::BuildStep;

use crate::walk::{Walk, key_of_files, key_of_tree, patterns};
use crate::{Key, PayloadError, Request, tool};

/// Runs the steps, in their order.
pub(crate) fn run(request: &Request<'_>) -> Result<(), PayloadError> {
    for (index, step) in request.manifest.build.steps.iter().enumerate() {
        Step { request, step, index }.run()?;
    }
    Ok(())
}

struct Step<'a> {
    request: &'a Request<'a>,
    step: &'a BuildStep,
    index: usize,
}

impl Step<'_> {
    fn run(&self) -> Result<(), PayloadError> {
        let folder = self.folder()?;
        let last = self.identity();
        let before = self.state(&folder)?;
        if self.is_made() && self.request.cache.recall(&last) == Some(before) {
            self.request.progress.line(&format!("{} is up to date", self.name()));
            return Ok(());
        }
        self.request.progress.begin(&self.name());
        self.start(&folder)?;
        if !self.is_made() {
            let output = self.step.output.as_deref().unwrap_or_default();
            return Err(PayloadError::manifest(
                format!("build.step[{}].output", self.index),
                format!("{} succeeded, but there is no `{output}`", self.name()),
                "Name the file or folder that it makes, relative to the manifest",
            ));
        }
        // Its inputs may have changed while it ran: then it has to run again the next time.
        self.request.cache.remember(&last, &self.state(&folder)?)
    }

    fn name(&self) -> String {
        format!("`{}`", self.step.command.join(" "))
    }

    fn folder(&self) -> Result<PathBuf, PayloadError> {
        let folder = self.request.folder.join(self.step.cwd.as_deref().unwrap_or("."));
        if folder.is_dir() {
            return Ok(folder);
        }
        Err(PayloadError::manifest(
            format!("build.step[{}].cwd", self.index),
            format!("There is no folder `{}`", self.step.cwd.as_deref().unwrap_or_default()),
            "It is relative to the manifest",
        ))
    }

    fn output(&self) -> Option<PathBuf> {
        self.step.output.as_ref().map(|output| self.request.folder.join(output))
    }

    fn is_made(&self) -> bool {
        self.output().is_none_or(|output| output.exists())
    }

    /// Names the step among all of all apps.
    fn identity(&self) -> Key {
        let folder = self.request.folder.as_os_str().as_encoded_bytes();
        let step = serde_json::to_string(self.step).unwrap_or_default();
        Key::new("step 2").with(folder).with(step).with(self.request.target.triple)
    }

    /// Returns a key of all that decides whether it has to run again.
    fn state(&self, folder: &Path) -> Result<String, PayloadError> {
        let files = self.inputs(folder)?;
        let mut key = key_of_files(self.identity(), self.request.folder, &files)?;
        // Git may ignore what steps before this one have made, and this one reads.
        for step in &self.request.manifest.build.steps[..self.index] {
            if let Some(output) = &step.output {
                key = key_of_tree(key.with("earlier"), &self.request.folder.join(output))?;
            }
        }
        let key = key.with("output");
        Ok(match self.output() {
            Some(output) => key_of_tree(key, &output)?,
            None => key,
        }
        .name())
    }

    fn inputs(&self, folder: &Path) -> Result<Vec<PathBuf>, PayloadError> {
        let mut without: Vec<PathBuf> = self.output().into_iter().collect();
        without.extend(self.request.written());
        let walk = Walk { with_ignored: self.step.inputs.is_some(), without: &without };
        let Some(inputs) = &self.step.inputs else {
            let mut files = walk.files(&normal(folder))?;
            files.extend(settings_in(folder));
            return Ok(files);
        };
        let key = format!("build.step[{}].inputs", self.index);
        let patterns = patterns(self.request.folder, &key, inputs)?;
        let mut files = walk.files(self.request.folder)?;
        files.extend(settings_in(self.request.folder));
        files.extend(settings_in(folder));
        files.retain(|file| patterns.matched_path_or_any_parents(file, false).is_ignore());
        Ok(files)
    }

    fn start(&self, folder: &Path) -> Result<(), PayloadError> {
        let (program, arguments) = self.step.command.split_first().ok_or_else(|| {
            let key = format!("build.step[{}].command", self.index);
            PayloadError::manifest(key, "It is empty", "Name a program and its arguments")
        })?;
        let mut command = Command::new(program_path(program, folder));
        command.args(arguments).current_dir(folder);
        command.env("ENSCONCE_TARGET", self.request.target.triple);
        command.envs(self.step.env.iter().map(|(name, value)| (name, value.to_string())));
        let ended =
            tool::run(command, self.request.progress).map_err(|error| PayloadError::Program {
                program: program.clone(),
                purpose: format!("is needed by a build step (`build.step[{}]`)", self.index),
                error,
                hint: "Install it, or write its path; no shell reads the command".to_owned(),
            })?;
        if ended.status.success() {
            return Ok(());
        }
        Err(PayloadError::Failed {
            what: self.name(),
            status: ended.status(),
            tail: ended.tail(),
            hints: vec![format!("It ran in {}", folder.display())],
        })
    }
}

/// A program with a folder in its name is looked for in the working folder, as shells do.
fn program_path(program: &str, folder: &Path) -> PathBuf {
    if program.contains('/') { folder.join(program) } else { PathBuf::from(program) }
}

/// Takes `.` out of a path, so that it compares with others.
fn normal(path: &Path) -> PathBuf {
    path.components().collect()
}

/// Lists the `.env` files of a folder: they are never packed, but decide what many tools make.
fn settings_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_setting = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".env") && path.is_file()
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_setting).collect();
    files.sort();
    files
}
