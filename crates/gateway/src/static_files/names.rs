//! What can be seen from a file's name.

use std::path::PathBuf;

use crate::path::RequestPath;

/// The shortest content hash that bundlers write.
const SHORTEST_HASH: usize = 8;

/// Why a path cannot name a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PathRejection {
    /// A name that starts with a dot.
    Hidden,
    /// Separators, and what Windows reads as a drive, a stream or a device.
    Strange,
}

/// A path as a relative file name.
pub(super) fn relative(path: &RequestPath) -> Result<PathBuf, PathRejection> {
    let mut relative = PathBuf::new();
    let mut strange = false;
    for (at, segment) in path.segments().iter().enumerate() {
        match std::str::from_utf8(segment) {
            Ok("") if at + 1 == path.segments().len() => {}
            Ok(name) if name.starts_with('.') && name != ".well-known" => {
                return Err(PathRejection::Hidden);
            }
            Ok(name) if is_plain(name) => relative.push(name),
            _ => strange = true,
        }
    }
    if strange { Err(PathRejection::Strange) } else { Ok(relative) }
}

fn is_plain(name: &str) -> bool {
    let strange = |letter: char| matches!(letter, '/' | '\\' | ':') || letter.is_control();
    !(name.is_empty() || name.contains(strange) || name.ends_with(['.', ' ']) || is_device(name))
}

/// Checks whether a name ends like a file that pages are made of. `jane@example.com` does not.
pub(super) fn is_asset(name: &[u8]) -> bool {
    const KINDS: [&str; 5] = ["audio/", "font/", "image/", "text/", "video/"];
    const APPLICATIONS: [&str; 7] =
        ["javascript", "json", "manifest+json", "pdf", "wasm", "xml", "zip"];
    let name = String::from_utf8_lossy(name);
    let Some(kind) = mime_guess::from_path(&*name).first_raw() else { return false };
    let application = kind.strip_prefix("application/");
    KINDS.iter().any(|prefix| kind.starts_with(prefix))
        || application.is_some_and(|kind| APPLICATIONS.contains(&kind))
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" => true,
        _ => {
            let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
            port.is_some_and(|port| {
                port.len() == 1 && port != "0" && port.as_bytes()[0].is_ascii_digit()
            })
        }
    }
}

/// Checks whether a name holds a hash of the content, as Vite (`index-BxK2_d3f.js`) and webpack
/// (`main.3f2a1b4c.chunk.js`) write it. A wrong yes would keep an old file for a year, so what
/// may be a word or a date is no hash.
pub(super) fn has_hash(name: &str) -> bool {
    let Some((stem, _ending)) = name.rsplit_once('.') else { return false };
    let dotted = stem.split(['.', '-']).skip(1).any(is_hex_hash);
    dotted || ends_in_mixed_hash(stem)
}

fn is_hex_hash(part: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    part.len() >= SHORTEST_HASH
        && part.bytes().all(is_hex)
        && part.bytes().any(|byte| byte.is_ascii_digit())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Vite's eight letters, which may hold the very dash that stands before them.
fn ends_in_mixed_hash(stem: &str) -> bool {
    let Some(cut) = stem.len().checked_sub(SHORTEST_HASH + 1) else { return false };
    let (Some(hash), true) = (stem.get(cut + 1..), stem.is_char_boundary(cut)) else {
        return false;
    };
    let separated = matches!(stem.as_bytes()[cut], b'-' | b'.');
    let word = hash.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let inner_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let lower = hash.bytes().any(|byte| byte.is_ascii_lowercase());
    let upper = hash.bytes().filter(u8::is_ascii_uppercase).count();
    let allowed = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    separated && allowed && lower && upper > 0 && (inner_digit || upper > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundlers_hashes_are_seen() {
        for name in [
            "index-BxK2_d3f.js",
            "index-a-bC1x9Z.css",
            "main.3f2a1b4c.js",
            "main.3f2a1b4c.chunk.js",
            "main-app-0f3a1b2c3d4e5f60.js",
            "logo.DiwrgTda.svg",
            "index-DiwRgTda.js",
        ] {
            // One upper-case letter alone may be a word, which costs a question, no more.
            assert_eq!(has_hash(name), name != "logo.DiwrgTda.svg", "{name}");
        }
    }

    #[test]
    fn words_and_dates_are_no_hashes() {
        for name in [
            "index.html",
            "my-component.js",
            "report-20240101.pdf",
            "app-version2.js",
            "icon-Version2.svg",
            "foo-MyWidget.js",
            "index.js",
            "deadbeef.js",
            "x",
            "a-é1234567.js",
            "main.defaced.js",
            "photo-2024-01-01.jpg",
        ] {
            assert!(!has_hash(name), "{name}");
        }
    }

    #[test]
    fn strange_names_lead_nowhere() {
        let read = |path: &str| relative(&RequestPath::read(path).unwrap());
        for path in ["/.env", "/a/.git/config", "/%2eenv", "/a:b/.env"] {
            assert_eq!(read(path), Err(PathRejection::Hidden), "{path}");
        }
        for path in [
            "/a%00",
            "/c:/x",
            "/a:stream",
            "/nul",
            "/aux.txt",
            "/COM1",
            "/a.",
            "/a%20",
            "//a",
            "/a//b",
            "/%ff",
            "/a%2fb",
            "/a%5cb",
        ] {
            assert_eq!(read(path), Err(PathRejection::Strange), "{path}");
        }
        for path in ["/", "/a", "/a/", "/.well-known/x", "/%C3%A9.html", "/%252e%252e/x", "/com0"] {
            assert!(read(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn pages_are_told_from_their_files() {
        for name in ["app.js", "a.css", "a.png", "a.woff2", "a.wasm", "a.json", "a.map", "a.txt"] {
            assert!(is_asset(name.as_bytes()), "{name}");
        }
        for name in ["", "users", "jane@example.com", "v1.2", "john.doe"] {
            assert!(!is_asset(name.as_bytes()), "{name}");
        }
    }
}
