//! The browser door: an ordinary loopback origin, for who holds the session's cookie.

use http::header::{CACHE_CONTROL, COOKIE, HOST, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};

use super::session::TOKEN_PARAMETER;
use super::{Session, only_value};
use crate::body::{self, Body};
use crate::cross_site::{self, FetchSiteCheck};
use crate::failure::Failure;
use crate::host_port::HostPort;
use crate::origin::Scheme;
use crate::state::GatewayState;

/// The path by which the app's pages lead to its settings.
const SETTINGS: &str = "/.ensconce/settings";

/// Who has shown a credential of this launch.
#[derive(Debug)]
pub(crate) enum BrowserVisitor {
    /// A browser that holds the session's cookie, and the address that it came by.
    Known { reached: HostPort },
    /// A browser that opens the session with a link, and starts anew without its token.
    Entering(Box<Response<Body>>),
}

/// Finds out who sent a request, and takes the token out of it.
pub(crate) fn identify<B>(
    gateway: &GatewayState,
    session: &Session,
    request: &mut Request<B>,
) -> Result<BrowserVisitor, Failure> {
    if request.method() == Method::CONNECT || request.uri().authority().is_some() {
        return Err(Failure::BadRequest { why: "This is no proxy" });
    }
    let reached = reached_by(gateway, request)?;
    let token = take_token(request.uri_mut());
    let has_cookie = session.accept(request.headers().get_all(COOKIE));
    if let (Some(token), true) = (&token, request.method() == Method::GET) {
        return enter(gateway, session, token, has_cookie, request.uri());
    }
    if has_cookie { Ok(BrowserVisitor::Known { reached }) } else { Err(Failure::NoSession) }
}

/// Refuses what another site made, though the browser that sent it holds the cookie.
pub(crate) fn check_origin<B>(request: &Request<B>, reached: &HostPort) -> Result<(), Failure> {
    let upgrades = crate::headers::upgrade(request.headers()).is_some();
    cross_site::check(request, upgrades, FetchSiteCheck::Enforced, |scheme, target| {
        scheme == Scheme::Http && target == reached
    })
}

/// Returns the address that a request came by, which must be one of this gateway's own: a name
/// that merely leads here (DNS rebinding) is none.
fn reached_by<B>(gateway: &GatewayState, request: &Request<B>) -> Result<HostPort, Failure> {
    let foreign = Failure::Forbidden { why: "The host is not this app's own address" };
    let host = only_value(request.headers(), &HOST).and_then(|host| HostPort::parse(host, 80));
    let Some(host) = host else { return Err(foreign) };
    let name = gateway.site.origin.target().host();
    let is_named = name.ends_with(".localhost") && host.host() == name;
    let is_own = host.host() == "localhost" || is_named;
    if is_own && host.port() == gateway.port { Ok(host) } else { Err(foreign) }
}

/// Takes the token out of the query, so that no service, log or page sees it, and leaves all else
/// as it is.
fn take_token(uri: &mut Uri) -> Option<String> {
    let query = uri.query()?;
    let value = |pair: &str| {
        let value = pair.strip_prefix(TOKEN_PARAMETER)?;
        if value.is_empty() {
            Some(String::new())
        } else {
            value.strip_prefix('=').map(str::to_owned)
        }
    };
    let token = query.split('&').find_map(value)?;
    let kept: Vec<&str> = query.split('&').filter(|pair| value(pair).is_none()).collect();
    let rest = match kept.join("&") {
        query if query.is_empty() => uri.path().to_owned(),
        query => format!("{}?{query}", uri.path()),
    };
    if let Ok(rest) = rest.parse::<PathAndQuery>() {
        *uri = Uri::from(rest);
    }
    Some(token)
}

/// Opens the session for a browser with a fresh token; one that has the cookie already just goes
/// on, for people click a link twice.
fn enter(
    gateway: &GatewayState,
    session: &Session,
    token: &str,
    has_cookie: bool,
    uri: &Uri,
) -> Result<BrowserVisitor, Failure> {
    let fresh = session.redeem(token);
    if !fresh && !has_cookie {
        return Err(Failure::LinkUsed);
    }
    let mut response = lead_to(landing(&gateway.site.start_path, uri));
    let cookie = HeaderValue::from_str(&session.set_cookie()).ok();
    if let Some(cookie) = cookie.filter(|_| fresh) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(BrowserVisitor::Entering(Box::new(response)))
}

/// Leads from a link in the app's pages to its settings, which have an origin of their own.
pub(crate) fn settings<B>(gateway: &GatewayState, request: &Request<B>) -> Option<Response<Body>> {
    let page = gateway.site.settings.as_ref()?;
    if request.method() != Method::GET || request.uri().path() != SETTINGS {
        return None;
    }
    let host = only_value(request.headers(), &HOST)?;
    let back = format!("http://{host}{}", gateway.site.start_path);
    let address = HeaderValue::from_str(&page.address(&back)?).ok()?;
    Some(lead_to(address))
}

/// Leads on, and lets nobody keep or pass on what was in the address before or is in this one.
fn lead_to(location: HeaderValue) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Returns the same path without the token. A path that a browser may take for another host's
/// address leads to the start instead: a link must not send its user anywhere else.
fn landing(start_path: &str, uri: &Uri) -> HeaderValue {
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let path = if path == "/" { start_path } else { path };
    let elsewhere = !path.starts_with('/') || path.starts_with("//") || path.contains('\\');
    let strange = path.bytes().any(|byte| !(b'!'..=b'~').contains(&byte));
    let path = if elsewhere || strange { "/" } else { path };
    HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_taken_out_and_the_rest_kept() {
        let check = |uri: &str, token: Option<&str>, rest: &str| {
            let mut uri: Uri = uri.parse().unwrap();
            assert_eq!(take_token(&mut uri).as_deref(), token);
            assert_eq!(uri.to_string(), rest);
        };
        check("/?ensconce_token=x", Some("x"), "/");
        check("/a%2F?b=1&ensconce_token=x&c=%20&&", Some("x"), "/a%2F?b=1&c=%20&&");
        check("/?ensconce_token=x&ensconce_token=y", Some("x"), "/");
        check("/?ensconce_token", Some(""), "/");
        check("/?ensconce_tokens=x", None, "/?ensconce_tokens=x");
        check("/ensconce_token=x", None, "/ensconce_token=x");
    }

    #[test]
    fn nothing_lands_on_another_host() {
        let check = |uri: &str, expect: &str| {
            assert_eq!(landing("/start", &uri.parse().unwrap()), expect, "{uri}");
        };
        check("/", "/start");
        check("/a?b", "/a?b");
        check("/?b", "/?b");
        for uri in ["//evil.test", "//evil.test/?x", "/\\evil.test", "/a\\b", "/é"] {
            check(uri, "/");
        }
    }
}
