//! Answers a browser's question before a request across origins (CORS preflight).
//!
//! Browsers send it without credentials, and give up when a proxy asks for some; WebKit never
//! tries again. So the window's pages could never send JSON to a route's own host. The gateway
//! answers it itself, for the pages' own origin and the routes' hosts only: no service sees it,
//! and the answer holds nothing but what was asked. Whether the pages may read the answer to the
//! request that follows is still for the service to say.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, PROXY_AUTHORIZATION, VARY,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::body::{self, Body};
use crate::cross_site;
use crate::host_port::HostPort;
use crate::state::GatewayState;

/// How long a browser may remember the answer, in seconds: a launch does not change it.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Answers a preflight that comes without credentials, and nothing else.
pub(crate) fn answer<B>(gateway: &GatewayState, request: &Request<B>) -> Option<Response<Body>> {
    let method = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD)?;
    let is_preflight =
        request.method() == Method::OPTIONS && !request.headers().contains_key(PROXY_AUTHORIZATION);
    let (scheme, origin) = cross_site::claimed_origin(request.headers())?;
    let asked = request.uri().authority().and_then(|authority| HostPort::new(authority, 80))?;
    let concerns_us = request.uri().scheme_str() == Some("http")
        && gateway.routes.has_host(&asked)
        && gateway.is_pages_origin(scheme, &origin);
    (is_preflight && concerns_us).then(|| allow(request, method))
}

fn allow<B>(request: &Request<B>, method: &HeaderValue) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let mut copy = |from: HeaderName, to: HeaderName| {
        if let Some(value) = request.headers().get(from) {
            headers.insert(to, value.clone());
        }
    };
    copy(ORIGIN, ACCESS_CONTROL_ALLOW_ORIGIN);
    copy(ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    headers.insert(VARY, HeaderValue::from_static("origin"));
    response
}
