//! All ELF files of a folder, and what finds what.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::binary::{Binary, Machine, expand};
use super::{Missing, is_glibc};
use crate::PayloadError;

/// All ELF files of a folder that this processor can load, by their paths in it.
pub(super) struct Tree {
    root: PathBuf,
    binaries: BTreeMap<PathBuf, Binary>,
    /// Symbolic links, and the files that they lead to.
    links: BTreeMap<PathBuf, PathBuf>,
}

/// A file in the course of a search.
struct Loaded {
    file: PathBuf,
    loader: Option<Rc<Loaded>>,
}

/// What a search has come to.
struct Search<'a> {
    tree: &'a Tree,
    system: &'a [String],
    /// The names of what is loaded.
    names: HashSet<String>,
    files: BTreeSet<PathBuf>,
    missing: BTreeSet<Missing>,
}

impl Tree {
    pub(super) fn read(root: &Path) -> Result<Self, PayloadError> {
        let mut tree =
            Self { root: root.to_owned(), binaries: BTreeMap::new(), links: BTreeMap::new() };
        let canonical = root.canonicalize().map_err(PayloadError::file("read", root))?;
        for entry in ignore::WalkBuilder::new(root).standard_filters(false).build() {
            let entry = entry.map_err(|error| {
                PayloadError::file("read", root)(std::io::Error::other(error.to_string()))
            })?;
            let Some(kind) = entry.file_type() else { continue };
            let path = entry.path();
            let inside = path.strip_prefix(root).unwrap_or(path).to_owned();
            if kind.is_file() {
                tree.add(inside)?;
            } else if kind.is_symlink()
                && let Ok(target) = path.canonicalize()
                && let Ok(target) = target.strip_prefix(&canonical)
            {
                tree.links.insert(inside, target.to_owned());
            }
        }
        Ok(tree)
    }

    /// Reads a file, or reads it again after a change.
    pub(super) fn add(&mut self, inside: PathBuf) -> Result<(), PayloadError> {
        let path = self.root.join(&inside);
        let binary = Binary::read(&path).map_err(PayloadError::file("read", &path))?;
        match binary {
            Some(binary) if binary.machine == Machine::own() && !binary.is_foreign => {
                self.binaries.insert(inside, binary);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn binary(&self, inside: &Path) -> Option<&Binary> {
        self.binaries.get(inside)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&PathBuf, &Binary)> {
        self.binaries.iter()
    }

    /// The oldest glibc that has all that the files use.
    pub(super) fn glibc(&self) -> Option<(u32, u32)> {
        self.binaries.values().filter_map(|binary| binary.glibc).max()
    }

    /// Lists what is needed and not found, of a machine that has glibc and the `system` libraries.
    pub(super) fn missing(&self, system: &[String]) -> Vec<Missing> {
        let mut missing = BTreeSet::new();
        let mut reached = BTreeSet::new();
        let programs = self.files().filter(|(_, binary)| binary.is_program);
        for (program, _) in programs {
            let search = self.search(program, None, system);
            missing.extend(search.missing);
            reached.extend(search.files);
        }
        for (library, binary) in self.files() {
            if !binary.is_program && !reached.contains(library) {
                missing.extend(self.missing_of_library(library, system));
            }
        }
        missing.into_iter().collect()
    }

    fn missing_of_library(&self, library: &Path, system: &[String]) -> BTreeSet<Missing> {
        let alone = self.search(library, None, system).missing;
        let found_by_program =
            |program: &PathBuf| self.search(library, Some(program), system).missing.is_empty();
        if alone.is_empty() || self.programs_for(library).iter().any(found_by_program) {
            return BTreeSet::new();
        }
        alone
    }

    /// The programs that may open a library.
    fn programs_for(&self, library: &Path) -> Vec<PathBuf> {
        let programs = self.files().filter(|(_, binary)| binary.is_program);
        let all: Vec<PathBuf> = programs.map(|(path, _)| path.clone()).collect();
        let is_near = |program: &&PathBuf| part(program) == part(library);
        let near: Vec<PathBuf> = all.iter().filter(is_near).cloned().collect();
        if near.is_empty() { all } else { near }
    }

    /// Loads a file as the loader would; into a program that has started, if one is given.
    fn search<'a>(
        &'a self,
        file: &Path,
        program: Option<&PathBuf>,
        system: &'a [String],
    ) -> Search<'a> {
        let mut search = Search {
            tree: self,
            system,
            names: HashSet::new(),
            files: BTreeSet::new(),
            missing: BTreeSet::new(),
        };
        let loader = program.map(|program| {
            let program = Rc::new(Loaded { file: program.clone(), loader: None });
            search.load(program.clone());
            // What the program itself lacks is reported once, for the program.
            search.missing.clear();
            program
        });
        search.load(Rc::new(Loaded { file: file.to_owned(), loader }));
        search
    }

    /// Returns the ELF file behind a path in the folder, if there is one.
    pub(super) fn resolve(&self, path: &Path) -> Option<PathBuf> {
        let path = normalised(path)?;
        let path = self.links.get(&path).cloned().unwrap_or(path);
        if self.binaries.contains_key(&path) {
            return Some(path);
        }
        // A folder on the way may be a link.
        let canonical = self.root.join(&path).canonicalize().ok()?;
        let inside = canonical.strip_prefix(self.root.canonicalize().ok()?).ok()?.to_owned();
        self.binaries.contains_key(&inside).then_some(inside)
    }

    /// Finds a library by its name anywhere, best in the part of the file that needs it.
    fn elsewhere(&self, library: &str, file: &Path) -> Option<PathBuf> {
        let named = |path: &&PathBuf| path.file_name().is_some_and(|name| name == library);
        let mut paths: Vec<&PathBuf> =
            self.binaries.keys().chain(self.links.keys()).filter(named).collect();
        paths.sort_by_key(|path| part(path) != part(file));
        paths.first().map(|path| (*path).clone())
    }
}

impl Search<'_> {
    fn load(&mut self, first: Rc<Loaded>) {
        let mut queue = VecDeque::from([first]);
        while let Some(loaded) = queue.pop_front() {
            let Some(binary) = self.tree.binary(&loaded.file) else { continue };
            if !self.files.insert(loaded.file.clone()) {
                continue;
            }
            self.names.extend(binary.soname.clone());
            for library in &binary.needed {
                if let Some(found) = self.find(library, binary, &loaded) {
                    queue.push_back(Rc::new(Loaded { file: found, loader: Some(loaded.clone()) }));
                }
            }
        }
    }

    /// Finds a library that is not loaded yet.
    fn find(&mut self, library: &str, binary: &Binary, loaded: &Rc<Loaded>) -> Option<PathBuf> {
        if is_glibc(library) || self.system.iter().any(|name| name == library) {
            return None;
        }
        if self.names.contains(library) {
            return None;
        }
        let found = self.in_paths(library, binary, loaded);
        if found.is_some() {
            self.names.insert(library.to_owned());
        } else {
            self.missing.insert(Missing {
                file: loaded.file.clone(),
                library: library.to_owned(),
                elsewhere: self.tree.elsewhere(library, &loaded.file),
            });
        }
        found
    }

    fn in_paths(&self, library: &str, binary: &Binary, loaded: &Rc<Loaded>) -> Option<PathBuf> {
        let in_folders = |entries: &[String], file: &Path| {
            let origin = file.parent().unwrap_or(Path::new(""));
            let folders = entries.iter().filter_map(|entry| expand(entry, origin));
            folders.map(|folder| folder.join(library)).find_map(|path| self.tree.resolve(&path))
        };
        if !binary.runpath.is_empty() {
            return in_folders(&binary.runpath, &loaded.file);
        }
        let mut ancestor = Some(loaded);
        while let Some(now) = ancestor {
            let binary = self.tree.binary(&now.file)?;
            if binary.runpath.is_empty()
                && let Some(found) = in_folders(&binary.rpath, &now.file)
            {
                return Some(found);
            }
            ancestor = now.loader.as_ref();
        }
        None
    }
}

/// The part of the payload to which a file belongs: `app`, or one of `runtime/`.
pub(super) fn part(file: &Path) -> PathBuf {
    let count = if file.starts_with("runtime") { 2 } else { 1 };
    file.components().take(count).collect()
}

/// Takes `.` and `..` out of a relative path; none when it leads out.
pub(super) fn normalised(path: &Path) -> Option<PathBuf> {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => result.push(name),
            Component::CurDir => {}
            Component::ParentDir if result.pop() => {}
            _ => return None,
        }
    }
    Some(result)
}
