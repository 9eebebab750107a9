//! What cannot be assembled on one machine for another, reported before anything is made.

use std::fs::File;
use std::io::Read;

use crate::runtime::machine;
use crate::runtime::python::refuse_other_machine;
use crate::walk::Walk;
use crate::{PayloadError, Request};

/// So many files of another system are named; the rest are counted.
const MOST_NAMED: usize = 3;

/// Refuses what would have to run on the machines that the app is for.
pub(crate) fn check(request: &Request<'_>) -> Result<(), PayloadError> {
    if request.target.is_here() {
        return Ok(());
    }
    let build = &request.manifest.build;
    if build.python.is_some() {
        refuse_other_machine(request)?;
    }
    if let Some(node) = &build.node {
        if node.url.is_none() {
            let hint = "Set `url` and `sha256` of an archive of nodejs.org for that system";
            return Err(refused(request, "build.node", "this machine's Node runs only here", hint));
        }
        if !node.packages.is_empty() {
            let why = "npm installs packages for the machine that it runs on";
            return Err(refused(request, "build.node.packages", why, &there(request)));
        }
    }
    for (name, program) in &build.programs {
        if program.pyinstaller.is_some() {
            let key = format!("build.program.{name}.pyinstaller");
            let why = "PyInstaller makes programs for the machine that it runs on";
            return Err(refused(request, &key, why, &there(request)));
        }
    }
    Ok(())
}

fn there(request: &Request<'_>) -> String {
    format!("Build it on {}", machine::name_of(request.target.platform))
}

fn refused(request: &Request<'_>, key: &str, why: &str, hint: &str) -> PayloadError {
    let why = format!("It cannot be made on this machine for `{}`: {why}", request.target.triple);
    PayloadError::manifest(key, why, hint)
}

/// Warns of programs and libraries among the files that are for another system. It is not an error:
/// packages of Node bring those of all systems.
pub(crate) fn warn(request: &Request<'_>) -> Result<(), PayloadError> {
    let walk = Walk { with_ignored: true, without: &[] };
    let mut foreign = Vec::new();
    for path in walk.files(&request.out.join("app"))? {
        let found = platform(&path).map_err(PayloadError::file("read", &path))?;
        if found.is_some_and(|found| found != request.target.platform) {
            foreign.push(path.strip_prefix(request.out).unwrap_or(&path).display().to_string());
        }
    }
    if foreign.is_empty() {
        return Ok(());
    }
    let named = foreign[..foreign.len().min(MOST_NAMED)].join(", ");
    let more = foreign.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let system = machine::name_of(request.target.platform);
    request.progress.warn(&format!("Not for {system}: {named}{more}"));
    Ok(())
}

/// Reads a file only when its first bytes are those of a program or library.
fn platform(path: &std::path::Path) -> std::io::Result<Option<ensconce_manifest::Platform>> {
    if !path.is_file() {
        return Ok(None);
    }
    let mut first = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut first)?;
    let is_binary = first == b"\x7fELF"
        || first.starts_with(b"MZ")
        || matches!(first.as_slice(), [0xcf | 0xce, 0xfa, 0xed, 0xfe] | [0xca, 0xfe, 0xba, 0xbe]);
    if !is_binary {
        return Ok(None);
    }
    Ok(machine::platform(&std::fs::read(path)?))
}
