//! Requests that some other site made: refused before anything sees them.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::failure::Failure;
use crate::origin::Scheme;
use crate::target::Target;

/// Where a request claims to come from.
#[derive(Debug, PartialEq, Eq)]
enum Claim {
    /// It does not say.
    Nothing,
    /// An origin that has no name, such as a sandboxed frame.
    Null,
    Origin(Scheme, Target),
    /// What no browser sends for a web page.
    Unreadable,
}

/// How far a place trusts `Sec-Fetch-Site`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Neighbours {
    /// All requests but top-level navigations come from the place's own origin.
    Refused,
    /// The app's pages are another site to this place, so the header tells nothing.
    Expected,
}

/// Refuses what another site made.
///
/// `own` tells which origins belong to the app.
pub(crate) fn check<Body>(
    request: &Request<Body>,
    upgrades: bool,
    neighbours: Neighbours,
    own: impl Fn(Scheme, &Target) -> bool,
) -> Result<(), Failure> {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD) && !upgrades;
    let is_own = match claim(request.headers()) {
        Claim::Nothing => true,
        Claim::Null => only_reads,
        Claim::Origin(scheme, target) => own(scheme, &target),
        Claim::Unreadable => false,
    };
    if !is_own {
        return Err(Failure::Forbidden { why: "The request came from another origin" });
    }
    if neighbours == Neighbours::Refused && is_fetched_across(request.headers()) {
        return Err(Failure::Forbidden { why: "The request was made by another site" });
    }
    Ok(())
}

/// Gives the one origin that a request claims to come from, if it is one with a name.
pub(crate) fn claimed_origin(headers: &HeaderMap) -> Option<(Scheme, Target)> {
    match claim(headers) {
        Claim::Origin(scheme, target) => Some((scheme, target)),
        _ => None,
    }
}

fn claim(headers: &HeaderMap) -> Claim {
    let mut origins = headers.get_all(ORIGIN).iter();
    let (first, second) = (origins.next(), origins.next());
    let Some(origin) = first else { return Claim::Nothing };
    let text = origin.to_str().unwrap_or_default();
    match text {
        _ if second.is_some() => Claim::Unreadable,
        "null" => Claim::Null,
        _ => Scheme::split(text)
            .and_then(|(scheme, host)| {
                Some(Claim::Origin(scheme, Target::parse(host, scheme.port())?))
            })
            .unwrap_or(Claim::Unreadable),
    }
}

/// Ports do not tell sites apart, so `same-site` may be any other program on this machine.
fn is_fetched_across(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    let across = matches!(header("sec-fetch-site"), Some(b"cross-site" | b"same-site"));
    let top_level = header("sec-fetch-mode") == Some(b"navigate")
        && matches!(header("sec-fetch-dest"), None | Some(b"document"));
    across && !top_level
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(method: &str, headers: &[(&str, &str)], upgrades: bool) -> bool {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let own =
            |scheme, target: &Target| scheme == Scheme::Http && target.host() == "own.localhost";
        check(&request.body(()).unwrap(), upgrades, Neighbours::Refused, own).is_ok()
    }

    #[test]
    fn only_the_own_origin_passes() {
        assert!(passes("POST", &[], false));
        assert!(passes("POST", &[("origin", "http://own.localhost")], true));
        for origin in
            ["https://own.localhost", "http://evil.test", "", "file://", "http://own.localhost, x"]
        {
            assert!(!passes("GET", &[("origin", origin)], false), "{origin}");
        }
        assert!(!passes("GET", &[("origin", "http://own.localhost"), ("origin", "null")], false));
    }

    #[test]
    fn no_name_may_only_read() {
        assert!(passes("GET", &[("origin", "null")], false));
        assert!(!passes("GET", &[("origin", "null")], true));
        assert!(!passes("POST", &[("origin", "null")], false));
        assert!(!passes("OPTIONS", &[("origin", "null")], false));
    }

    #[test]
    fn other_sites_may_only_link() {
        for site in ["cross-site", "same-site"] {
            let site = ("sec-fetch-site", site);
            assert!(!passes("GET", &[site], false));
            assert!(!passes("GET", &[site, ("sec-fetch-mode", "no-cors")], false));
            let navigates = ("sec-fetch-mode", "navigate");
            assert!(passes("GET", &[site, navigates, ("sec-fetch-dest", "document")], false));
            assert!(!passes("GET", &[site, navigates, ("sec-fetch-dest", "iframe")], false));
        }
        assert!(passes("GET", &[("sec-fetch-site", "same-origin")], false));
        assert!(passes("GET", &[("sec-fetch-site", "none")], false));
    }
}
