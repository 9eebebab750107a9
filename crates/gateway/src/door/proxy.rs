//! The proxy door: the window's way to everything, for who holds the credentials.

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Method, Request};

use super::{Credentials, only_value};
use crate::cross_site::{self, Neighbours};
use crate::event::Event;
use crate::failure::Failure;
use crate::pool::Peer;
use crate::routing::Place;
use crate::shared::{Shared, Visit};
use crate::target::Target;

/// What a request that was let in asks for.
#[derive(Debug)]
pub(crate) enum Decision {
    /// One of the app's own addresses.
    Serve(Place),
    /// A remote host, in plain.
    Forward(Peer),
    /// A tunnel to one of the app's own addresses.
    Inside(Target),
    /// A tunnel to a remote host.
    Tunnel(Peer),
}

/// Checks a request. Without credentials, nothing else about it is looked at.
pub(crate) fn check<B>(
    shared: &Shared,
    credentials: &Credentials,
    visit: &Visit,
    request: &Request<B>,
) -> Result<Decision, Failure> {
    if let Some(target) = &visit.inside {
        return inside(shared, target, request);
    }
    if !credentials.accept(request.headers().get(PROXY_AUTHORIZATION)) {
        return Err(Failure::NoCredentials);
    }
    if request.method() == Method::CONNECT {
        return connect(shared, request);
    }
    let target = target(request)?;
    match place(shared, &target) {
        Some(place) => serve(shared, request, place),
        None => match shared.reach_in_plain(&target) {
            Some(reach) => Ok(Decision::Forward(Peer::Remote(target, reach))),
            None => Err(blocked(shared, &target)),
        },
    }
}

/// Within a tunnel, requests look like those to an ordinary server.
fn inside<B>(shared: &Shared, target: &Target, request: &Request<B>) -> Result<Decision, Failure> {
    if request.method() == Method::CONNECT || request.uri().authority().is_some() {
        return Err(Failure::BadRequest { why: "A tunnel leads to one address" });
    }
    host_agrees(request, target)?;
    match place(shared, target) {
        Some(place) => serve(shared, request, place),
        None => Err(blocked(shared, target)),
    }
}

fn connect<B>(shared: &Shared, request: &Request<B>) -> Result<Decision, Failure> {
    let target = request.uri().authority().and_then(|authority| Target::new(authority, 443));
    let target = target.ok_or(Failure::BadRequest { why: "A tunnel needs a host and a port" })?;
    if request.headers().contains_key(HOST) {
        host_agrees(request, &target)?;
    }
    if place(shared, &target).is_some() {
        return Ok(Decision::Inside(target));
    }
    match shared.reach_by_tunnel(&target) {
        Some(reach) => Ok(Decision::Tunnel(Peer::Remote(target, reach))),
        None => Err(blocked(shared, &target)),
    }
}

fn target<B>(request: &Request<B>) -> Result<Target, Failure> {
    let uri = request.uri();
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().filter(|_| matches!(scheme, "http" | "ws"));
    let target = authority.and_then(|authority| Target::new(authority, 80));
    let why = "A proxy's request needs a whole `http:` address";
    let target = target.ok_or(Failure::BadRequest { why })?;
    host_agrees(request, &target)?;
    Ok(target)
}

/// Two addresses in one request would let it be checked as one and served as the other.
fn host_agrees<B>(request: &Request<B>, target: &Target) -> Result<(), Failure> {
    let default_port = if request.method() == Method::CONNECT { target.port() } else { 80 };
    let host = only_value(request.headers(), &HOST);
    let host = host.and_then(|host| Target::parse(host, default_port));
    if host.as_ref() == Some(target) {
        Ok(())
    } else {
        Err(Failure::BadRequest { why: "The host is missing, or not that of the address" })
    }
}

fn place(shared: &Shared, target: &Target) -> Option<Place> {
    if target == shared.site.origin.target() {
        return Some(Place::Site);
    }
    shared.routes.has_host(target).then(|| Place::Host(target.clone()))
}

fn serve<B>(shared: &Shared, request: &Request<B>, place: Place) -> Result<Decision, Failure> {
    let upgrades = crate::headers::upgrade(request.headers()).is_some();
    // To a browser, the pages and a route's host are two sites.
    let neighbours = match place {
        Place::Site => Neighbours::Refused,
        Place::Host(_) => Neighbours::Expected,
    };
    cross_site::check(request, upgrades, neighbours, |scheme, origin| {
        let own_host = matches!(&place, Place::Host(host) if host == origin);
        shared.is_pages_origin(scheme, origin) || own_host && scheme == crate::origin::Scheme::Http
    })?;
    Ok(Decision::Serve(place))
}

fn blocked(shared: &Shared, target: &Target) -> Failure {
    let target = target.to_string();
    let why = format!("The app is not allowed to reach `{target}`");
    shared.tell(Event::Refused { target: target.clone(), why });
    Failure::Blocked { target }
}
