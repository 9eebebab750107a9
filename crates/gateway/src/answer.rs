//! One request, from the door to its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, EXPECT, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::body::{self, Body};
use crate::connect;
use crate::connection::ConnectionContext;
use crate::door::browser::{self, BrowserVisitor};
use crate::door::proxy::{self, ProxyDecision};
use crate::door::{Credentials, Door, Session};
use crate::event::Event;
use crate::failure::Failure;
use crate::forward::{self, ServiceTarget};
use crate::host_port::HostPort;
use crate::notice::{self, NoticeFormat};
use crate::origin::{AllowedBy, Scheme};
use crate::preflight;
use crate::routing::{AppAddress, Destination};
use crate::send::{Upstream, connect_failure};
use crate::server;
use crate::site::Root;
use crate::state::GatewayState;
use crate::static_files;
use crate::tunnel;

/// How much of a refused request's body is read.
const DISCARDED: usize = 256 * 1024;

/// How long a refused request's body is read.
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Answers a request. Every failure becomes a notice here, and nowhere else.
pub(crate) async fn answer(
    gateway: Arc<GatewayState>,
    context: ConnectionContext,
    request: Request<Incoming>,
) -> Response<Body> {
    context.ticket.on_request();
    let format = NoticeFormat::for_request(request.headers());
    let answered = match &gateway.door {
        Door::Proxy(credentials) => by_proxy(&gateway, &context, credentials, request).await,
        Door::Browser(session) => by_browser(&gateway, &context, session, request).await,
    };
    answered.unwrap_or_else(|failure| {
        if failure.is_upstream_failure() {
            let service = failure.service().map(str::to_owned);
            gateway.report(Event::Unanswered { service, page: format == NoticeFormat::Page });
        }
        notice::answer(&failure, &gateway.site.app, format)
    })
}

/// Reads a refused request's body to its end, if that is near: a client that is still sending
/// when its connection closes never sees the answer, such as the one that asks for credentials.
async fn discard(request: Request<Incoming>, failure: Failure) -> Failure {
    let waits_to_send = request.headers().contains_key(EXPECT);
    let mut body = Limited::new(request.into_body(), DISCARDED);
    let read_on = async { while let Some(Ok(_)) = body.frame().await {} };
    if !waits_to_send && tokio::time::timeout(DISCARD_TIME, read_on).await.is_err() {
        tracing::debug!("A refused request's body did not end within {DISCARD_TIME:?}");
    }
    failure
}

async fn by_proxy(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    credentials: &Credentials,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    if !proxy::has_credentials(credentials, context, &request) {
        return match preflight::answer(gateway, &request) {
            Some(answer) => Ok(answer),
            None => Err(discard(request, Failure::NoCredentials).await),
        };
    }
    context.admit().await?;
    match proxy::check(gateway, context, &request) {
        Ok(ProxyDecision::Serve(address)) => serve(gateway, context, address, request).await,
        Ok(ProxyDecision::Forward(target, allowed_by)) => {
            forward::to_remote(gateway, context, request, target, allowed_by).await
        }
        Ok(ProxyDecision::Inside(target)) => Ok(turn_inside(gateway, context, request, target)),
        Ok(ProxyDecision::Tunnel(target, allowed_by)) => {
            open_tunnel(gateway, context, request, target, allowed_by).await
        }
        Err(failure) => Err(discard(request, failure).await),
    }
}

async fn by_browser(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    session: &Session,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    let visitor = match browser::identify(gateway, session, &mut request) {
        Ok(visitor) => visitor,
        Err(failure) => return Err(discard(request, failure).await),
    };
    context.admit().await?;
    let reached = match visitor {
        BrowserVisitor::Entering(redirect) => return Ok(*redirect),
        BrowserVisitor::Known { reached } => reached,
    };
    if let Err(failure) = browser::check_origin(&request, &reached) {
        return Err(discard(request, failure).await);
    }
    match browser::settings(gateway, &request) {
        Some(redirect) => Ok(redirect),
        None => serve(gateway, context, AppAddress::Pages, request).await,
    }
}

/// Serves what comes out of a tunnel that leads back into the gateway.
fn turn_inside(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    request: Request<Incoming>,
    target: HostPort,
) -> Response<Body> {
    let upgrade = hyper::upgrade::on(request);
    let inside = ConnectionContext { tunnel_target: Some(target), ..context.clone() };
    let state = Arc::clone(gateway);
    // Boxed as a trait object, for a connection within a connection is a type within itself.
    let serving: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
        if let Ok(client) = upgrade.await {
            server::serve_connection(state, inside, client).await;
        }
    });
    context.spawn(gateway, serving);
    Response::new(body::empty())
}

/// Connects first, so that a host that cannot be reached is a failure and no silent tunnel.
async fn open_tunnel(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    request: Request<Incoming>,
    target: HostPort,
    allowed_by: AllowedBy,
) -> Result<Response<Body>, Failure> {
    let connecting = connect::remote(&target, allowed_by);
    let remote = connect::in_time(gateway.limits().connect, connecting).await.map_err(|error| {
        let remote = Upstream::Remote(target, allowed_by);
        connect_failure(gateway, Scheme::Https, &remote, &error)
    })?;
    let upgrade = hyper::upgrade::on(request);
    let (half_closed, stop) = (gateway.limits().half_closed, gateway.stop.clone());
    context.spawn(gateway, async move {
        let Ok(client) = upgrade.await else { return };
        let carry = tunnel::join(TokioIo::new(client), remote, half_closed);
        stop.run_until_cancelled(carry).await;
    });
    Ok(Response::new(body::empty()))
}

/// Reports, when dropped, a request that its client gave up waiting for, or that its service could
/// not answer.
struct UnansweredReport<'a> {
    gateway: &'a GatewayState,
    service: Option<String>,
}

impl Drop for UnansweredReport<'_> {
    fn drop(&mut self) {
        if let Some(service) = self.service.take() {
            self.gateway.report(Event::Unanswered { service: Some(service), page: false });
        }
    }
}

async fn serve(
    gateway: &Arc<GatewayState>,
    context: &ConnectionContext,
    address: AppAddress,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    let reads = request.method() == Method::GET && address == AppAddress::Pages;
    let format = NoticeFormat::for_request(request.headers());
    let response = match gateway.routes.pick(&address, request.uri())? {
        Destination::Service { name, path, prefix } => {
            let mut report = UnansweredReport { gateway, service: Some(name.clone()) };
            let target = ServiceTarget { service: name, path, prefix };
            let answered = forward::to_service(gateway, context, request, target).await;
            // What fails here is told where it becomes an answer.
            if !answered.as_ref().is_ok_and(|answer| answer.status().is_server_error()) {
                report.service = None;
            }
            answered?
        }
        Destination::Static(path) => match &gateway.site.root {
            Root::Static(site) => {
                let (parts, _body) = request.into_parts();
                static_files::answer(site, path, Request::from_parts(parts, ())).await?
            }
            Root::Service(_) | Root::Remote(_) => return Err(Failure::NotFound),
        },
        Destination::Elsewhere(uri) => redirect(&uri)?,
    };
    if reads && is_page(&response, format) {
        gateway.report_first_page();
    }
    Ok(response)
}

/// A page is HTML, or what a person is sent on to it with.
fn is_page(response: &Response<Body>, format: NoticeFormat) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let html = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(b"text/html"));
    let status = response.status();
    status.is_success() && html || status.is_redirection() && format == NoticeFormat::Page
}

fn redirect(uri: &Uri) -> Result<Response<Body>, Failure> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let location = HeaderValue::from_str(&uri.to_string()).map_err(|_| Failure::NotFound)?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}
