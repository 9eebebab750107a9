//! Arranges an app's folder and the files that the desktop reads as a package has them.

use std::collections::{HashMap, HashSet};

use crate::tree::{Entry, Node};
use crate::{InstallerError, Package, desktop, icon};

/// Less than this is packed together with its neighbours: a part of its own would compress badly.
const SMALLEST_PART: u64 = 1 << 18;

/// What is packed as one piece: when nothing in it changes, it is not compressed again.
#[derive(Debug)]
pub(crate) struct Part {
    /// Sorted by path.
    pub(crate) entries: Vec<Entry>,
}

/// Where an installed app lies: `usr/lib/NAME`.
pub(crate) fn home(package: &Package) -> String {
    format!("usr/lib/{}", package.name)
}

/// Everything below `usr/` of an installed app, without the folders that all packages share.
pub(crate) fn system(
    package: &Package,
    app: Vec<Entry>,
    more: Vec<Entry>,
) -> Result<Vec<Part>, InstallerError> {
    let home = home(package);
    let name = &package.name;
    let mut first = desktop_files(package, "usr/share")?;
    first.push(Entry::link(format!("usr/bin/{name}"), format!("../lib/{name}/{name}")));
    first.push(Entry::folder(home.clone()));
    first.extend(more);
    Ok(parts(app, &home, first))
}

/// As [`system`], with all the folders on the way.
pub(crate) fn system_with_folders(
    package: &Package,
    app: Vec<Entry>,
    more: Vec<Entry>,
) -> Result<Vec<Part>, InstallerError> {
    let mut parts = system(package, app, more)?;
    let first = std::mem::take(&mut parts[0].entries);
    parts[0].entries = with_parents(first);
    Ok(parts)
}

/// The app's folder with `share/` in it, below one folder.
pub(crate) fn portable(
    package: &Package,
    app: Vec<Entry>,
    top: &str,
) -> Result<Vec<Part>, InstallerError> {
    let taken: HashSet<String> = app.iter().map(|entry| format!("{top}/{}", entry.path)).collect();
    let share = desktop_files(package, &format!("{top}/share"))?;
    let with_folders = with_parents(share);
    let mut first: Vec<_> =
        with_folders.into_iter().filter(|entry| !taken.contains(&entry.path)).collect();
    if !first.iter().any(|entry| entry.path == top) {
        first.push(Entry::folder(top));
    }
    Ok(parts(app, top, first))
}

/// Adds the folders that lead to entries, such as `usr/` and `usr/bin/`, and sorts all.
fn with_parents(entries: Vec<Entry>) -> Vec<Entry> {
    let mut there: HashSet<String> = entries
        .iter()
        .filter(|entry| matches!(entry.node, Node::Folder))
        .map(|entry| entry.path.clone())
        .collect();
    let mut all = entries;
    for index in 0..all.len() {
        let path = all[index].path.clone();
        for (end, _) in path.match_indices('/') {
            let parent = &path[..end];
            if there.insert(parent.to_owned()) {
                all.push(Entry::folder(parent));
            }
        }
    }
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all
}

/// The files that the desktop reads, below `share`.
fn desktop_files(package: &Package, share: &str) -> Result<Vec<Entry>, InstallerError> {
    let id = &package.id;
    let mut entries = vec![
        Entry::made(format!("{share}/applications/{id}.desktop"), desktop::entry(package)),
        Entry::made(format!("{share}/metainfo/{id}.metainfo.xml"), desktop::metainfo(package)?),
    ];
    if let Some(types) = desktop::mime_types(package)? {
        entries.push(Entry::made(format!("{share}/mime/packages/{id}.xml"), types));
    }
    for (size, png) in icon::sizes(package)? {
        let path = format!("{share}/icons/hicolor/{size}x{size}/apps/{id}.png");
        entries.push(Entry::made(path, png));
    }
    Ok(entries)
}

/// Splits an app into the parts that change together; `first` is packed with what is small.
fn parts(app: Vec<Entry>, home: &str, mut first: Vec<Entry>) -> Vec<Part> {
    let mut parts: Vec<(String, Vec<Entry>)> = Vec::new();
    let large = large_pieces(&app);
    for mut entry in app {
        let own = piece_of(&entry.path, &large).map(str::to_owned);
        entry.path = format!("{home}/{}", entry.path);
        match own {
            None => first.push(entry),
            Some(name) => match parts.iter_mut().find(|(other, _)| *other == name) {
                Some((_, entries)) => entries.push(entry),
                None => parts.push((name, vec![entry])),
            },
        }
    }
    first.sort_by(|one, other| one.path.cmp(&other.path));
    let rest = parts.into_iter().map(|(_, entries)| Part { entries });
    std::iter::once(Part { entries: first }).chain(rest).collect()
}

/// What is worth a part of its own: children such as `runtime/python`; then what is left of `app`
/// and `runtime`, and Ensconce's programs, which change seldom and beside no line of the app.
fn large_pieces(app: &[Entry]) -> HashSet<String> {
    let mut large = HashSet::new();
    for piece in [child, top] {
        let mut sizes = HashMap::<&str, u64>::new();
        let left = app.iter().filter(|entry| piece_of(&entry.path, &large).is_none());
        for entry in left {
            if let Some(name) = piece(&entry.path) {
                *sizes.entry(name).or_default() += entry.bytes();
            }
        }
        let found = sizes.into_iter().filter(|(_, bytes)| *bytes >= SMALLEST_PART);
        let found: Vec<_> = found.map(|(name, _)| name.to_owned()).collect();
        large.extend(found);
    }
    large
}

/// The large piece that a path belongs to.
fn piece_of<'a>(path: &'a str, large: &HashSet<String>) -> Option<&'a str> {
    [child(path), top(path)].into_iter().flatten().find(|name| large.contains(*name))
}

/// `runtime/python` of `runtime/python/bin/python3`.
fn child(path: &str) -> Option<&str> {
    let (top, rest) = path.split_once('/')?;
    let name = rest.split('/').next()?;
    Some(&path[..top.len() + 1 + name.len()])
}

/// `runtime` of `runtime/programs.json`.
fn top(path: &str) -> Option<&str> {
    path.split('/').next()
}
