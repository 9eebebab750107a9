//! Origins as people write them: the site's own, and the remote ones that it may reach.

use std::fmt;
use std::str::FromStr;

use http::uri::Authority;

use crate::host_port::HostPort;

/// What is wrong with an address that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The site's own origin has another scheme than `http`, which is all the gateway serves.
    #[error("Not an `http://` origin: `{text}`")]
    NotHttp {
        /// What was written.
        text: String,
    },
    /// There is more, or less, than a scheme and a host.
    #[error("Expected a scheme and a host, as in `https://api.example.com`: `{text}`")]
    NotAnOrigin {
        /// What was written.
        text: String,
    },
    /// A star stands where none can.
    #[error("A `*` may stand alone or as the first label, as in `https://*.example.com`: `{text}`")]
    BadStar {
        /// What was written.
        text: String,
    },
}

/// The origin of an app's pages: `http` and a host, with a port only if it is not 80.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    authority: Authority,
    target: HostPort,
}

impl Origin {
    /// Returns the host, with its port when it has one.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn target(&self) -> &HostPort {
        &self.target
    }
}

impl FromStr for Origin {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some(rest) = text.strip_prefix("http://") else {
            return Err(AddressError::NotHttp { text: text.to_owned() });
        };
        let not_an_origin = || AddressError::NotAnOrigin { text: text.to_owned() };
        let authority: Authority = rest.parse().map_err(|_| not_an_origin())?;
        let target = HostPort::new(&authority, 80).ok_or_else(not_an_origin)?;
        Ok(Self { authority, target })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "http://{}", self.authority)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A scheme that a page can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn split(text: &str) -> Option<(Self, &str)> {
        let (scheme, rest) = text.split_once("://")?;
        match scheme {
            "http" => Some((Self::Http, rest)),
            "https" => Some((Self::Https, rest)),
            _ => None,
        }
    }

    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// Returns how the origin of a target is written.
    pub(crate) fn origin_of(self, target: &HostPort) -> String {
        let (name, host) = (self.name(), target.host());
        match target.port() {
            port if port == self.port() => format!("{name}://{host}"),
            port => format!("{name}://{host}:{port}"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Remote origins that the window may reach: `https://x.example`, `https://*.example.com`, `*`.
///
/// A pattern with a star never reaches this machine itself; its addresses have to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    text: String,
    rule: AllowedPattern,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum AllowedPattern {
    Anything,
    One(Scheme, HostPort),
    /// Every host below the target's host.
    Below(Scheme, HostPort),
}

/// What a target is allowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AllowedBy {
    /// Its own name, wherever that leads.
    Name,
    /// A star, which never leads to this machine.
    Wildcard,
}

impl Allowed {
    /// Returns how a plain request to a target is allowed, if it is.
    pub(crate) fn allows_plain(&self, target: &HostPort) -> Option<AllowedBy> {
        self.allowed_by(target, |scheme| scheme == Scheme::Http)
    }

    /// Returns how a tunnel to a target is allowed, if it is.
    pub(crate) fn allows_tunnel(&self, target: &HostPort) -> Option<AllowedBy> {
        self.allowed_by(target, |_| true)
    }

    fn allowed_by(
        &self,
        target: &HostPort,
        scheme_fits: impl Fn(Scheme) -> bool,
    ) -> Option<AllowedBy> {
        match &self.rule {
            AllowedPattern::Anything => Some(AllowedBy::Wildcard),
            AllowedPattern::One(scheme, own) => {
                (scheme_fits(*scheme) && own == target).then_some(AllowedBy::Name)
            }
            AllowedPattern::Below(scheme, own) => {
                let below = target.host().strip_suffix(own.host());
                let fits = below.is_some_and(|label| label.len() > 1 && label.ends_with('.'));
                (scheme_fits(*scheme) && fits && own.port() == target.port())
                    .then_some(AllowedBy::Wildcard)
            }
        }
    }
}

impl FromStr for Allowed {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rule = match text {
            "*" => AllowedPattern::Anything,
            _ => host_rule(text)?,
        };
        Ok(Self { text: text.to_owned(), rule })
    }
}

fn host_rule(text: &str) -> Result<AllowedPattern, AddressError> {
    let not_an_origin = || AddressError::NotAnOrigin { text: text.to_owned() };
    let (scheme, rest) = Scheme::split(text).ok_or_else(not_an_origin)?;
    let (star, host) = match rest.strip_prefix("*.") {
        Some(host) => (true, host),
        None => (false, rest),
    };
    if host.contains('*') {
        return Err(AddressError::BadStar { text: text.to_owned() });
    }
    let target = HostPort::parse(host, scheme.port()).ok_or_else(not_an_origin)?;
    Ok(if star {
        AllowedPattern::Below(scheme, target)
    } else {
        AllowedPattern::One(scheme, target)
    })
}

impl fmt::Display for Allowed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rule: &str, scheme: Scheme, host: &str) -> bool {
        let rule: Allowed = rule.parse().unwrap();
        let target = HostPort::parse(host, scheme.port()).unwrap();
        match scheme {
            Scheme::Http => rule.allows_plain(&target).is_some(),
            Scheme::Https => rule.allows_tunnel(&target).is_some(),
        }
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert_eq!(
            "http://items.localhost".parse::<Origin>().unwrap().to_string(),
            "http://items.localhost"
        );
        for text in ["", "items.localhost", "https://a.b", "http://", "http://a/b", "http://u@a"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_named_host_is_only_itself() {
        assert!(allows("https://x.example", Scheme::Https, "x.example"));
        assert!(allows("https://x.example:8443", Scheme::Https, "x.example:8443"));
        assert!(!allows("https://x.example", Scheme::Https, "x.example:8443"));
        assert!(!allows("https://x.example", Scheme::Https, "a.x.example"));
        assert!(!allows("https://x.example", Scheme::Https, "x.example.evil.test"));
        assert!(!allows("https://x.example", Scheme::Http, "x.example:443"));
        assert!(allows("http://x.example", Scheme::Http, "x.example"));
    }

    #[test]
    fn a_star_covers_what_is_below() {
        assert!(allows("https://*.example.com", Scheme::Https, "a.example.com"));
        assert!(allows("https://*.example.com", Scheme::Https, "a.b.example.com"));
        assert!(!allows("https://*.example.com", Scheme::Https, "example.com"));
        assert!(!allows("https://*.example.com", Scheme::Https, "evilexample.com"));
        assert!(allows("*", Scheme::Http, "anything.test:81"));
    }

    #[test]
    fn other_stars_are_refused() {
        for text in
            ["https://*", "https://a.*.com", "https://*a.com", "**", "ftp://a", "https://*.a/b"]
        {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
        }
    }
}
