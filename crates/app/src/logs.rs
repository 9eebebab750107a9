//! A log file for each task and service, bounded in size.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file is put aside when it has grown to this many bytes.
const LARGEST: u64 = 10 * 1024 * 1024;
/// How many files are kept aside.
const KEPT: usize = 3;

/// The log files of an app.
pub(crate) struct Logs {
    folder: PathBuf,
    files: Mutex<HashMap<String, LogFile>>,
}

impl Logs {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), files: Mutex::default() }
    }

    /// The file that a job's lines are in.
    pub(crate) fn path(&self, job: &str) -> PathBuf {
        self.folder.join(format!("{job}.log"))
    }

    /// Adds a line. A log that cannot be written must not keep the app from running.
    pub(crate) fn add(&self, job: &str, line: &str) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains_key(job) {
            match LogFile::open(self.path(job)) {
                Ok(file) => drop(files.insert(job.to_owned(), file)),
                Err(error) => return tracing::debug!("No log for {job}: {error}"),
            }
        }
        if let Some(file) = files.get_mut(job) {
            let _ = file.add(line);
        }
    }
}

struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
}

impl LogFile {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size })
    }

    fn add(&mut self, line: &str) -> io::Result<()> {
        if self.size >= LARGEST {
            self.rotate()?;
        }
        let bytes = format!("{line}\n").into_bytes();
        self.file.write_all(&bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// `api.log` becomes `api.1.log`, `api.1.log` becomes `api.2.log`, and so on.
    fn rotate(&mut self) -> io::Result<()> {
        let aside = |number: usize| self.path.with_extension(format!("{number}.log"));
        for number in (1..KEPT).rev() {
            let _ = fs::rename(aside(number), aside(number + 1));
        }
        fs::rename(&self.path, aside(1))?;
        *self = Self::open(self.path.clone())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_stays_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::new(folder.path());
        let line = "x".repeat(1024 * 1024 - 1);
        for _ in 0..70 {
            logs.add("api", &line);
        }
        let files: Vec<u64> = fs::read_dir(folder.path())
            .unwrap()
            .map(|f| f.unwrap().metadata().unwrap().len())
            .collect();
        assert_eq!(files.len(), 1 + KEPT);
        assert!(files.iter().all(|size| *size <= LARGEST + 1024 * 1024));
    }
}
