//! Follows redirects, without carrying a key to another server.

use ureq::http::{Method, Uri};

use super::{CallFailure, PreparedCall, address, host_of};

impl PreparedCall {
    /// Turns the request into the one that `location` asks for, or reports why not.
    pub(super) fn redirect(&mut self, status: u16, location: &str) -> Result<(), CallFailure> {
        let from = self.host();
        let Ok(target) = address(&joined(&self.uri, location)) else {
            return Err(CallFailure::Redirect {
                reason: "redirect",
                message: format!(
                    "`{from}` redirects the request to something that is not an address."
                ),
            });
        };
        if self.uri.scheme_str() == Some("https") && target.scheme_str() != Some("https") {
            return Err(CallFailure::Redirect {
                reason: "redirect_insecure",
                message: format!(
                    "`{from}` redirects the request to an address without encryption, which was not followed."
                ),
            });
        }
        if !matches!(status, 307 | 308) && !matches!(self.method, Method::GET | Method::HEAD) {
            self.method = Method::GET;
            self.body = None;
        }
        if !same_server(&self.uri, &target) {
            if self.body.is_some() {
                return Err(CallFailure::Redirect {
                    reason: "redirect_elsewhere",
                    message: format!(
                        "`{from}` redirects the request to `{}`, which was not followed: what was \
                         entered is not given to another server. Enter that address if it is \
                         the right one.",
                        host_of(&target)
                    ),
                });
            }
            // Any header may hold a key; what a key is called differs from API to API.
            self.headers.clear();
        }
        self.uri = target;
        Ok(())
    }
}

/// Returns whether both are one server: the same name, and the same port, or the usual ports of
/// HTTP and HTTPS.
fn same_server(from: &Uri, to: &Uri) -> bool {
    let name = |uri: &Uri| uri.host().unwrap_or_default().to_ascii_lowercase();
    let port = |uri: &Uri| match (uri.port_u16(), uri.scheme_str()) {
        (None, _) | (Some(80), Some("http")) | (Some(443), Some("https")) => None,
        (port, _) => port,
    };
    name(from) == name(to) && port(from) == port(to)
}

/// Returns the address that `location` means on a page at `base`.
fn joined(base: &Uri, location: &str) -> String {
    let (scheme, authority) =
        (base.scheme_str().unwrap_or("https"), base.authority().map_or("", |a| a.as_str()));
    let location = location.split('#').next().unwrap_or_default();
    if location.contains("://") {
        location.to_owned()
    } else if let Some(rest) = location.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.starts_with('?') {
        format!("{scheme}://{authority}{}{location}", base.path())
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_joined() {
        let base: Uri = "https://a.example:8443/v1/models?x=1".parse().unwrap();
        for (location, joined_to) in [
            ("https://b.example/x#y", "https://b.example/x"),
            ("//b.example/x", "https://b.example/x"),
            ("/x", "https://a.example:8443/x"),
            ("?y=2", "https://a.example:8443/v1/models?y=2"),
            ("other", "https://a.example:8443/v1/other"),
        ] {
            assert_eq!(joined(&base, location), joined_to);
        }
    }

    #[test]
    fn another_port_is_another_server() {
        let same = |a: &str, b: &str| same_server(&a.parse().unwrap(), &b.parse().unwrap());
        assert!(same("http://a.example/", "https://A.example:443/x"));
        assert!(same("https://a.example:8443/", "https://a.example:8443/x"));
        assert!(!same("https://a.example/", "https://a.example:8443/"));
        assert!(!same("https://a.example/", "https://a.example.evil/"));
        assert!(!same("https://a.example/", "https://b.a.example/"));
    }
}
