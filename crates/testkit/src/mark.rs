//! Finds the processes of one test by a mark in their environment, whoever their parent is.

use std::fmt;

/// The variable that carries the mark.
const VARIABLE: &str = "ENSCONCE_TEST";

/// A value that no other test has, in the environment of all processes of this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    /// Makes a new mark.
    ///
    /// # Panics
    /// When the system has no random numbers.
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).expect("the system has random numbers");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Gives the variable and its value.
    pub fn variable(&self) -> (&'static str, &str) {
        (VARIABLE, &self.0)
    }

    /// Lists the living processes that carry it. A zombie has no environment, and is not among them.
    #[cfg(target_os = "linux")]
    pub fn processes(&self) -> Vec<u32> {
        let wanted = format!("{VARIABLE}={}", self.0);
        let carries = |pid: &u32| {
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
        };
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(carries).collect()
    }

    /// Gives the command lines of its processes that run `program`.
    #[cfg(target_os = "linux")]
    pub fn processes_of(&self, program: &std::path::Path) -> Vec<(u32, Vec<String>)> {
        let command = |pid: u32| {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let words: Vec<String> = line.split_terminator('\0').map(str::to_owned).collect();
            (pid, words)
        };
        let runs = |(_, words): &(u32, Vec<String>)| {
            words.first().is_some_and(|first| std::path::Path::new(first) == program)
        };
        self.processes().into_iter().map(command).filter(runs).collect()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
