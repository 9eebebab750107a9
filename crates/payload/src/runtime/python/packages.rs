//! Makes installed packages independent of the folder and the machine that they were installed on.

use std::collections::HashMap;
use std::fs;
use std::path::{Component as Part, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::components::dist_infos;
use super::error::PythonError;
use super::tree;
use crate::{PayloadError, Progress};

/// What `uv` leaves beside a package about its own cache, times among it.
const LEFT_BY_UV: &[&str] = &["uv_cache.json", "uv_build.json"];

/// Refuses packages that are only references to folders of this machine.
pub(super) fn refuse_references(site: &Path) -> Result<(), PayloadError> {
    for info in dist_infos(site)? {
        let path = info.join("direct_url.json");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let url: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        if url["dir_info"]["editable"] == true {
            let package = package_name(&info);
            let place = url["url"].as_str().unwrap_or_default().to_owned();
            return Err(PythonError::Editable { package, place }.into());
        }
    }
    for path in tree::entries(site)? {
        if path.extension().is_some_and(|end| end == "pth") {
            refuse_outside_lines(&path)?;
        }
    }
    Ok(())
}

/// Each line of a `.pth` file is a folder to look in, or begins with `import`.
fn refuse_outside_lines(path: &Path) -> Result<(), PayloadError> {
    let bytes = fs::read(path).map_err(PayloadError::file("read", path))?;
    let text = String::from_utf8_lossy(&bytes);
    match text.lines().map(str::trim).find(|line| Path::new(line).is_absolute()) {
        None => Ok(()),
        Some(line) => {
            let package = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Err(PythonError::Editable { package, place: line.to_owned() }.into())
        }
    }
}

/// Says which packages were built for no more than this kind of system.
pub(super) fn tell_built_here(site: &Path, progress: &dyn Progress) -> Result<(), PayloadError> {
    let mut built = Vec::new();
    for info in dist_infos(site)? {
        let wheel = fs::read_to_string(info.join("WHEEL")).unwrap_or_default();
        if wheel.lines().any(|line| line.starts_with("Tag: ") && line.contains("-linux_")) {
            built.push(package_name(&info));
        }
    }
    if !built.is_empty() {
        progress.warn(&format!(
            "Built with this machine's own tools, so they may need a system as new as this one: {}",
            built.join(", ")
        ));
    }
    Ok(())
}

/// Takes the machine out of console scripts and of what installers note down.
pub(super) fn make_movable(
    root: &Path,
    sites: &[PathBuf],
    scripts: &Path,
) -> Result<(), PayloadError> {
    for path in tree::entries(scripts)? {
        if path.is_file() && !tree::is_link(&path) {
            make_script_movable(root, &path)?;
        }
    }
    for site in sites {
        for info in dist_infos(site)? {
            forget_origin(&info)?;
            rewrite_record(site, &info)?;
        }
    }
    Ok(())
}

fn forget_origin(info: &Path) -> Result<(), PayloadError> {
    for name in LEFT_BY_UV {
        let path = info.join(name);
        if path.exists() {
            tree::remove(&path)?;
        }
    }
    let path = info.join("direct_url.json");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let url: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if url["url"].as_str().is_some_and(|url| url.starts_with("file:")) {
        tree::remove(&path)?;
    }
    Ok(())
}

/// Lets a script find the interpreter beside it, wherever both are, blanks in the path or not.
fn make_script_movable(root: &Path, path: &Path) -> Result<(), PayloadError> {
    let bytes = fs::read(path).map_err(PayloadError::file("read", path))?;
    let Some(rest) = after_python_shebang(&bytes) else { return Ok(()) };
    let folder = path.parent().unwrap_or(path);
    let to_interpreter = relative(folder, &root.join("bin"));
    let mut text = format!(
        "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")/{to_interpreter}python3\" \
         \"$0\" \"$@\"\n' '''\n"
    )
    .into_bytes();
    text.extend_from_slice(rest);
    fs::write(path, text).map_err(PayloadError::file("write", path))
}

/// What follows the lines that start Python: `#!/a/python3`, or the shell's way around long paths.
fn after_python_shebang(bytes: &[u8]) -> Option<&[u8]> {
    let (first, rest) = split_line(bytes.strip_prefix(b"#!")?);
    let first = String::from_utf8_lossy(first);
    if first.trim() == "/bin/sh" {
        let (second, rest) = split_line(rest);
        return second.starts_with(b"'''exec'").then(|| split_line(rest).1);
    }
    let program = first.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    program.take(2).any(|name| name.starts_with("python")).then_some(rest)
}

fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

/// The way from one folder to another, ending in `/` unless they are the same.
fn relative(from: &Path, to: &Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "../".to_owned());
    let down = to.components().skip(common).map(|part| format!("{}/", part.as_os_str().display()));
    up.chain(down).collect()
}

/// Lets a package's list of files name those that there are, with the hashes that they have.
fn rewrite_record(site: &Path, info: &Path) -> Result<(), PayloadError> {
    let path = info.join("RECORD");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    let mut lines = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.rsplitn(3, ',').collect();
        let [_, hash, name] = fields.as_slice() else { continue };
        let file = plain(&site.join(unquoted(name)));
        if !file.is_file() {
            continue;
        }
        lines.push(if hash.is_empty() { line.to_owned() } else { record_line(name, &file)? });
    }
    lines.sort();
    fs::write(&path, lines.join("\n") + "\n").map_err(PayloadError::file("write", &path))
}

fn record_line(name: &str, file: &Path) -> Result<String, PayloadError> {
    let bytes = fs::read(file).map_err(PayloadError::file("read", file))?;
    Ok(format!("{name},sha256={},{}", base64_url(&Sha256::digest(&bytes)), bytes.len()))
}

fn unquoted(field: &str) -> String {
    let inner = field.strip_prefix('"').and_then(|field| field.strip_suffix('"'));
    inner.map_or_else(|| field.to_owned(), |inner| inner.replace("\"\"", "\""))
}

/// Without `..`, which must not be looked up through folders that may be gone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Part::ParentDir {
            plain.pop();
        } else {
            plain.push(part)
        }
    }
    plain
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// The console scripts that packages bring, by name.
pub(super) fn script_names(
    sites: &[PathBuf],
    scripts: &Path,
) -> Result<HashMap<String, PathBuf>, PayloadError> {
    let mut found = HashMap::new();
    for site in sites {
        for info in dist_infos(site)? {
            let text = fs::read_to_string(info.join("entry_points.txt")).unwrap_or_default();
            for name in entry_points(&text) {
                let path = scripts.join(&name);
                if path.is_file() {
                    found.insert(name, path);
                }
            }
        }
    }
    Ok(found)
}

fn entry_points(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_scripts = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            in_scripts = matches!(line, "[console_scripts]" | "[gui_scripts]");
        } else if in_scripts && let Some((name, _)) = line.split_once('=') {
            names.push(name.trim().to_owned());
        }
    }
    names
}

/// The name of a package by its `.dist-info` folder.
fn package_name(info: &Path) -> String {
    let stem = info.file_stem().unwrap_or_default().to_string_lossy();
    stem.split('-').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_start_python_are_found() {
        let after = |text: &'static str| after_python_shebang(text.as_bytes());
        assert_eq!(after("#!/a/bin/python\nx"), Some(b"x".as_slice()));
        assert_eq!(after("#!/usr/bin/env python3.12\nx"), Some(b"x".as_slice()));
        assert_eq!(
            after("#!/bin/sh\n'''exec' '/a b/python' \"$0\" \"$@\"\n' '''\nx"),
            Some(b"x".as_slice())
        );
        assert_eq!(after("#!/bin/sh\necho\n"), None);
        assert_eq!(after("\x7fELF"), None);
    }

    #[test]
    fn ways_between_folders_are_relative() {
        assert_eq!(relative(Path::new("/a/bin"), Path::new("/a/bin")), "");
        assert_eq!(relative(Path::new("/a/local/bin"), Path::new("/a/bin")), "../../bin/");
    }

    #[test]
    fn scripts_are_those_of_their_sections() {
        let text =
            "[console_scripts]\nuvicorn = uvicorn.main:main\n[x]\ny = z\n[gui_scripts]\nw=v:u\n";
        assert_eq!(entry_points(text), ["uvicorn", "w"]);
    }
}
