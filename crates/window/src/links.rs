//! Which addresses belong into the window, and which into the user's browser.

use ensconce_protocol::Appearance;
use url::Url;

/// The rules by which an address belongs to an app.
#[derive(Debug, Clone, Default)]
pub(crate) struct LinkRules {
    /// Origins of the app, as `http://items.localhost`.
    own: Vec<String>,
    /// Remote origins that its manifest allows, as written there.
    allowed: Vec<String>,
}

impl LinkRules {
    pub(crate) fn of(app: &Appearance) -> Self {
        let mut own = app.origins.clone();
        let first_page = Url::parse(app.entry.url());
        own.extend(first_page.map(|url| url.origin().ascii_serialization()));
        Self { own, allowed: app.allow.clone() }
    }

    /// Checks whether an address belongs into the user's browser: a web page of someone else.
    pub(crate) fn is_foreign(&self, url: &Url) -> bool {
        if !matches!(url.scheme(), "http" | "https") {
            return matches!(url.scheme(), "mailto" | "tel");
        }
        let origin = url.origin().ascii_serialization();
        let is_shell = url.host_str() == Some("tauri.localhost");
        !is_shell
            && !self.own.contains(&origin)
            && !self.allowed.iter().any(|rule| covers(rule, url))
    }
}

/// Checks whether a rule such as `https://*.example.com` covers an address.
fn covers(rule: &str, url: &Url) -> bool {
    if rule == "*" {
        return true;
    }
    let Some((scheme, rest)) = rule.split_once("://") else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (rest, None),
    };
    let default = if scheme == "https" { 443 } else { 80 };
    let name = url.host_str().unwrap_or_default();
    let fits = match host.strip_prefix("*.") {
        Some(domain) => name.ends_with(domain) && name[..name.len() - domain.len()].ends_with('.'),
        None => name == host,
    };
    fits && url.scheme() == scheme && url.port_or_known_default() == Some(port.unwrap_or(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> LinkRules {
        LinkRules {
            own: vec!["http://items.localhost".to_owned(), "http://localhost:8000".to_owned()],
            allowed: vec![
                "https://fonts.example.com".to_owned(),
                "https://*.example.org".to_owned(),
            ],
        }
    }

    #[test]
    fn the_app_and_what_it_allows_stay_in_the_window() {
        for own in [
            "http://items.localhost/a?b#c",
            "http://localhost:8000/api",
            "tauri://localhost/index.html",
            "http://tauri.localhost/",
            "about:blank",
            "blob:http://items.localhost/1",
            "https://fonts.example.com/x",
            "https://a.b.example.org/",
        ] {
            assert!(!rules().is_foreign(&Url::parse(own).unwrap()), "{own}");
        }
    }

    #[test]
    fn everything_else_is_for_the_browser() {
        for foreign in [
            "https://example.com/",
            "http://items.localhost:81/",
            "https://items.localhost/",
            "http://fonts.example.com/",
            "https://fonts.example.com:444/",
            "https://example.org/",
            "https://evilexample.org/",
            "https://fonts.example.com.evil.test/",
            "mailto:someone@example.com",
        ] {
            assert!(rules().is_foreign(&Url::parse(foreign).unwrap()), "{foreign}");
        }
    }
}
