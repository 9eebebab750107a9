//! Kills, signals and errors at every step of the helper's work, by strace.
//!
//! What is on the disk changes by a few system calls only. A fault at each of them, one after the
//! other, is a fault at each step.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use ensconce_protocol::HelperWork;

use crate::home::Home;
use crate::world::{Said, clean, helper, start};

/// The calls that change which files there are, and what is in those of Ensconce's own.
pub(crate) const CHANGES: [&str; 7] =
    ["rename", "mkdir", "write", "fsync", "unlink", "unlinkat", "linkat"];

/// Returns whether strace can be used here; says why, if not.
pub(crate) fn available() -> bool {
    static WHY_NOT: OnceLock<Option<String>> = OnceLock::new();
    let why_not = WHY_NOT.get_or_init(|| {
        let mut strace = strace("rename:signal=KILL:when=1");
        match strace.arg("true").stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Some(error.to_string()),
        }
    });
    if let Some(why_not) = why_not {
        println!("skipped: strace cannot be used here: {why_not}");
    }
    why_not.is_none()
}

/// A prepared helper with a fault in it, but not in the programs that it starts.
pub(crate) fn faulty(helper: &Command, inject: &str) -> Command {
    let mut strace = strace(inject);
    strace.arg(helper.get_program()).args(helper.get_args());
    strace.envs(helper.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace
}

fn strace(inject: &str) -> Command {
    let mut strace = clean(Command::new("strace"));
    let call = inject.split(':').next().unwrap();
    strace.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    strace.args(["-e", "signal=none", "-e", &format!("inject={inject}")]);
    strace
}

/// Does work with a fault, such as `rename:error=EIO:when=3`.
pub(crate) fn run(home: &Home, work: HelperWork, inject: &str) -> Output {
    let mut faulty = faulty(helper().arg("run"), inject);
    start(&mut faulty, &home.request(work)).wait_with_output().unwrap()
}

/// How work with a fault has ended.
pub(crate) enum Ended {
    /// The fault has killed it.
    Killed,
    /// It has answered, or could not write its answer.
    Answered(Said),
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        match output.status.signal() {
            Some(_) => Self::Killed,
            None => Self::Answered(output.into()),
        }
    }
}
