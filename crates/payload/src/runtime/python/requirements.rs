//! Requirements files: what they refer to, and whether they fix what is installed.

use std::fs;
use std::path::{Path, PathBuf};

use super::dependencies::inside;
use super::error::PythonError;
use crate::PayloadError;

/// What a requirements file says, with those that it includes.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    /// Whether it has hashes, so that nothing else can be installed.
    pub(super) hashed: bool,
    /// The files that it includes, and the app's own files that it installs.
    pub(super) local: Vec<PathBuf>,
}

/// A line that is not the name of a package.
#[derive(Debug, PartialEq)]
enum Line<'a> {
    Include(&'a str),
    Editable(&'a str),
    Local(&'a str),
    Other,
}

impl Requirements {
    /// Reads a file and those that it includes; refuses what would not be in the package.
    pub(super) fn read(file: &Path, app: &Path) -> Result<Self, PayloadError> {
        let mut found = Self::default();
        let mut files = vec![file.to_owned()];
        let mut at = 0;
        while let Some(file) = files.get(at).cloned() {
            found.add(&file, app, &mut files)?;
            at += 1;
        }
        found.local.extend(files.into_iter().skip(1));
        Ok(found)
    }

    fn add(
        &mut self,
        file: &Path,
        app: &Path,
        files: &mut Vec<PathBuf>,
    ) -> Result<(), PayloadError> {
        let text = fs::read_to_string(file).map_err(PayloadError::file("read", file))?;
        let text = text.replace("\\\r\n", " ").replace("\\\n", " ");
        let folder = file.parent().unwrap_or(app);
        for line in text.lines().map(without_comment).filter(|line| !line.is_empty()) {
            self.hashed |= line.contains("--hash=") || line == "--require-hashes";
            match kind(line) {
                Line::Other => {}
                Line::Include(name) if name.contains("://") => {}
                Line::Include(name) => {
                    let path = folder.join(name);
                    if !files.contains(&path) {
                        files.push(path);
                    }
                }
                Line::Editable(place) => {
                    return Err(PythonError::Editable {
                        package: line.to_owned(),
                        place: folder.join(place).display().to_string(),
                    }
                    .into());
                }
                Line::Local(place) => {
                    let place = folder.join(place);
                    if !inside(&place, app) {
                        let package = line.to_owned();
                        return Err(PythonError::Outside { package, place }.into());
                    }
                    self.local.push(place);
                }
            }
        }
        Ok(())
    }
}

/// A comment begins a line, or follows a blank: `#` is also part of addresses.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    line.find(" #").or_else(|| line.find("\t#")).map_or(line, |at| line[..at].trim_end())
}

fn kind(line: &str) -> Line<'_> {
    let option = |names: &[&str]| {
        names.iter().find_map(|name| {
            let rest = line.strip_prefix(name)?;
            let short = !name.starts_with("--");
            let value = rest.trim_start_matches(['=', ' ', '\t']);
            (short || rest.len() > value.len()).then_some(value)
        })
    };
    if let Some(value) = option(&["--requirement", "--constraint", "-r", "-c"]) {
        return Line::Include(value);
    }
    if let Some(value) = option(&["--editable", "-e"]) {
        return Line::Editable(value);
    }
    let place = line.split_once(" @ ").map_or(line, |(_, place)| place);
    let place = place.split([' ', ';', '[']).next().unwrap_or(place);
    if let Some(path) = place.strip_prefix("file://").or_else(|| place.strip_prefix("file:")) {
        return Line::Local(path);
    }
    let is_path = place == "." || ["./", "../", "/"].iter().any(|start| place.starts_with(start));
    if is_path { Line::Local(place) } else { Line::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_refer_to_files_are_known() {
        assert_eq!(kind("-r more.txt"), Line::Include("more.txt"));
        assert_eq!(kind("-rmore.txt"), Line::Include("more.txt"));
        assert_eq!(kind("--requirement=more.txt"), Line::Include("more.txt"));
        assert_eq!(kind("--constraint c.txt"), Line::Include("c.txt"));
        assert_eq!(kind("--require-hashes"), Line::Other);
        assert_eq!(kind("-e ."), Line::Editable("."));
        assert_eq!(kind("./libs/a[x]"), Line::Local("./libs/a"));
        assert_eq!(kind("a @ file:///b/c ; x"), Line::Local("/b/c"));
        assert_eq!(kind("a @ https://b/c.whl"), Line::Other);
        assert_eq!(kind("a==1 --hash=sha256:0"), Line::Other);
        assert_eq!(kind("--extra-index-url https://x"), Line::Other);
    }

    #[test]
    fn comments_are_no_part_of_addresses() {
        assert_eq!(without_comment("# x"), "");
        assert_eq!(without_comment("a==1  # why"), "a==1");
        assert_eq!(without_comment("a @ https://b#egg=a"), "a @ https://b#egg=a");
    }
}
