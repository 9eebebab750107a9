//! Releases of the BEAM, which `mix release` makes: whether they run on other machines.

use std::fs;
use std::path::{Path, PathBuf};

use crate::walk::Walk;
use crate::{PayloadError, Request};

/// Warns of each release among the app's files that needs something of the build machine.
pub(crate) fn check(request: &Request<'_>) -> Result<(), PayloadError> {
    let app = request.out.join("app");
    let files = Walk { with_ignored: true, without: &[] }.files(&app)?;
    let marks = files.iter().filter(|file| file.ends_with("releases/start_erl.data"));
    for release in marks.filter_map(|mark| mark.parent()?.parent()) {
        let name = release.strip_prefix(&app).unwrap_or(release).display().to_string();
        for fault in faults(release, request.folder)? {
            request.progress.warn(&format!("The release in `{name}` {fault}"));
        }
    }
    Ok(())
}

fn faults(release: &Path, folder: &Path) -> Result<Vec<String>, PayloadError> {
    let mark = release.join("releases/start_erl.data");
    let text = fs::read_to_string(&mark).map_err(PayloadError::file("read", &mark))?;
    let version = text.split_whitespace().next().unwrap_or_default();
    let runtime = release.join(format!("erts-{version}"));
    let mut faults = Vec::new();
    if !runtime.join("bin/beam.smp").is_file() {
        faults
            .push("has no Erlang of its own; remove `include_erts: false` from mix.exs".to_owned());
    }
    // Erlang comes with more scripts than these, which a release does not use.
    let mut used = files_in(&release.join("bin"));
    used.push(runtime.join("bin/erl"));
    for script in used {
        let Ok(text) = fs::read_to_string(&script) else { continue };
        let folder = folder.to_string_lossy();
        if let Some(line) = text.lines().find(|line| names_machine(line, &folder)) {
            let script = script.strip_prefix(release).unwrap_or(&script).display();
            faults.push(format!("names this machine in `{script}`: {}", line.trim()));
        }
    }
    Ok(faults)
}

/// Reports whether a line of a script sets Erlang's root to a fixed place, or names the app's
/// folder.
fn names_machine(line: &str, folder: &str) -> bool {
    let fixed = line.trim_start().strip_prefix("ROOTDIR=");
    fixed.is_some_and(|value| value.trim_start_matches(['"', '\'']).starts_with('/'))
        || (folder.len() > 1 && line.contains(folder))
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}
