//! Picks who answers, by an address of the app and a path.

use http::Uri;
use http::uri::PathAndQuery;

use crate::failure::Failure;
use crate::host_port::HostPort;
use crate::origin::Scheme;
use crate::path::{self, PathSegment, RequestPath};
use crate::site::{Root, Site};

/// Which of the app's own addresses a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AppAddress {
    /// The pages' own origin.
    Pages,
    /// A route's own host.
    RouteHost(HostPort),
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A service, with the path it sees and the prefix that was taken off.
    Service { name: String, path: PathAndQuery, prefix: Option<String> },
    /// The folder of pages.
    Static(RequestPath),
    /// Pages that live elsewhere.
    Elsewhere(Uri),
}

/// All routes, longest first.
#[derive(Debug)]
pub(crate) struct RouteTable {
    routes: Vec<RouteEntry>,
    root: Root,
    start_path: String,
}

#[derive(Debug)]
struct RouteEntry {
    address: AppAddress,
    prefix: Vec<PathSegment>,
    path: String,
    service: String,
    strip: bool,
}

impl RouteTable {
    /// Reads a site's routes.
    pub(crate) fn new(site: &Site) -> Self {
        let mut routes: Vec<RouteEntry> =
            site.routes.iter().map(|route| entry(route, site)).collect();
        routes.sort_by_key(|entry| std::cmp::Reverse(entry.prefix.len()));
        Self { routes, root: site.root.clone(), start_path: site.start_path.clone() }
    }

    /// Checks whether a target is some route's own host.
    pub(crate) fn has_host(&self, target: &HostPort) -> bool {
        self.routes
            .iter()
            .any(|entry| matches!(&entry.address, AppAddress::RouteHost(host) if host == target))
    }

    /// Picks who answers.
    pub(crate) fn pick(&self, address: &AppAddress, uri: &Uri) -> Result<Destination, Failure> {
        let path = RequestPath::read(uri.path())
            .ok_or(Failure::BadRequest { why: "The path has dot segments" })?;
        let route = self.find(address, |prefix| path.is_below(prefix));
        let loosely = self.find(address, |prefix| path.may_be_below(prefix));
        if route.map(std::ptr::from_ref) != loosely.map(std::ptr::from_ref) {
            return Err(Failure::BadRequest { why: "The path can be read in two ways" });
        }
        match (route, address) {
            (Some(entry), _) => to_service(entry, uri),
            (None, AppAddress::Pages) => self.root(path, uri),
            (None, AppAddress::RouteHost(_)) => Err(Failure::NotFound),
        }
    }

    fn find(
        &self,
        address: &AppAddress,
        is_below: impl Fn(&[PathSegment]) -> bool,
    ) -> Option<&RouteEntry> {
        self.routes.iter().find(|entry| entry.address == *address && is_below(&entry.prefix))
    }

    fn root(&self, path: RequestPath, uri: &Uri) -> Result<Destination, Failure> {
        match &self.root {
            Root::Static(_) => Ok(Destination::Static(path)),
            Root::Service(name) => Ok(Destination::Service {
                name: name.clone(),
                path: path_and_query(uri),
                prefix: None,
            }),
            Root::Remote(remote) => self.elsewhere(remote, uri).map(Destination::Elsewhere),
        }
    }

    /// The start leads to the remote address as it was written, any other path to its own.
    fn elsewhere(&self, remote: &Uri, uri: &Uri) -> Result<Uri, Failure> {
        if uri.path() == "/" || path_and_query(uri).as_str() == self.start_path {
            return Ok(remote.clone());
        }
        let mut parts = remote.clone().into_parts();
        parts.path_and_query = Some(path_and_query(uri));
        Uri::from_parts(parts).map_err(|_| Failure::NotFound)
    }
}

fn entry(route: &crate::Route, site: &Site) -> RouteEntry {
    let host = route.host.as_ref().and_then(|host| HostPort::new(host, 80));
    let address = match host {
        Some(host) if host != *site.origin.target() => AppAddress::RouteHost(host),
        _ => AppAddress::Pages,
    };
    RouteEntry {
        address,
        prefix: path::prefix(&route.path),
        path: route.path.trim_end_matches('/').to_owned(),
        service: route.service.clone(),
        strip: route.strip,
    }
}

fn to_service(entry: &RouteEntry, uri: &Uri) -> Result<Destination, Failure> {
    let whole = path_and_query(uri);
    let name = entry.service.clone();
    if !entry.strip || entry.prefix.is_empty() {
        return Ok(Destination::Service { name, path: whole, prefix: None });
    }
    let rest = path::strip(whole.path(), entry.prefix.len());
    let rest = match whole.query() {
        Some(query) => format!("{rest}?{query}").parse(),
        None => rest.parse(),
    };
    let path = rest.map_err(|_| Failure::BadRequest { why: "The path cannot be passed on" })?;
    Ok(Destination::Service { name, path, prefix: Some(entry.path.clone()) })
}

fn path_and_query(uri: &Uri) -> PathAndQuery {
    uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"))
}

/// Returns the origin of pages that live elsewhere.
pub(crate) fn remote_origin(root: &Root) -> Option<(Scheme, HostPort)> {
    let Root::Remote(uri) = root else { return None };
    let (scheme, _) = Scheme::split(&format!("{}://", uri.scheme_str()?))?;
    Some((scheme, HostPort::new(uri.authority()?, scheme.port())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Route};

    fn route(host: Option<&str>, path: &str, service: &str, strip: bool) -> Route {
        let host = host.map(|host| host.parse().unwrap());
        Route { host, path: path.to_owned(), service: service.to_owned(), strip }
    }

    fn routes(root: Root) -> RouteTable {
        RouteTable::new(&Site {
            app: "Items".to_owned(),
            origin: "http://items.localhost".parse().unwrap(),
            root,
            routes: vec![
                route(None, "/api", "api", false),
                route(None, "/api/files", "files", true),
                route(Some("localhost:8000"), "/", "api", false),
                route(Some("items.localhost"), "/own", "own", false),
            ],
            allow: Vec::new(),
            start_path: "/start".to_owned(),
            settings: None,
            limits: Limits::default(),
        })
    }

    fn check(address: &AppAddress, path: &str, expect: &str) {
        let picked = routes(Root::Service("root".to_owned())).pick(address, &path.parse().unwrap());
        let seen = match picked {
            Ok(Destination::Service { name, path, prefix }) => {
                format!("{name} {path} {}", prefix.unwrap_or_default()).trim_end().to_owned()
            }
            Ok(other) => format!("{other:?}"),
            Err(failure) => failure.row().status.as_str().to_owned(),
        };
        assert_eq!(seen, expect, "{path}");
    }

    #[test]
    fn the_longest_route_wins() {
        check(&AppAddress::Pages, "/", "root /");
        check(&AppAddress::Pages, "/apiary", "root /apiary");
        check(&AppAddress::Pages, "/api?x=/api/files", "api /api?x=/api/files");
        check(&AppAddress::Pages, "/api/files/a%20b?c", "files /a%20b?c /api/files");
        check(&AppAddress::Pages, "/api/files?c", "files /?c /api/files");
        check(&AppAddress::Pages, "/own/x", "own /own/x");
    }

    #[test]
    fn a_path_of_two_minds_is_refused() {
        for path in ["/api%2fx", "/api/files%2Fx", "//api", "/api//files", "/api%5cx", "/api/../x"]
        {
            check(&AppAddress::Pages, path, "400");
        }
        check(&AppAddress::Pages, "/api/x%2Fy", "api /api/x%2Fy");
        check(&AppAddress::Pages, "/%61pi/x", "api /%61pi/x");
    }

    #[test]
    fn a_host_has_only_its_own_routes() {
        let host = AppAddress::RouteHost(HostPort::parse("127.0.0.1:8000", 80).unwrap());
        check(&host, "/api/files/x", "api /api/files/x");
        check(&AppAddress::RouteHost(HostPort::parse("localhost:9", 80).unwrap()), "/", "404");
    }

    #[test]
    fn remote_pages_keep_their_path() {
        let routes = routes(Root::Remote("https://x.example/app".parse().unwrap()));
        let pick = |path: &str| routes.pick(&AppAddress::Pages, &path.parse().unwrap());
        let elsewhere = |to: &str| Ok(Destination::Elsewhere(to.parse().unwrap()));
        assert_eq!(pick("/start"), elsewhere("https://x.example/app"));
        assert_eq!(pick("/a?b"), elsewhere("https://x.example/a?b"));
    }
}
