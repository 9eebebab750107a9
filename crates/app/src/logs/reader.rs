//! Reads a log: its newest lines, and those that come, through every change of files.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use same_file::Handle;

use super::entry::{LogEntry, Source};
use super::places::{KEPT, Places, aside};

/// So much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;
/// How often files are opened again because they were put aside meanwhile.
const TRIES: usize = 20;

/// Reads a log, whether the app runs or not.
pub struct LogReader {
    path: PathBuf,
    service: Option<String>,
    /// The files that are still to be read, the oldest first. The first is being read.
    files: VecDeque<Handle>,
    /// A line that has not ended yet.
    begun: Vec<u8>,
}

impl LogReader {
    /// Opens the log of a service in a folder, or the merged one, to read its newest lines.
    ///
    /// # Errors
    /// When a file that is there cannot be read.
    pub fn open(folder: &Path, service: Option<&str>, newest: usize) -> io::Result<Self> {
        let path = Places::new(folder.to_owned()).of(service);
        let mut files = open_all(&path)?;
        let mut needed = newest;
        let mut begin = files.len();
        while begin > 0 && (needed > 0 || begin == files.len()) {
            begin -= 1;
            needed = seek_back(files[begin].as_file_mut(), needed)?;
        }
        files.drain(..begin);
        Ok(Self { path, service: service.map(str::to_owned), files, begun: Vec::new() })
    }

    /// Gives the next lines; none when there are no more by now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<LogEntry>> {
        let mut entries = Vec::new();
        while entries.is_empty() {
            let ended = !self.read_chunk(&mut entries)?;
            if ended && !self.go_on(&mut entries)? {
                break;
            }
        }
        Ok(entries)
    }

    /// Reads some of the first file; `false` at its end.
    fn read_chunk(&mut self, entries: &mut Vec<LogEntry>) -> io::Result<bool> {
        let Some(handle) = self.files.front_mut() else { return Ok(false) };
        let before = self.begun.len();
        let count = handle.as_file_mut().take(CHUNK as u64).read_to_end(&mut self.begun)?;
        if let Some(end) = self.begun[before..].iter().rposition(|byte| *byte == b'\n') {
            let rest = self.begun.split_off(before + end + 1);
            let lines = std::mem::replace(&mut self.begun, rest);
            let lines = String::from_utf8_lossy(&lines);
            let service = self.service.as_deref();
            entries.extend(lines.lines().map(|line| LogEntry::parse(line, service)));
        }
        Ok(count > 0)
    }

    /// Goes on to the next file when the first has been read to its end; `false` when there is none.
    fn go_on(&mut self, entries: &mut Vec<LogEntry>) -> io::Result<bool> {
        if self.files.len() > 1 {
            self.end_file(entries);
            return Ok(true);
        }
        let is_newest = match (self.files.front(), Handle::from_path(&self.path)) {
            (Some(read), Ok(newest)) => *read == newest,
            (_, Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            // Between two files, or before the first one.
            (_, Err(_)) => true,
            (None, Ok(_)) => false,
        };
        // What was written between the last look and now comes first.
        if is_newest || self.read_chunk(entries)? {
            return Ok(!entries.is_empty());
        }
        let mut files = open_all(&self.path)?;
        match files.iter().position(|file| Some(file) == self.files.front()) {
            Some(place) => drop(files.drain(..=place)),
            None if self.files.is_empty() => {}
            None => entries.push(self.missing()),
        }
        self.end_file(entries);
        self.files = files;
        Ok(true)
    }

    /// Leaves a file behind. Its last line may lack its end, when the app was killed.
    fn end_file(&mut self, entries: &mut Vec<LogEntry>) {
        self.files.pop_front();
        if !self.begun.is_empty() {
            let line = std::mem::take(&mut self.begun);
            let line = String::from_utf8_lossy(&line);
            entries.push(LogEntry::parse(&line, self.service.as_deref()));
        }
    }

    /// The log has gone on so fast that a file was taken away before it was read.
    fn missing(&self) -> LogEntry {
        LogEntry {
            time: None,
            service: self.service.clone(),
            source: Source::Ensconce,
            text: "Some lines are not shown: they were removed before they could be read"
                .to_owned(),
        }
    }
}

/// Opens all files of a log, the oldest first, as they belong together at one moment.
fn open_all(path: &Path) -> io::Result<VecDeque<Handle>> {
    let mut files = open_each(path)?;
    for _ in 0..TRIES {
        let again = open_each(path)?;
        if again == files {
            break;
        }
        files = again;
    }
    Ok(files)
}

fn open_each(path: &Path) -> io::Result<VecDeque<Handle>> {
    let paths = (1..=KEPT).rev().map(|number| aside(path, number)).chain([path.to_owned()]);
    let open = |path: PathBuf| match File::open(path) {
        Ok(file) => Some(Handle::from_file(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(Err(error)),
    };
    paths.filter_map(open).collect()
}

/// Goes to where the newest lines of a file begin; gives how many more are needed.
fn seek_back(file: &mut File, needed: usize) -> io::Result<usize> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut from, mut missing) = (end, needed);
    let mut chunk = vec![0; CHUNK];
    while from > 0 && missing > 0 {
        let length = usize::try_from(from).unwrap_or(CHUNK).min(CHUNK);
        from -= length as u64;
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut chunk[..length])?;
        for place in (0..length).rev().filter(|place| chunk[*place] == b'\n') {
            let begin = from + place as u64 + 1;
            // Behind the last line begins none.
            missing -= usize::from(begin < end);
            if missing == 0 {
                file.seek(SeekFrom::Start(begin))?;
                return Ok(0);
            }
        }
    }
    if needed == 0 {
        file.seek(SeekFrom::End(0))?;
        return Ok(0);
    }
    file.seek(SeekFrom::Start(0))?;
    // The first line has no line end before it.
    Ok(missing - usize::from(end > 0))
}
