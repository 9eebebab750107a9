//! The time that all files in a package get.

use std::path::Path;
use std::process::{Command, Stdio};

/// For apps whose folder has no time: 1 January 2020.
const SOME_TIME: u64 = 1_577_836_800;

/// Returns the time in seconds since 1970: that of `SOURCE_DATE_EPOCH`, or of the last commit.
///
/// It is never the present, because the same input must produce the same bytes.
pub(super) fn of_source(folder: &Path) -> u64 {
    given().or_else(|| of_last_commit(folder)).unwrap_or(SOME_TIME)
}

fn given() -> Option<u64> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.trim().parse().ok()
}

fn of_last_commit(folder: &Path) -> Option<u64> {
    let git = Command::new("git")
        .args(["log", "-1", "--format=%ct"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(git.stdout).ok()?.trim().parse().ok()
}
