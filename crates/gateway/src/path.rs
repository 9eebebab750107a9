//! Paths as every server downstream may read them.
//!
//! A path is passed on byte for byte. To pick its route it is read in two ways, strictly (segments
//! between plain slashes) and loosely (encoded slashes, backslashes and empty segments as some
//! servers take them). A path for which the two pick different routes is refused, and so is one
//! with dot segments, which no browser sends.

use percent_encoding::percent_decode_str;

/// One decoded segment.
pub(crate) type PathSegment = Vec<u8>;

/// A path in its two readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestPath {
    strict: Vec<PathSegment>,
    loose: Vec<PathSegment>,
}

impl RequestPath {
    /// Reads a path that starts with a slash; `None` when it has dot segments.
    pub(crate) fn read(path: &str) -> Option<Self> {
        let strict: Vec<PathSegment> = path
            .strip_prefix('/')?
            .split('/')
            .map(|segment| percent_decode_str(segment).collect())
            .collect();
        let loose: Vec<PathSegment> = strict
            .iter()
            .flat_map(|segment| segment.split(|byte| matches!(byte, b'/' | b'\\')))
            .filter(|segment| !segment.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        (!loose.iter().any(|segment| is_dots(segment))).then_some(Self { strict, loose })
    }

    /// Checks whether the path, strictly read, is at or below a prefix.
    pub(crate) fn is_below(&self, prefix: &[PathSegment]) -> bool {
        self.strict.starts_with(prefix)
    }

    /// Checks whether the path, loosely read, is at or below a prefix.
    pub(crate) fn may_be_below(&self, prefix: &[PathSegment]) -> bool {
        self.loose.starts_with(prefix)
    }

    /// Returns the segments, strictly read. The last one is empty when the path ends in a slash.
    pub(crate) fn segments(&self) -> &[PathSegment] {
        &self.strict
    }
}

/// Some servers cut parameters off a segment, so `..;x` is two dots to them.
fn is_dots(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
    matches!(name, b"." | b"..")
}

/// Returns the segments of a route's path, without empty ones.
pub(crate) fn prefix(path: &str) -> Vec<PathSegment> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).collect())
        .collect()
}

/// Returns what is left of a path, byte for byte, when its first segments are taken off.
pub(crate) fn strip(path: &str, segments: usize) -> &str {
    path.match_indices('/').nth(segments).map_or("/", |(at, _)| &path[at..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dot_segments_are_refused_however_they_are_written() {
        for path in [
            "/api/../secret",
            "/..",
            "/.",
            "/a/./b",
            "/api/%2e%2e/secret",
            "/api/%2E./x",
            "/a/..%2fb",
            "/a%2f..%2fb",
            "/a/..\\b",
            "/a%5c..%5cb",
            "/a/..;/b",
            "/a/..;x=1/b",
            "",
            "*",
            "a/b",
        ] {
            assert_eq!(RequestPath::read(path), None, "{path}");
        }
    }

    #[test]
    fn other_dots_are_names() {
        for path in ["/", "/...", "/.well-known/x", "/a..b", "/%252e%252e/x", "/a/b.c/", "/;x"] {
            assert!(RequestPath::read(path).is_some(), "{path}");
        }
    }

    #[test]
    fn segments_count_as_a_whole() {
        let api = prefix("/api/");
        let below = |path: &str| RequestPath::read(path).unwrap().is_below(&api);
        assert!(below("/api") && below("/api/") && below("/api/x") && below("/%61pi/x"));
        assert!(!below("/apix") && !below("/") && !below("//api") && !below("/api%2fx"));
        let loosely = |path: &str| RequestPath::read(path).unwrap().may_be_below(&api);
        assert!(loosely("//api") && loosely("/api%2fx") && loosely("/api%5Cx"));
    }

    #[test]
    fn the_rest_of_a_path_keeps_its_bytes() {
        assert_eq!(strip("/api/a%2Fb/", 1), "/a%2Fb/");
        assert_eq!(strip("/api", 1), "/");
        assert_eq!(strip("/api/", 1), "/");
        assert_eq!(strip("/a/b/c", 2), "/c");
        assert_eq!(strip("/a", 0), "/a");
    }

    proptest! {
        #[test]
        fn no_reading_of_an_accepted_path_climbs(path in "/([a./\\\\;%]|%2e|%2F|%5c|%2E){0,24}") {
            if let Some(read) = RequestPath::read(&path) {
                let decoded: Vec<u8> = percent_decode_str(&path).collect();
                let text = String::from_utf8_lossy(&decoded).replace('\\', "/");
                prop_assert!(text.split('/').all(|segment| segment != ".." && segment != "."));
                prop_assert_eq!(read.segments().len(), path.matches('/').count());
            }
        }

        #[test]
        fn what_is_stripped_and_what_is_left_is_the_path(path in "(/[a-c%2F]{0,3}){1,6}", cut in 0_usize..4) {
            prop_assert!(path.ends_with(strip(&path, cut)) || strip(&path, cut) == "/");
        }
    }
}
