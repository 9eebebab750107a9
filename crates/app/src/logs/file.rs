//! One log file: bounded in size, and patient with a disk that is full.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::entry::write_left_out;
use super::places::{KEPT, aside};

/// A file is put aside before it grows beyond this many bytes.
pub(super) const LARGEST: u64 = 10 * 1024 * 1024;
/// So much is written at once, in bytes.
const CHUNK: usize = 256 * 1024;

/// One log file. Opened when there is something to write.
pub(super) struct LogFile {
    path: PathBuf,
    /// Whether it is the one with the lines of all.
    merged: bool,
    open: Option<(File, u64)>,
    /// Whole lines that are to be written.
    waiting: Vec<u8>,
    /// Lines that are missing, and that it has not been said of.
    left_out: u64,
    /// Whether it was said that lines are left out.
    told: bool,
}

impl LogFile {
    pub(super) fn new(path: PathBuf, merged: bool) -> Self {
        Self { path, merged, open: None, waiting: Vec::new(), left_out: 0, told: false }
    }

    /// Adds a line by what puts it behind the others.
    pub(super) fn add(&mut self, time: &str, line: impl FnOnce(&mut Vec<u8>)) {
        line(&mut self.waiting);
        if self.waiting.len() >= CHUNK {
            self.write(time);
        }
    }

    /// Counts lines that are missing here.
    pub(super) fn leave_out(&mut self, count: u64) {
        self.left_out += count;
    }

    /// Writes what waits. What the disk does not take is counted, and told as soon as it does.
    pub(super) fn write(&mut self, time: &str) {
        let mut lines = std::mem::take(&mut self.waiting);
        let mut note = Vec::new();
        if self.left_out > 0 {
            write_left_out(&mut note, time, self.merged, self.left_out);
            lines.splice(..0, note.iter().copied());
        }
        if lines.is_empty() {
            return;
        }
        match self.append(&lines) {
            Ok(()) => self.left_out = 0,
            Err(Failed { written, error }) => {
                if !std::mem::replace(&mut self.told, true) {
                    tracing::warn!("Lines are left out of {}: {error}", self.path.display());
                }
                if written > 0 {
                    self.left_out = 0;
                }
                self.left_out += lines_in(&lines[written.max(note.len())..]);
                // It is opened anew next time; it may have been taken away meanwhile.
                self.open = None;
            }
        }
        lines.clear();
        self.waiting = lines;
    }

    /// Appends whole lines, or of them as many as there is room for.
    fn append(&mut self, lines: &[u8]) -> Result<(), Failed> {
        let (file, size) = self.make_room(lines.len() as u64)?;
        let mut written = 0;
        while written < lines.len() {
            let error = match file.write(&lines[written..]) {
                Ok(0) => io::ErrorKind::WriteZero.into(),
                Ok(count) => {
                    written += count;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            return Err(cut_back(file, *size, &lines[..written], error));
        }
        *size += written as u64;
        Ok(())
    }

    fn make_room(&mut self, more: u64) -> io::Result<(&mut File, &mut u64)> {
        // Who cleans up while the app runs takes nothing of what comes later.
        if self.open.is_some() && !self.path.exists() {
            self.open = None;
        }
        let is_full = |open: &Option<(File, u64)>| {
            open.as_ref().is_some_and(|(_, size)| *size > 0 && size + more > LARGEST)
        };
        if self.open.is_none() {
            self.open = Some(self.open_file()?);
        }
        if is_full(&self.open) {
            self.open = None;
            self.put_aside()?;
            self.open = Some(self.open_file()?);
        }
        let Some((file, size)) = &mut self.open else { return Err(io::ErrorKind::NotFound.into()) };
        Ok((file, size))
    }

    fn open_file(&self) -> io::Result<(File, u64)> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::options().create(true).read(true).append(true).open(&self.path)?;
        let mut size = file.metadata()?.len();
        // A copy that was killed may have written only a part of its last line.
        if size > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
                size += 1;
            }
        }
        Ok((file, size))
    }

    /// `api.log` becomes `api.1.log`, `api.1.log` becomes `api.2.log`, and so on.
    fn put_aside(&self) -> io::Result<()> {
        for number in (1..KEPT).rev() {
            let _ = fs::rename(aside(&self.path, number), aside(&self.path, number + 1));
        }
        fs::rename(&self.path, aside(&self.path, 1))
    }
}

/// Lines that could be written only in part.
struct Failed {
    /// The bytes of those that were.
    written: usize,
    error: io::Error,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self { written: 0, error }
    }
}

/// Takes away the last line if only a part of it was written.
fn cut_back(file: &File, size: u64, written: &[u8], error: io::Error) -> Failed {
    let whole = written.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let _ = file.set_len(size + whole as u64);
    Failed { written: whole, error }
}

fn lines_in(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
