//! Checks `[build]`.

use super::address::check_url;
use super::context::Context;
use super::place::Place;
use crate::diagnostics::Finding;
use crate::model::{BuildPython, PythonSource};
use crate::words::{and_list, quote};

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    if context.faults.in_section("build") {
        return Vec::new();
    }
    let place = context.root.get("build");
    let build = &context.manifest.build;
    let mut findings = Vec::new();
    for (index, step) in build.steps.iter().enumerate() {
        let command = place.get("step").item(index).get("command");
        findings.extend(super::jobs::empty_program(&step.command, &command));
    }
    if let Some(python) = &build.python {
        findings.extend(check_python(python, &place.get("python")));
    }
    if let Some(node) = &build.node {
        findings.extend(fetched(node.url.as_deref(), node.sha256.is_some(), &place.get("node")));
    }
    for (name, program) in &build.programs {
        let place = place.get("program").get(name);
        findings.extend(taken_name(name, &place));
        let whose = format!("Program {}", quote(name));
        findings.extend(one_source(&whose, &["path", "url", "pyinstaller"], &place));
        findings.extend(fetched(program.url.as_deref(), program.sha256.is_some(), &place));
    }
    if let Some(appimage) = &build.appimage {
        let place = place.get("appimage");
        findings.extend(one_source("`build.appimage`", &["path", "url"], &place));
        findings.extend(fetched(appimage.url.as_deref(), appimage.sha256.is_some(), &place));
    }
    findings
}

fn check_python(python: &BuildPython, place: &Place<'_>) -> Vec<Finding> {
    let is_local = python.source == Some(PythonSource::Local);
    let mut findings = fetched(python.url.as_deref(), python.sha256.is_some(), place);
    if let Some(mirror) = &python.mirror {
        findings.extend(bad_url(mirror, &place.get("mirror")));
    }
    let not_for_local = ["version", "release", "mirror", "url", "sha256"];
    let wrong: &[&str] = if is_local { &not_for_local } else { &["interpreter"] };
    for key in wrong.iter().filter(|key| place.get(key).exists()) {
        let (source, other) =
            if is_local { ("local", "standalone") } else { ("standalone", "local") };
        findings.push(
            Finding::new(
                place.get(key).key_range(),
                format!("`{key}` has no effect with `source = \"{source}\"`"),
            )
            .hint(format!("Remove it, or write `source = \"{other}\"`")),
        );
    }
    let complete = python.url.is_some() || (python.version.is_some() && python.release.is_some());
    if !is_local && !complete {
        findings.push(
            Finding::new(place.key_range(), "`build.python` does not say which interpreter")
                .hint("Write `version`, `release` and `sha256` of a python-build-standalone archive, or `source = \"local\"`"),
        );
    }
    findings
}

/// A program gets a folder of its own name, beside those of the app's Python and Node.
fn taken_name(name: &str, place: &Place<'_>) -> Option<Finding> {
    let (what, hint) = match name {
        "python" => ("the app's Python", "Choose another name, or write `[build.python]`"),
        "node" => ("the app's Node", "Choose another name, or write `[build.node]`"),
        "libraries" => ("shared libraries", "Choose another name"),
        _ => return None,
    };
    let message =
        format!("A program cannot be named {}: that is the folder of {what}", quote(name));
    Some(Finding::new(place.key_range(), message).hint(hint))
}

/// Checks that exactly one key says where something comes from.
fn one_source(whose: &str, sources: &[&str], place: &Place<'_>) -> Option<Finding> {
    let present: Vec<&str> =
        sources.iter().copied().filter(|key| place.get(key).exists()).collect();
    match present.as_slice() {
        [_] => None,
        [] => {
            let keys = sources.iter().map(|key| match *key {
                "url" => "`url` with `sha256`".to_owned(),
                key => quote(key),
            });
            let keys = keys.collect::<Vec<_>>().join(" or ");
            let message = format!("{whose} does not say where it comes from");
            Some(Finding::new(place.range(), message).hint(format!("Write {keys}")))
        }
        [.., last] => {
            let present = and_list(present.iter().copied());
            let finding = Finding::new(
                place.get(last).key_range(),
                format!("{whose} has {present}, but only one is allowed"),
            );
            Some(finding.hint("Keep one of them"))
        }
    }
}

/// Checks that a download has a hash.
fn fetched(url: Option<&str>, has_hash: bool, place: &Place<'_>) -> Vec<Finding> {
    let Some(url) = url else { return Vec::new() };
    let mut findings: Vec<Finding> = bad_url(url, &place.get("url")).into_iter().collect();
    if !has_hash {
        findings.push(Finding::new(place.get("url").key_range(), "`url` has no `sha256`").hint(
            "Add the SHA-256 that its publisher states, so that nobody else can change the file",
        ));
    }
    findings
}

fn bad_url(url: &str, place: &Place<'_>) -> Option<Finding> {
    // A file that is already here is fetched, and checked, in the same way.
    if url.starts_with("file:///") {
        return None;
    }
    // A template counts as plain text here.
    let why = check_url(&url.replace("{target}", "target")).err()?;
    let message = format!("{} is not a valid URL: {why}", quote(url));
    Some(Finding::new(place.range(), message).hint("Write it as `https://example.com/file.tar.gz`"))
}
