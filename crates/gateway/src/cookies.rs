//! Reading and removing single cookies, byte for byte.

/// Returns the values of all cookies with this name in a `Cookie` header.
pub(crate) fn values<'header>(
    header: &'header [u8],
    name: &str,
) -> impl Iterator<Item = &'header [u8]> {
    pairs(header).filter_map(move |pair| {
        let pair = pair.trim_ascii();
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        (pair[..equals].trim_ascii() == name.as_bytes()).then(|| pair[equals + 1..].trim_ascii())
    })
}

/// Returns a `Cookie` header without the cookies of this name; `None` when none is left.
///
/// A header that has none of them stays as it was, byte for byte.
pub(crate) fn without(header: &[u8], name: &str) -> Option<Vec<u8>> {
    if !pairs(header).any(|pair| is_named(pair, name)) {
        return Some(header.to_vec());
    }
    let kept: Vec<&[u8]> = pairs(header)
        .filter(|pair| !is_named(pair, name))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
        .collect();
    (!kept.is_empty()).then(|| kept.join(&b"; "[..]))
}

/// Checks whether a `Set-Cookie` header, or one pair of a `Cookie` header, would be taken for this
/// cookie. A nameless cookie (`=name=value`) is sent back as `name=value`, so it counts too.
pub(crate) fn is_named(pair: &[u8], name: &str) -> bool {
    let mut pair = pair.trim_ascii();
    while let Some(rest) = pair.strip_prefix(b"=") {
        pair = rest.trim_ascii_start();
    }
    let end = pair.iter().position(|byte| matches!(byte, b'=' | b';')).unwrap_or(pair.len());
    pair[..end].trim_ascii() == name.as_bytes()
}

fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    header.split(|byte| *byte == b';')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(header: &str, expect: Option<&str>) {
        let left = without(header.as_bytes(), "own").map(|left| String::from_utf8(left).unwrap());
        assert_eq!(left.as_deref(), expect, "{header}");
    }

    #[test]
    fn only_the_named_cookie_goes() {
        check("own=1", None);
        check("own", None);
        check("=own=1", None);
        check(" own = 1 ;; own=2", None);
        check("a=1; own=2; b=3", Some("a=1; b=3"));
        check("a=own=2;b", Some("a=own=2;b"));
        check("owner=1; my.own=2", Some("owner=1; my.own=2"));
    }

    #[test]
    fn set_cookie_headers_with_the_name_are_seen() {
        for header in ["own=1; Path=/", "own", " own =x", "=own=1", "== own=1", "own;Path=/x"] {
            assert!(is_named(header.as_bytes(), "own"), "{header}");
        }
        for header in ["owned=1", "x=own", "=x", "", "a; own=1"] {
            assert!(!is_named(header.as_bytes(), "own"), "{header}");
        }
    }

    proptest! {
        #[test]
        fn nothing_named_so_is_left(header in "[own=; a]{0,40}") {
            let left = without(header.as_bytes(), "own").unwrap_or_default();
            prop_assert!(values(&left, "own").next().is_none());
        }

        #[test]
        fn the_other_cookies_are_kept_in_order(
            others in proptest::collection::vec("[a-n]{1,4}=[a-z=0-9]{0,6}", 0..6),
            place in 0_usize..6,
        ) {
            let mut all = others.clone();
            all.insert(place.min(others.len()), "own=secret".to_owned());
            let left = without(all.join("; ").as_bytes(), "own").unwrap_or_default();
            prop_assert_eq!(String::from_utf8(left).unwrap(), others.join("; "));
        }
    }
}
