//! Takes out what an installed app does not use.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use goblin::elf::Elf;

use super::tree::{self, Patterns};
use crate::PayloadError;

/// What stays out of the interpreter: what builds or tests it, and Tk, which needs a display
/// library of its own. `!pattern` in the manifest keeps a thing.
const INTERPRETER: &str = "\
/include/
/share/man/
/lib*/pkgconfig/
*.a
/bin/*
!/bin/python
!/bin/python3
!/bin/python3.[0-9]
!/bin/python3.[0-9][0-9]
/lib*/python3*/config-*/
/lib*/python3*/ensurepip/
/lib*/python3*/EXTERNALLY-MANAGED
/lib*/python3*/idlelib/
/lib*/python3*/lib2to3/
/lib*/python3*/test/
/lib*/python3*/*/test/
/lib*/python3*/*/tests/
/lib*/python3*/tkinter/
/lib*/python3*/turtle.py
/lib*/python3*/turtledemo/
/lib*/python3*/lib-dynload/_ctypes_test*
/lib*/python3*/lib-dynload/_test*
/lib*/python3*/lib-dynload/_tkinter*
/lib*/python3*/lib-dynload/_xxtestfuzz*
/lib*/python3*/lib-dynload/xxlimited*
/lib*/itcl*/
/lib*/libtcl*
/lib*/libtk*
/lib*/tcl*/
/lib*/tdbc*/
/lib*/thread[0-9]*/
/lib*/tk*/
__pycache__/
";

/// What stays out of packages.
const PACKAGES: &str = "*.a";

/// What packages bring compiled, perhaps for other versions.
const COMPILED: &str = "__pycache__/";

/// Thins out an interpreter.
pub(super) fn interpreter(root: &Path, more: &[String]) -> Result<(), PayloadError> {
    Patterns::new(root, INTERPRETER, more)?.thin_out(root)?;
    remove_unused_library(root)
}

/// Thins out the packages that are installed into a folder.
pub(super) fn packages(root: &Path, site: &Path, more: &[String]) -> Result<(), PayloadError> {
    let patterns = Patterns::new(root, PACKAGES, more)?;
    patterns.thin_out(root)?;
    Patterns::new(site, COMPILED, &[])?.thin_out(site)?;
    remove_tests(site, &patterns)
}

/// Removes the interpreter as a library, tens of megabytes, when the program does not use it.
fn remove_unused_library(root: &Path) -> Result<(), PayloadError> {
    let libraries: Vec<PathBuf> = tree::entries(&root.join("lib"))?
        .into_iter()
        .filter(|path| file_name(path).starts_with("libpython") && file_name(path).contains(".so"))
        .collect();
    if libraries.is_empty() {
        return Ok(());
    }
    let mut needed = HashSet::new();
    for path in tree::files(root)? {
        let name = file_name(&path);
        if name.contains(".so") || path.parent().is_some_and(|folder| folder.ends_with("bin")) {
            needed.extend(needed_libraries(&path)?);
        }
    }
    for library in libraries {
        if !needed.contains(file_name(&library).as_ref()) {
            tree::remove(&library)?;
        }
    }
    Ok(())
}

/// The shared libraries that a file asks for; none if it is not an ELF file.
fn needed_libraries(path: &Path) -> Result<Vec<String>, PayloadError> {
    let bytes = fs::read(path).map_err(PayloadError::file("read", path))?;
    let file = Elf::parse(&bytes);
    let needed = file.map(|file| file.libraries.into_iter().map(str::to_owned).collect());
    Ok(needed.unwrap_or_default())
}

/// Removes the tests of packages, where nothing refers to them.
fn remove_tests(site: &Path, patterns: &Patterns) -> Result<(), PayloadError> {
    let folders = test_folders(site)?;
    if folders.is_empty() {
        return Ok(());
    }
    let mentioned = mentions(site, &folders)?;
    for folder in folders.iter().filter(|folder| !patterns.keep(folder)) {
        // A folder of tests may lie in another one, which is gone.
        if !mentioned.contains(folder) && folder.is_dir() {
            tree::remove(folder)?;
        }
    }
    Ok(())
}

/// Folders `tests` and `test` inside packages that hold test modules and no compiled ones.
fn test_folders(site: &Path) -> Result<Vec<PathBuf>, PayloadError> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        tree::entries(site)?.into_iter().filter(|path| tree::is_folder(path)).collect();
    while let Some(folder) = folders.pop() {
        for path in tree::entries(&folder)?.into_iter().filter(|path| tree::is_folder(path)) {
            if matches!(file_name(&path).as_ref(), "tests" | "test") && holds_tests(&path)? {
                found.push(path);
            } else {
                folders.push(path);
            }
        }
    }
    Ok(found)
}

fn holds_tests(folder: &Path) -> Result<bool, PayloadError> {
    let files = tree::files(folder)?;
    let is_test = |path: &PathBuf| {
        let name = file_name(path);
        name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
    };
    Ok(files.iter().any(is_test))
}

/// The folders of tests that something outside of them may load.
fn mentions(site: &Path, folders: &[PathBuf]) -> Result<HashSet<PathBuf>, PayloadError> {
    let mut mentioned = HashSet::new();
    for path in tree::files(site)? {
        let readable = path.extension().is_some_and(|end| end == "py" || end == "txt");
        if !readable || folders.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let text = fs::read(&path).map_err(PayloadError::file("read", &path))?;
        // Most lines have nothing to do with tests.
        let text = String::from_utf8_lossy(&text);
        let text: Vec<&str> = text.lines().filter(|line| line.contains("test")).collect();
        let text = text.join("\n");
        for folder in folders.iter().filter(|folder| mentions_folder(&path, &text, folder, site)) {
            mentioned.insert(folder.clone());
        }
    }
    Ok(mentioned)
}

/// Reports whether a file may load what is in a folder: it says its full name, or it is of the same
/// package and says the last part of it where it imports something.
fn mentions_folder(path: &Path, text: &str, folder: &Path, site: &Path) -> bool {
    let inner = folder.strip_prefix(site).unwrap_or(folder);
    let parts: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
    if text.contains(&parts.join(".")) || text.contains(&parts.join("/")) {
        // RECORD and SOURCES.txt name every file; entry_points.txt names what is loaded.
        return path.extension().is_some_and(|end| end == "py")
            || path.ends_with("entry_points.txt");
    }
    let (Some(package), Some(name)) = (inner.iter().next(), parts.last()) else { return false };
    let same_package = path.starts_with(site.join(package));
    same_package && text.lines().any(|line| line.contains("import") && has_word(line, name))
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|part| part == word)
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
