//! A host and port in one spelling, so that two ways to write one address compare equal.

use std::fmt;
use std::net::Ipv6Addr;

use http::uri::Authority;

/// The longest name that there can be, in bytes.
const LONGEST_NAME: usize = 253;

/// A host and port. Loopback's spellings are one host; a missing port is the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HostPort {
    host: String,
    port: u16,
}

impl HostPort {
    /// Reads an authority; `None` when it names a user, an empty host or a bad port.
    pub(crate) fn new(authority: &Authority, default_port: u16) -> Option<Self> {
        let text = authority.as_str();
        if text.contains('@') {
            return None;
        }
        let host = authority.host();
        let port = match text[host.len()..].strip_prefix(':') {
            None if text.len() == host.len() => default_port,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => port.parse().ok()?,
            _ => return None,
        };
        Some(Self { host: one_spelling(host)?, port })
    }

    /// Reads an authority from text.
    pub(crate) fn parse(text: &str, default_port: u16) -> Option<Self> {
        Self::new(&text.parse().ok()?, default_port)
    }

    /// Returns the host, lower case; every loopback spelling reads `localhost`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            80 => formatter.write_str(&self.host),
            port => write!(formatter, "{}:{port}", self.host),
        }
    }
}

fn one_spelling(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    if let Some(inner) = host.strip_prefix('[') {
        let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(if address == Ipv6Addr::LOCALHOST {
            "localhost".to_owned()
        } else {
            format!("[{address}]")
        });
    }
    match host.as_str() {
        "" => None,
        // No name that can be looked up is longer. What pages ask for is kept, told and shown.
        long if long.len() > LONGEST_NAME => None,
        "127.0.0.1" => Some("localhost".to_owned()),
        _ => Some(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let found = HostPort::parse(text, 80).map(|target| target.to_string());
        assert_eq!(found.as_deref(), expect, "{text}");
    }

    #[test]
    fn spellings_of_one_address_are_one_target() {
        check("Items.LocalHost", Some("items.localhost"));
        check("items.localhost:80", Some("items.localhost"));
        check("127.0.0.1:8000", Some("localhost:8000"));
        check("[::1]:8000", Some("localhost:8000"));
        check("[0:0:0:0:0:0:0:1]:8000", Some("localhost:8000"));
        check("[2001:DB8::1]:1", Some("[2001:db8::1]:1"));
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for text in ["user@items.localhost", "items.localhost:", ":80", "a:99999", "a:+80", "a b"] {
            check(text, None);
        }
        let name = |length| "a".repeat(length);
        check(&name(LONGEST_NAME), Some(&name(LONGEST_NAME)));
        check(&name(LONGEST_NAME + 1), None);
    }
}
