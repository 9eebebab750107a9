//! The files of the crate use each other in one direction only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Modules by their paths, such as `run::roster`, with those that they use.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_files_use_each_other_in_a_cycle() {
    let uses = uses();
    assert!(uses.len() > 40, "where are the files? {:?}", uses.keys());
    let cycles: Vec<String> = uses.keys().filter_map(|module| cycle_from(module, &uses)).collect();
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

/// What a file uses of others is named by where it is, not by what the crate shows to all: else
/// every file would seem to use the root, and the root uses every file.
#[test]
fn files_name_each_other_by_their_modules() {
    let modules: BTreeSet<String> = uses().into_keys().collect();
    let name = Regex::new(r"\bcrate::(\w+)").unwrap();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let unknown: Vec<&str> = name
            .captures_iter(&text)
            .map(|found| found.get(1).unwrap().as_str())
            .filter(|first| !modules.contains(*first))
            .collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", file.display());
    }
}

fn uses() -> Uses {
    let files: Vec<(String, PathBuf)> =
        sources().into_iter().map(|file| (module_of(&file), file)).collect();
    let modules: BTreeSet<String> = files.iter().map(|(module, _)| module.clone()).collect();
    files.iter().map(|(module, file)| (module.clone(), used_by(module, file, &modules))).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files but the root, and tests, which look at what is inside.
fn sources() -> Vec<PathBuf> {
    let mut folders = vec![folder()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("lib.rs") && !path.ends_with("tests.rs") {
                files.push(path);
            }
        }
    }
    files
}

fn module_of(file: &Path) -> String {
    let below = file.strip_prefix(folder()).unwrap().with_extension("");
    let parts: Vec<&str> = below.iter().map(|part| part.to_str().unwrap()).collect();
    parts.join("::")
}

/// Returns the modules that a file names, by `crate::` or `super::`; a parent or child of its own is
/// no other file in this sense.
fn used_by(module: &str, file: &Path, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    // `use a::{b, c}` names both.
    let path = Regex::new(r"\b((?:crate|super)(?:::\w+)*)(?:::\{([^}]*)\})?").unwrap();
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut used = BTreeSet::new();
    for found in path.captures_iter(text) {
        let start = found.get(1).unwrap().as_str();
        let items = found.get(2).map_or("", |items| items.as_str());
        for item in items.split(',').map(str::trim) {
            let whole = if item.is_empty() { start.to_owned() } else { format!("{start}::{item}") };
            let whole = match whole.split_once("::") {
                Some(("crate", rest)) => rest.to_owned(),
                Some(("super", rest)) if parent.is_empty() => rest.to_owned(),
                Some(("super", rest)) => format!("{parent}::{rest}"),
                _ => continue,
            };
            used.extend(longest_module(&whole, modules));
        }
    }
    used.retain(|other| !are_related(module, other));
    used
}

fn longest_module(path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut path = path.to_owned();
    loop {
        if modules.contains(&path) {
            return Some(path);
        }
        path.truncate(path.rfind("::")?);
    }
}

fn are_related(one: &str, other: &str) -> bool {
    let is_below = |child: &str, parent: &str| {
        child == parent || child.strip_prefix(parent).is_some_and(|rest| rest.starts_with("::"))
    };
    is_below(one, other) || is_below(other, one)
}

fn cycle_from(start: &str, uses: &Uses) -> Option<String> {
    let mut paths = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in &uses[path.last().unwrap()] {
            let longer: Vec<String> = path.iter().cloned().chain([next.clone()]).collect();
            if next == start {
                return Some(longer.join(" -> "));
            }
            if seen.insert(next.clone()) {
                paths.push(longer);
            }
        }
    }
    None
}
