//! Names within an export: parts with `/` between them, the same on every system.

use std::path::{Component, Path, PathBuf};

/// Writes a path below a folder as a name; returns nothing if it cannot be one.
pub(super) fn of(below: &Path) -> Option<String> {
    let part = |component: Component<'_>| match component {
        Component::Normal(part) => part.to_str().filter(|part| is_part(part)).map(str::to_owned),
        _ => None,
    };
    let parts: Option<Vec<String>> = below.components().map(part).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
}

/// Reads a name as a path that stays below its folder; returns nothing if it does not.
pub(super) fn path(name: &str) -> Option<PathBuf> {
    name.split('/').all(is_part).then(|| name.split('/').collect())
}

/// Returns whether a name is one of these folders, or in one. Some file systems do not distinguish
/// `A` from `a`.
pub(crate) fn is_in(name: &str, folders: &[String]) -> bool {
    let first = name.split('/').next().unwrap_or_default();
    folders.iter().any(|folder| folder.to_lowercase() == first.to_lowercase())
}

fn is_part(part: &str) -> bool {
    let is_plain = !matches!(part, "" | "." | "..") && !part.contains(['/', '\\', '\0']);
    is_plain && (!cfg!(windows) || is_for_windows(part))
}

/// Returns whether Windows has a file of just this name. It reads `C:` and `file:stream` as
/// something else, leaves out blanks and dots at the end, and has devices in every folder.
fn is_for_windows(part: &str) -> bool {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let is_device = DEVICES.contains(&stem.as_str())
        || numbered.is_some_and(|number| number.chars().count() == 1);
    let is_odd = |c: char| c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    !is_device && !part.contains(is_odd) && !part.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        assert_eq!(path("data/a b/ü.db"), Some(PathBuf::from("data/a b/ü.db")));
        for odd in ["", "/etc/passwd", "a//b", "../a", "a/../b", "a/.", "a\\b", "a\0", "a/"] {
            assert_eq!(path(odd), None, "{odd:?}");
        }
        assert_eq!(of(Path::new("a/b")).as_deref(), Some("a/b"));
        assert_eq!(of(Path::new("../b")), None);
        assert_eq!(of(Path::new("a\\b")), None);
        assert_eq!(of(Path::new("")), None);
    }

    #[test]
    fn what_is_left_out_is_known_however_it_is_written() {
        let own = [".ensconce".to_owned()];
        assert!(is_in(".ensconce", &own) && is_in(".Ensconce/lock", &own));
        assert!(!is_in("a/.ensconce", &own) && !is_in(".ensconce2", &own));
    }

    #[test]
    fn names_that_windows_reads_as_something_else_are_known() {
        for odd in ["C:", "a:b", ".ensconce.", ".ensconce ", "NUL", "con.txt", "Com1", "a?", "a\n"]
        {
            assert!(!is_for_windows(odd), "{odd:?}");
        }
        for fine in ["notes.db", "ü", "Comic.txt", "nullable", ".ensconce", "a b", "com12"] {
            assert!(is_for_windows(fine), "{fine:?}");
        }
    }
}
