//! Shows what was made, and where its bytes are.

use std::path::{Path, PathBuf};

use ensconce_installer::Built;
use ensconce_payload::Payload;
use indicatif::HumanBytes;
use walkdir::WalkDir;

use crate::error::CommandError;
use crate::screen;

/// How many of the largest files are shown.
const MOST_LARGEST: usize = 10;

/// A file and its size.
struct Sized {
    bytes: u64,
    path: PathBuf,
}

/// Shows the sizes of packages and their parts, and the largest files if requested.
pub(super) fn show(
    stage: &Path,
    payload: &Payload,
    made: &[Built],
    explain: bool,
) -> Result<(), CommandError> {
    screen::say("\nInstalled");
    let files = files_below(stage);
    for (name, folder) in parts(stage, payload) {
        let bytes = files.iter().filter(|file| belongs(&file.path, &folder)).map(|file| file.bytes);
        screen::say(&row(bytes.sum(), &name));
    }
    screen::say(&row(files.iter().map(|file| file.bytes).sum(), "together"));
    if explain {
        screen::say("\nLargest files");
        for file in files.iter().take(MOST_LARGEST) {
            screen::say(&row(file.bytes, &file.path.display().to_string()));
        }
        screen::say("\nFolders");
        for folder in largest_folders(&files) {
            screen::say(&row(folder.bytes, &folder.path.display().to_string()));
        }
    }
    screen::say("\nPackages");
    for built in made {
        screen::say(&row(built.bytes, &built.path.display().to_string()));
    }
    Ok(())
}

/// Returns the size of the shell: all that belongs to no other part.
fn parts(stage: &Path, payload: &Payload) -> Vec<(String, PathBuf)> {
    let shell = std::iter::once(("Ensconce's shell".to_owned(), PathBuf::new()));
    let others = payload.parts.iter().map(|part| {
        let folder = part.folder.strip_prefix(stage).unwrap_or(&part.folder);
        (part.name.clone(), folder.to_owned())
    });
    shell.chain(others).collect()
}

fn belongs(file: &Path, folder: &Path) -> bool {
    if folder.as_os_str().is_empty() {
        return file.components().count() == 1;
    }
    file.starts_with(folder)
}

/// Returns all files, the largest first.
fn files_below(stage: &Path) -> Vec<Sized> {
    let entries = WalkDir::new(stage).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    let mut files: Vec<Sized> = files
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(stage).ok()?.to_owned();
            Some(Sized { bytes: entry.metadata().ok()?.len(), path })
        })
        .collect();
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    files
}

/// Returns the largest folders that hold third-party files or folders: where it is worth looking.
fn largest_folders(files: &[Sized]) -> Vec<Sized> {
    let mut folders: std::collections::BTreeMap<&Path, u64> = std::collections::BTreeMap::new();
    for file in files {
        for folder in file.path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()) {
            *folders.entry(folder).or_default() += file.bytes;
        }
    }
    let sized = |(path, bytes): (&Path, u64)| Sized { bytes, path: path.to_owned() };
    let mut folders: Vec<Sized> = folders.into_iter().map(sized).collect();
    folders.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    folders.truncate(2 * MOST_LARGEST);
    folders
}

fn row(bytes: u64, what: &str) -> String {
    format!("{:>12}  {what}", HumanBytes(bytes).to_string())
}
