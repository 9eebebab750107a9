//! The files of the crate use each other in one direction only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use syn::visit::Visit;
use syn::{Ident, Item, ItemMod, ItemUse, UseName, UseRename, UseTree};

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

/// Returns the modules that a file names, however it names them.
fn used_by(module: &str, file: &Path, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let mut names = Names { module, modules, imported: BTreeMap::new(), used: BTreeSet::new() };
    let file = syn::parse_file(&text).unwrap();
    // Imports first: they may stand below what uses them.
    for item in &file.items {
        if let Item::Use(item) = item {
            names.visit_item_use(item);
        }
    }
    names.visit_file(&file);
    names.used.remove(module);
    names.used
}

/// Collects what a file names.
struct Names<'a> {
    module: &'a str,
    modules: &'a BTreeSet<String>,
    /// Modules by the names that the file has given them.
    imported: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Names<'_> {
    /// Takes in one path of the file, and the name that an import gives it.
    fn take(&mut self, path: &[String], name: Option<&str>) {
        let Some(whole) = self.root_path(path) else { return };
        let Some(found) = longest_module(&whole, self.modules) else { return };
        if let Some(name) = name.filter(|_| found == whole) {
            self.imported.insert(name.to_owned(), whole);
        }
        self.used.insert(found);
    }

    /// Returns a path as it is from the crate's root, if it leads to something of the crate.
    fn root_path(&self, path: &[String]) -> Option<String> {
        let mut at: Vec<&str> = self.module.split("::").collect();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                at.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    at.pop();
                    rest = &rest[1..];
                }
            }
            first => match self.imported.get(first) {
                Some(imported) => {
                    at = imported.split("::").collect();
                    rest = &path[1..];
                }
                // A child of this file, or nothing of the crate.
                None if self.modules.contains(&format!("{}::{first}", self.module)) => {}
                None => return None,
            },
        }
        at.extend(rest.iter().map(String::as_str));
        Some(at.join("::"))
    }

    fn take_tree(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.take_tree(&path.tree, before);
                before.pop();
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.take_tree(tree, before));
            }
            UseTree::Glob(_) => self.take(before, None),
            UseTree::Name(name) if name.ident == "self" => {
                let last = before.last().cloned();
                self.take(before, last.as_deref());
            }
            UseTree::Name(UseName { ident }) => self.take_named(ident, ident, before),
            UseTree::Rename(UseRename { ident, rename, .. }) => {
                self.take_named(ident, rename, before);
            }
        }
    }

    fn take_named(&mut self, ident: &Ident, name: &Ident, before: &mut Vec<String>) {
        before.push(ident.to_string());
        self.take(before, Some(&name.to_string()));
        before.pop();
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.take_tree(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.take(&parts, None);
        syn::visit::visit_path(self, path);
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// What is within a macro's parentheses can be anything; paths of the crate are found all the
    /// same.
    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let text = called.tokens.to_string();
        let path = Regex::new(r"\b(?:crate|super)(?:\s*::\s*\w+)+").unwrap();
        for found in path.find_iter(&text) {
            let parts: Vec<String> =
                found.as_str().split("::").map(|part| part.trim().to_owned()).collect();
            self.take(&parts, None);
        }
        self.visit_path(&called.path);
    }

    /// Tests look at what is inside.
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<Ident>().is_ok_and(|what| what == "test")
        };
        if !item.attrs.iter().any(is_test) {
            syn::visit::visit_item_mod(self, item);
        }
    }
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

/// Returns a cycle through a module, if there is one; a file and one right below it belong together.
fn cycle_from(start: &str, uses: &Uses) -> Option<String> {
    let mut paths = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in &uses[path.last().unwrap()] {
            let longer: Vec<String> = path.iter().cloned().chain([next.clone()]).collect();
            if next == start {
                if longer.len() > 3 || !is_parent_and_child(&longer[0], &longer[1]) {
                    return Some(longer.join(" -> "));
                }
            } else if seen.insert(next.clone()) {
                paths.push(longer);
            }
        }
    }
    None
}

fn is_parent_and_child(one: &str, other: &str) -> bool {
    let parent_of = |module: &str| module.rsplit_once("::").map(|(parent, _)| parent.to_owned());
    parent_of(one).as_deref() == Some(other) || parent_of(other).as_deref() == Some(one)
}

#[test]
fn imports_are_found_however_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.rs");
    let modules = ["run", "run::app", "run::start", "run::start::bound", "data", "view"];
    let modules = modules.map(str::to_owned).into();
    for (text, expected) in [
        ("use crate::{run::{app::{self, App}, start}, view};", vec!["run::app", "view"]),
        ("pub(super) fn f(&self) { self.go() }", vec![]),
        ("use super::super::view::Words;", vec!["view"]),
        ("use super::app as other; fn f() { other::go(); }", vec!["run::app"]),
        ("use crate::data; fn f() -> data::Care { data::go() }", vec!["data"]),
        ("mod bound; pub use bound::Bound;", vec!["run::start::bound"]),
        ("#[cfg(test)] mod tests { use crate::view; } use crate::data::*;", vec!["data"]),
        ("fn f() { crate::view::go(std::fs::read(1)) }", vec!["view"]),
        ("fn f() { format!(\"{}\", crate::view::go()) }", vec!["view"]),
    ] {
        fs::write(&file, text).unwrap();
        let used: Vec<String> = used_by("run::start", &file, &modules).into_iter().collect();
        assert_eq!(used, expected, "{text}");
    }
}
