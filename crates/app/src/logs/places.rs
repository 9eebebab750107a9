//! Where logs and reports lie.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::entry::Stamp;

/// How many full files are kept of each log.
pub(super) const KEPT: usize = 3;

/// The log that has the lines of all.
const MERGED: &str = "app";

/// How its file is called for a service that has the name of the merged log. Names have no dots.
const NAMESAKE: &str = "app.service";

/// The files in the folder of logs.
#[derive(Debug, Clone)]
pub(super) struct Places {
    folder: PathBuf,
}

impl Places {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The log of a task or service, or the merged one.
    pub(super) fn of(&self, job: Option<&str>) -> PathBuf {
        let name = match job {
            None => MERGED,
            Some(MERGED) => NAMESAKE,
            Some(job) => job,
        };
        self.folder.join(format!("{name}.log"))
    }

    /// A report about something, made now.
    pub(super) fn report(&self, about: &str) -> PathBuf {
        // Without colons, which Windows does not take in a name.
        let time = Stamp::of(SystemTime::now()).to_string().replace([':', '-'], "");
        self.folder.join("reports").join(format!("{time}-{about}.txt"))
    }
}

/// The file that a log was put aside as: `api.log` is the newest, then `api.1.log`, and so on.
pub(super) fn aside(log: &Path, number: usize) -> PathBuf {
    log.with_extension(format!("{number}.log"))
}

/// The tasks and services that have logs in a folder.
pub fn log_names(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        match name.strip_suffix(".log")? {
            NAMESAKE => Some(MERGED.to_owned()),
            name => (name != MERGED && !name.contains('.')).then(|| name.to_owned()),
        }
    });
    names.collect()
}
