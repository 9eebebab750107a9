//! Requests that some other site made: refused before anything sees them.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::failure::Failure;
use crate::host_port::HostPort;
use crate::origin::Scheme;

/// Where a request claims to come from.
#[derive(Debug, PartialEq, Eq)]
enum ClaimedOrigin {
    /// It does not say.
    Absent,
    /// An origin that has no name, such as a sandboxed frame.
    Null,
    /// An origin that has one.
    Named(Scheme, HostPort),
    /// What no browser sends for a web page.
    Unreadable,
}

/// Whether `Sec-Fetch-Site` counts at one of the app's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchSiteCheck {
    /// Everything but a top-level navigation has to come from the address's own origin.
    Enforced,
    /// To a browser, the app's pages are another site than this address, so the header would
    /// refuse them.
    Skipped,
}

/// Refuses what another site made, whatever credentials the browser has added to it.
///
/// `own` says which origins belong to the app.
pub(crate) fn check<Body>(
    request: &Request<Body>,
    upgrades: bool,
    fetch_site: FetchSiteCheck,
    own: impl Fn(Scheme, &HostPort) -> bool,
) -> Result<(), Failure> {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD) && !upgrades;
    let is_own = match claim(request.headers()) {
        ClaimedOrigin::Absent => true,
        ClaimedOrigin::Null => only_reads,
        ClaimedOrigin::Named(scheme, target) => own(scheme, &target),
        ClaimedOrigin::Unreadable => false,
    };
    if !is_own {
        return Err(Failure::Forbidden { why: "The request came from another origin" });
    }
    if fetch_site == FetchSiteCheck::Enforced && is_fetched_across(request.headers()) {
        return Err(Failure::Forbidden { why: "The request was made by another site" });
    }
    Ok(())
}

/// Returns the one origin that a request claims to come from, if it is one with a name.
pub(crate) fn claimed_origin(headers: &HeaderMap) -> Option<(Scheme, HostPort)> {
    match claim(headers) {
        ClaimedOrigin::Named(scheme, target) => Some((scheme, target)),
        _ => None,
    }
}

fn claim(headers: &HeaderMap) -> ClaimedOrigin {
    let mut origins = headers.get_all(ORIGIN).iter();
    let (first, second) = (origins.next(), origins.next());
    let Some(origin) = first else { return ClaimedOrigin::Absent };
    let text = origin.to_str().unwrap_or_default();
    match text {
        _ if second.is_some() => ClaimedOrigin::Unreadable,
        "null" => ClaimedOrigin::Null,
        _ => Scheme::split(text)
            .and_then(|(scheme, host)| {
                Some(ClaimedOrigin::Named(scheme, HostPort::parse(host, scheme.port())?))
            })
            .unwrap_or(ClaimedOrigin::Unreadable),
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
            |scheme, target: &HostPort| scheme == Scheme::Http && target.host() == "own.localhost";
        check(&request.body(()).unwrap(), upgrades, FetchSiteCheck::Enforced, own).is_ok()
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
