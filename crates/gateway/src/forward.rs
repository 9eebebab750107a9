//! Passes a request on to a service or a remote host, and its answer back.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};

use crate::body::{Body, EndlessBody, UploadBody};
use crate::connection::ConnectionContext;
use crate::failure::Failure;
use crate::headers;
use crate::host_port::HostPort;
use crate::origin::AllowedBy;
use crate::send::{Upstream, send};
use crate::state::GatewayState;
use crate::tunnel;

/// What a service is asked for.
pub(crate) struct ServiceTarget {
    pub(crate) service: String,
    pub(crate) path: PathAndQuery,
    /// What was taken off the path.
    pub(crate) prefix: Option<String>,
}

/// Forwards a request to a service.
pub(crate) async fn to_service(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    mut request: Request<Incoming>,
    target: ServiceTarget,
) -> Result<Response<Body>, Failure> {
    let upgrade = headers::upgrade(request.headers());
    headers::strip_hop_by_hop(request.headers_mut(), upgrade.as_ref());
    headers::strip_secrets(request.headers_mut(), gateway.cookie_name());
    headers::set_forwarded(request.headers_mut(), context.client, target.prefix.as_deref());
    *request.uri_mut() = Uri::from(target.path);
    let upstream = Upstream::Service(target.service);
    let mut response = exchange(gateway, context, request, &upstream, upgrade).await?;
    if let Some(name) = gateway.cookie_name() {
        headers::keep_own_cookie(response.headers_mut(), name);
    }
    Ok(response)
}

/// Forwards a request to a remote host, in plain.
pub(crate) async fn to_remote(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    mut request: Request<Incoming>,
    target: HostPort,
    allowed_by: AllowedBy,
) -> Result<Response<Body>, Failure> {
    let upgrade = headers::upgrade(request.headers());
    headers::strip_hop_by_hop(request.headers_mut(), upgrade.as_ref());
    let path = request.uri().path_and_query().cloned();
    // From the absolute form, which only proxies are sent, to the one for servers.
    *request.uri_mut() = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    exchange(gateway, context, request, &Upstream::Remote(target, allowed_by), upgrade).await
}

async fn exchange(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    mut request: Request<Incoming>,
    upstream: &Upstream,
    upgrade: Option<HeaderValue>,
) -> Result<Response<Body>, Failure> {
    // Asked for before the request is sent on, for it takes the client's connection along.
    let client = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    *request.version_mut() = Version::HTTP_11;
    frame_unusual_body(&mut request);
    let repeatable = is_repeatable(&request);
    let (parts, incoming) = request.into_parts();
    let (upload, uploaded) = UploadBody::wrap(incoming, gateway.limits().body_idle);
    let request = Request::from_parts(parts, upload);

    let mut response = send(gateway, upstream, request, repeatable, &uploaded).await?;
    match (response.status(), client) {
        (StatusCode::SWITCHING_PROTOCOLS, Some(client)) => {
            let service = hyper::upgrade::on(&mut response);
            let half_closed = gateway.limits().half_closed;
            let carry = tunnel::join_upgraded(client, service, half_closed, gateway.stop.clone());
            context.spawn(gateway, carry);
        }
        (StatusCode::SWITCHING_PROTOCOLS, None) => return Err(only_for_proxies(upstream)),
        (StatusCode::PROXY_AUTHENTICATION_REQUIRED, _) => return Err(only_for_proxies(upstream)),
        _ => {}
    }
    Ok(pass_back(gateway, response))
}

/// Only the gateway may switch protocols unasked, or ask for the proxy's credentials: a window
/// that takes the question for the proxy's would send them to whoever asks.
fn only_for_proxies(upstream: &Upstream) -> Failure {
    upstream.bad_gateway("Its answer has a status that only a proxy may send".to_owned())
}

/// Frames a body of unknown length. On a method that mostly has no body, hyper would send none
/// unless the headers say that there is one.
fn frame_unusual_body(request: &mut Request<Incoming>) {
    let body = request.body();
    if !body.is_end_stream() && body.size_hint().exact().is_none() {
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

/// Checks whether a request may be sent more than once: its method is safe, so that twice means
/// the same as once, and it has no body, of which nothing is kept.
fn is_repeatable(request: &Request<Incoming>) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    safe && request.body().is_end_stream()
}

/// Makes the client's answer. Its body passes through frame by frame.
fn pass_back(gateway: &GatewayState, mut response: Response<Incoming>) -> Response<Body> {
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let upgrade = headers::upgrade(response.headers()).filter(|_| switched);
    headers::strip_hop_by_hop(response.headers_mut(), upgrade.as_ref());
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind.is_some_and(|kind| kind.starts_with(b"text/event-stream")) {
        return response.map(|body| EndlessBody::wrap(body, &gateway.stop));
    }
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}
