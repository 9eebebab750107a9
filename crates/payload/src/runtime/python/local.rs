//! An interpreter of this machine, made to run from any folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ensconce_manifest::BuildPython;
use ensconce_plan::python_candidates;

use super::error::PythonError;
use super::layout::Layout;
use super::tool;
use super::tree;
use crate::{Key, PayloadError, Request};

/// What `_sysconfigdata` and the like say instead of the folder that it was installed in here.
const NEUTRAL_PREFIX: &str = "/usr/local";

/// Finds the interpreter that the app uses here, and asks where its parts are.
pub(super) fn find(request: &Request<'_>, settings: &BuildPython) -> Result<Layout, PayloadError> {
    Layout::of_base(&interpreter(request, settings)?)
}

fn interpreter(request: &Request<'_>, settings: &BuildPython) -> Result<PathBuf, PayloadError> {
    if let Some(named) = &settings.interpreter {
        return named_interpreter(request, named);
    }
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let platform = request.target.platform;
    let candidates =
        python_candidates(request.manifest, platform, request.folder, active.as_deref());
    let found = candidates.into_iter().find(|path| path.exists());
    found.or_else(|| tool::on_path("python3")).ok_or_else(|| {
        let looked_for = "no virtual environment, and no `python3` on PATH".to_owned();
        PythonError::NoInterpreter { looked_for }.into()
    })
}

/// A name without a folder is looked for on `PATH`.
fn named_interpreter(request: &Request<'_>, named: &str) -> Result<PathBuf, PayloadError> {
    let path = request.folder.join(named);
    if path.is_file() {
        return Ok(path);
    }
    let bare = Path::new(named).components().count() == 1;
    let found = if bare { tool::on_path(named) } else { None };
    found.ok_or_else(|| {
        let looked_for = format!("`{named}`, which `[build.python] interpreter` names");
        PythonError::NoInterpreter { looked_for }.into()
    })
}

/// Adds what distinguishes one installation, and each change of it, from others.
pub(super) fn fingerprint(layout: &Layout, key: Key) -> Result<Key, PayloadError> {
    let mut key = key.with(&layout.version).with(layout.prefix.as_os_str().as_encoded_bytes());
    let mut files = vec![layout.executable.clone()];
    files.extend(library(layout));
    for folder in std::iter::once(&layout.stdlib).chain(&layout.dynload) {
        files.extend(tree::files_but(folder, &is_not_standard)?);
    }
    for path in files {
        key = key.with(path.as_os_str().as_encoded_bytes());
        // A link to nothing is not copied.
        if let Ok(found) = path.metadata() {
            key = key.with(stamp(&found).map_err(PayloadError::file("read", &path))?);
        }
    }
    Ok(key)
}

/// What is another one when a file is: its length, its time, and where there is one, the time of
/// its last change of any kind: archives often give all files of each version one time.
fn stamp(found: &fs::Metadata) -> io::Result<Vec<u8>> {
    let since = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there is nothing to add"))]
    let mut stamp =
        [found.len().to_le_bytes().as_slice(), &since.as_nanos().to_le_bytes()].concat();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        stamp.extend(found.ino().to_le_bytes());
        stamp.extend(found.ctime().to_le_bytes());
        stamp.extend(found.ctime_nsec().to_le_bytes());
    }
    Ok(stamp)
}

/// Copies the interpreter with its standard library.
pub(super) fn copy(layout: &Layout, into: &Path) -> Result<(), PayloadError> {
    let program = into.join("bin").join(layout.short_name());
    crate::copy::file(&layout.executable, &program)?;
    let libraries = into.join(&layout.platlibdir);
    let standard = libraries.join(layout.short_name());
    tree::copy(&layout.stdlib, &standard, &is_not_standard)?;
    if let Some(dynload) = layout.dynload.as_deref().filter(|folder| folder.is_dir()) {
        tree::copy(dynload, &standard.join("lib-dynload"), &is_not_standard)?;
    }
    if let Some(library) = library(layout)
        && let Some(name) = library.file_name()
    {
        crate::copy::file(&library, &into.join("lib").join(name))?;
    }
    forget_prefix(&layout.prefix, &standard)
}

/// What was installed into the standard library's folder, and what this system has changed in it.
fn is_not_standard(path: &Path) -> bool {
    let names = ["site-packages", "dist-packages", "__pycache__", "EXTERNALLY-MANAGED"];
    path.file_name().is_some_and(|name| {
        names.iter().any(|other| name == *other)
            || name == "sitecustomize.py"
            || name == "usercustomize.py"
    })
}

/// The shared library of the interpreter, if it has one.
fn library(layout: &Layout) -> Option<PathBuf> {
    let name = layout.library.as_ref()?;
    // An installation that was moved still names the folder that it was built for.
    let folders = [layout.library_folder.clone(), Some(layout.prefix.join("lib"))];
    folders.into_iter().flatten().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Takes this machine's folder out of what the interpreter says about how it was built.
fn forget_prefix(prefix: &Path, standard: &Path) -> Result<(), PayloadError> {
    let Some(prefix) = prefix.to_str().filter(|prefix| *prefix != "/usr") else { return Ok(()) };
    for path in tree::entries(standard)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("_sysconfigdata") || !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(PayloadError::file("read", &path))?;
        let text = text.replace(prefix, NEUTRAL_PREFIX);
        fs::write(&path, text).map_err(PayloadError::file("write", &path))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Key, Layout, fingerprint};

    #[test]
    fn a_module_that_changes_without_length_or_time_is_noticed() {
        let world = tempfile::tempdir().expect("a folder");
        let folder = world.path();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, text).expect("written");
            path
        };
        let module = write("lib/json/decoder.py", "a");
        write("bin/python3.12", "python");
        let layout = serde_json::json!({
            "version": "3.12.1", "minor": [3, 12], "implementation": "cpython",
            "prefix": folder, "platlibdir": "lib", "stdlib": folder.join("lib"),
            "packages": [], "scripts": folder.join("bin"), "dynload": null,
            "library": null, "library_folder": null,
        });
        let mut layout: Layout = serde_json::from_value(layout).expect("a layout");
        layout.executable = folder.join("bin/python3.12");
        let now = || fingerprint(&layout, Key::new("test")).expect("a key").name();
        let before = now();
        write("lib/site-packages/other.py", "is not standard");
        assert_eq!(now(), before);
        let time = fs::metadata(&module).and_then(|it| it.modified()).expect("a time");
        replace(&module, "b");
        fs::File::options()
            .write(true)
            .open(&module)
            .and_then(|file| file.set_modified(time))
            .expect("set");
        assert_ne!(now(), before);
    }

    /// As package managers do: the new file is another one, so its time of change is too.
    fn replace(path: &Path, text: &str) {
        let new = path.with_extension("new");
        fs::write(&new, text).expect("written");
        fs::rename(new, path).expect("moved");
    }
}
