//! The proxy door: the window's way to everything, for who holds the credentials.

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Method, Request};

use super::{Credentials, only_value};
use crate::connection::ConnectionContext;
use crate::cross_site::{self, FetchSiteCheck};
use crate::failure::Failure;
use crate::host_port::HostPort;
use crate::origin::{AllowedBy, Scheme};
use crate::routing::AppAddress;
use crate::state::GatewayState;

/// What a request asks for that has the credentials.
#[derive(Debug)]
pub(crate) enum ProxyDecision {
    /// One of the app's own addresses.
    Serve(AppAddress),
    /// A remote host, in plain.
    Forward(HostPort, AllowedBy),
    /// A tunnel to one of the app's own addresses.
    Inside(HostPort),
    /// A tunnel to a remote host.
    Tunnel(HostPort, AllowedBy),
}

/// Reports whether a request may be looked at any further: it carries the credentials, or came
/// through a tunnel that was opened with them.
pub(crate) fn has_credentials<B>(
    credentials: &Credentials,
    context: &ConnectionContext,
    request: &Request<B>,
) -> bool {
    context.tunnel_target.is_some()
        || credentials.accept(request.headers().get(PROXY_AUTHORIZATION))
}

/// Decides what becomes of a request that has the credentials.
pub(crate) fn check<B>(
    gateway: &GatewayState,
    context: &ConnectionContext,
    request: &Request<B>,
) -> Result<ProxyDecision, Failure> {
    if let Some(target) = &context.tunnel_target {
        return inside(gateway, target, request);
    }
    if request.method() == Method::CONNECT {
        return connect(gateway, request);
    }
    let target = target(request)?;
    match app_address(gateway, &target) {
        Some(address) => serve(gateway, request, address),
        None => match gateway.plain_allowed_by(&target) {
            Some(allowed_by) => Ok(ProxyDecision::Forward(target, allowed_by)),
            None => Err(blocked(gateway, Scheme::Http, &target)),
        },
    }
}

/// Decides on a request that came through a tunnel to one of the app's own addresses. There it looks
/// like one to an ordinary server, and must not lead anywhere else: what the tunnel was opened for
/// is all that was checked.
fn inside<B>(
    gateway: &GatewayState,
    target: &HostPort,
    request: &Request<B>,
) -> Result<ProxyDecision, Failure> {
    if request.method() == Method::CONNECT || request.uri().authority().is_some() {
        return Err(Failure::BadRequest { why: "A tunnel leads to one address" });
    }
    host_agrees(request, target)?;
    match app_address(gateway, target) {
        Some(address) => serve(gateway, request, address),
        None => Err(blocked(gateway, Scheme::Https, target)),
    }
}

/// Decides on a `CONNECT`. A tunnel to the app's own addresses is not just let through: within it,
/// requests would pass unchecked.
fn connect<B>(gateway: &GatewayState, request: &Request<B>) -> Result<ProxyDecision, Failure> {
    let target = request.uri().authority().and_then(|authority| HostPort::new(authority, 443));
    let target = target.ok_or(Failure::BadRequest { why: "A tunnel needs a host and a port" })?;
    if request.headers().contains_key(HOST) {
        host_agrees(request, &target)?;
    }
    if app_address(gateway, &target).is_some() {
        return Ok(ProxyDecision::Inside(target));
    }
    match gateway.tunnel_allowed_by(&target) {
        Some(allowed_by) => Ok(ProxyDecision::Tunnel(target, allowed_by)),
        None => Err(blocked(gateway, Scheme::Https, &target)),
    }
}

/// Returns the address of a request in absolute form, the only one that is for a proxy. `ws` is what
/// some browsers write for a WebSocket without a tunnel; `https` would have to be a tunnel.
fn target<B>(request: &Request<B>) -> Result<HostPort, Failure> {
    let uri = request.uri();
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().filter(|_| matches!(scheme, "http" | "ws"));
    let target = authority.and_then(|authority| HostPort::new(authority, 80));
    let why = "A proxy's request needs a whole `http:` address";
    let target = target.ok_or(Failure::BadRequest { why })?;
    host_agrees(request, &target)?;
    Ok(target)
}

/// Two addresses in one request would let it be checked as one and served as the other.
fn host_agrees<B>(request: &Request<B>, target: &HostPort) -> Result<(), Failure> {
    let default_port = if request.method() == Method::CONNECT { target.port() } else { 80 };
    let host = only_value(request.headers(), &HOST);
    let host = host.and_then(|host| HostPort::parse(host, default_port));
    if host.as_ref() == Some(target) {
        Ok(())
    } else {
        Err(Failure::BadRequest { why: "The host is missing, or not that of the address" })
    }
}

fn app_address(gateway: &GatewayState, target: &HostPort) -> Option<AppAddress> {
    if target == gateway.site.origin.target() {
        return Some(AppAddress::Pages);
    }
    gateway.routes.has_host(target).then(|| AppAddress::RouteHost(target.clone()))
}

fn serve<B>(
    gateway: &GatewayState,
    request: &Request<B>,
    address: AppAddress,
) -> Result<ProxyDecision, Failure> {
    let upgrades = crate::headers::upgrade(request.headers()).is_some();
    // To a browser, the pages and a route's host are two sites.
    let fetch_site = match address {
        AppAddress::Pages => FetchSiteCheck::Enforced,
        AppAddress::RouteHost(_) => FetchSiteCheck::Skipped,
    };
    cross_site::check(request, upgrades, fetch_site, |scheme, origin| {
        let own_host = matches!(&address, AppAddress::RouteHost(host) if host == origin);
        gateway.is_pages_origin(scheme, origin) || own_host && scheme == Scheme::Http
    })?;
    Ok(ProxyDecision::Serve(address))
}

fn blocked(gateway: &GatewayState, scheme: Scheme, target: &HostPort) -> Failure {
    gateway.blocked(scheme, target, format!("The app is not allowed to reach `{target}`"))
}
