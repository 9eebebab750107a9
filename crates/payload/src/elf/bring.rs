//! Brings libraries of this machine along, beside what needs them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::binary::{Binary, Machine, expand};
use super::tree::{Tree, part};
use super::{Missing, patch};
use crate::{PayloadError, copy};

/// A library that was brought along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brought {
    /// Where it is on this machine.
    pub(crate) from: PathBuf,
    /// Where it is now.
    pub(crate) to: PathBuf,
    /// The file that needs it, relative to the folder.
    pub(crate) file: PathBuf,
}

impl std::fmt::Display for Brought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is included, for {}", self.from.display(), self.file.display())
    }
}

/// Copies what the files below `root` miss from this machine into `into`, which is below `root`
/// too, and makes all that need it find it wherever `root` is moved. Returns the copies.
///
/// A library that is in the file's own part already is not brought: the file is made to find it.
/// The `system` libraries are those that each user's system has. What this machine has not is left
/// for [`super::needs`] to report.
pub(crate) fn bring_along(
    root: &Path,
    into: &Path,
    system: &[String],
) -> Result<Vec<Brought>, PayloadError> {
    let inside = into.strip_prefix(root).unwrap_or(into).to_owned();
    let mut bringing = Bringing {
        root,
        tree: Tree::read(root)?,
        into: inside,
        known: None,
        origins: HashMap::new(),
        brought: Vec::new(),
    };
    // What is brought has needs of its own, which the next round finds.
    loop {
        let mut progressed = false;
        for missing in bringing.tree.missing(system) {
            progressed |= bringing.bring(&missing)?;
        }
        if !progressed {
            return Ok(bringing.brought);
        }
    }
}

struct Bringing<'a> {
    root: &'a Path,
    tree: Tree,
    /// The folder of what is brought, relative to the root.
    into: PathBuf,
    /// What the machine's loader knows, once it was asked.
    known: Option<HashMap<String, Vec<PathBuf>>>,
    /// The folders that brought files come from.
    origins: HashMap<PathBuf, PathBuf>,
    brought: Vec<Brought>,
}

impl Bringing<'_> {
    /// Makes a file find a library; false when that cannot be.
    fn bring(&mut self, missing: &Missing) -> Result<bool, PayloadError> {
        let place = self.place(missing);
        if self.tree.resolve(&place).is_none() {
            let Some(from) = self.locate(missing) else { return Ok(false) };
            let to = self.root.join(&place);
            copy::file(&from, &to)?;
            self.tree.add(place.clone())?;
            self.origins.insert(place.clone(), folder_of(&from));
            self.brought.push(Brought { from, to, file: missing.file.clone() });
        }
        let relative = relative(&folder_of(&missing.file), &folder_of(&place));
        let Some(binary) = self.tree.binary(&missing.file) else { return Ok(false) };
        if looks_in(binary, &relative) {
            return Ok(false);
        }
        patch::add_search_path(&self.root.join(&missing.file), &relative)?;
        self.tree.add(missing.file.clone())?;
        Ok(true)
    }

    /// Where the library is or has to be: in the file's own part, if there is one already.
    fn place(&self, missing: &Missing) -> PathBuf {
        let near = missing.elsewhere.as_ref().filter(|path| part(path) == part(&missing.file));
        near.cloned().unwrap_or_else(|| self.into.join(&missing.library))
    }

    /// Finds a library of this machine, as its loader would for the file's original.
    fn locate(&mut self, missing: &Missing) -> Option<PathBuf> {
        let binary = self.tree.binary(&missing.file)?;
        let origin = self.origins.get(&missing.file);
        let own_paths = binary.runpath.iter().chain(&binary.rpath).filter_map(|entry| {
            let relative = origin.and_then(|origin| expand(entry, origin));
            relative.or_else(|| entry.starts_with('/').then(|| PathBuf::from(entry)))
        });
        let own: Vec<PathBuf> = own_paths.map(|folder| folder.join(&missing.library)).collect();
        let known = self.known.get_or_insert_with(known_libraries);
        let known = known.get(&missing.library).into_iter().flatten();
        own.iter().chain(known).find(|path| fits(path)).and_then(|path| path.canonicalize().ok())
    }
}

fn fits(path: &Path) -> bool {
    matches!(Binary::read(path), Ok(Some(binary)) if binary.machine == Machine::own())
}

fn looks_in(binary: &Binary, relative: &str) -> bool {
    let paths = if binary.runpath.is_empty() { &binary.rpath } else { &binary.runpath };
    let here = Path::new("/");
    let wanted = here.join(relative);
    paths.iter().filter_map(|entry| expand(entry, here)).any(|folder| folder == wanted)
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

/// The way from one folder to another, both relative to the same place.
fn relative(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into());
    up.chain(down).collect::<Vec<String>>().join("/")
}

/// Asks the machine's loader for all the libraries that it knows, by name.
fn known_libraries() -> HashMap<String, Vec<PathBuf>> {
    let mut known: HashMap<String, Vec<PathBuf>> = HashMap::new();
    // It is often not on the path of users.
    let output = ["ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"]
        .iter()
        .find_map(|program| Command::new(program).arg("-p").output().ok());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    for line in text.unwrap_or_default().lines() {
        if let Some((left, path)) = line.split_once(" => ") {
            let name = left.split_whitespace().next().unwrap_or_default().to_owned();
            known.entry(name).or_default().push(PathBuf::from(path.trim()));
        }
    }
    known
}
