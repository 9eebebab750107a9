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
use crate::door::{Door, browser, proxy};
use crate::event::Event;
use crate::failure::{Failure, Upstream};
use crate::forward::{self, Asked};
use crate::notice::{self, Reader};
use crate::pool::Peer;
use crate::preflight;
use crate::routing::{Destination, Place};
use crate::server;
use crate::shared::{Shared, Visit};
use crate::site::Root;
use crate::static_files;
use crate::target::Target;
use crate::tunnel;

/// How much of a refused request's body is read.
const DISCARDED: usize = 256 * 1024;

/// How long a refused request's body is read.
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Answers a request. Every failure becomes a notice here, and nowhere else.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    visit: Visit,
    request: Request<Incoming>,
) -> Response<Body> {
    let reader = Reader::of(request.headers());
    let answered = match &shared.door {
        Door::Proxy(credentials) => match proxy::check(&shared, credentials, &visit, &request) {
            Ok(decision) => by_proxy(&shared, &visit, decision, request).await,
            Err(failure) => match preflight::answer(&shared, &request) {
                Some(answer) if failure == Failure::NoCredentials => Ok(answer),
                _ => Err(discard(request, failure).await),
            },
        },
        Door::Browser(session) => {
            let mut request = request;
            match browser::check(&shared, session, &mut request) {
                Ok(browser::Decision::LetIn) => match browser::settings(&shared, &request) {
                    Some(redirect) => Ok(redirect),
                    None => serve(&shared, &visit, Place::Site, request).await,
                },
                Ok(browser::Decision::Redirect(response)) => Ok(*response),
                Err(failure) => Err(discard(request, failure).await),
            }
        }
    };
    answered.unwrap_or_else(|failure| {
        if failure.is_silence() {
            let service = failure.service().map(str::to_owned);
            shared.tell(Event::Unanswered { service, page: reader == Reader::Person });
        }
        notice::answer(&failure, &shared.site.app, reader)
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
    shared: &Arc<Shared>,
    visit: &Visit,
    decision: proxy::Decision,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    match decision {
        proxy::Decision::Serve(place) => serve(shared, visit, place, request).await,
        proxy::Decision::Forward(peer) => forward::to_remote(shared, visit, request, peer).await,
        proxy::Decision::Inside(target) => Ok(turn_inside(shared, visit, request, target)),
        proxy::Decision::Tunnel(peer) => open_tunnel(shared, visit, request, peer).await,
    }
}

/// Serves what comes out of a tunnel that leads back into the gateway.
fn turn_inside(
    shared: &Arc<Shared>,
    visit: &Visit,
    request: Request<Incoming>,
    target: Target,
) -> Response<Body> {
    let upgrade = hyper::upgrade::on(request);
    let inside = Visit { inside: Some(target), ..visit.clone() };
    let gateway = Arc::clone(shared);
    // Boxed as a trait object, for a connection within a connection is a type within itself.
    let serving: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
        if let Ok(client) = upgrade.await {
            server::serve_connection(gateway, inside, client).await;
        }
    });
    visit.spawn(shared, serving);
    Response::new(body::empty())
}

/// Connects first, so that a host that cannot be reached is a failure and no silent tunnel.
async fn open_tunnel(
    shared: &Arc<Shared>,
    visit: &Visit,
    request: Request<Incoming>,
    peer: Peer,
) -> Result<Response<Body>, Failure> {
    let Peer::Remote(target, reach) = peer else { return Err(Failure::NotFound) };
    let limit = shared.limits().connect;
    let unreachable =
        |why: String| Failure::BadGateway { peer: Upstream::Remote(target.to_string()), why };
    let connecting = tokio::time::timeout(limit, connect::remote(&target, reach));
    let remote = match connecting.await {
        Ok(connected) => connected.map_err(|error| unreachable(error.to_string()))?,
        Err(_) => return Err(unreachable(format!("No connection within `connect`, {limit:?}"))),
    };
    let upgrade = hyper::upgrade::on(request);
    let (half_closed, stop) = (shared.limits().half_closed, shared.stop.clone());
    visit.spawn(shared, async move {
        let Ok(client) = upgrade.await else { return };
        let carry = tunnel::join(TokioIo::new(client), remote, half_closed);
        stop.run_until_cancelled(carry).await;
    });
    Ok(Response::new(body::empty()))
}

/// Tells, when dropped, of a request that its client gave up waiting for, or that its service
/// could not answer.
struct Unheard<'a> {
    shared: &'a Shared,
    service: Option<String>,
}

impl Drop for Unheard<'_> {
    fn drop(&mut self) {
        if let Some(service) = self.service.take() {
            self.shared.tell(Event::Unanswered { service: Some(service), page: false });
        }
    }
}

async fn serve(
    shared: &Arc<Shared>,
    visit: &Visit,
    place: Place,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    let reads = request.method() == Method::GET && place == Place::Site;
    let reader = Reader::of(request.headers());
    let response = match shared.routes.pick(&place, request.uri())? {
        Destination::Service { name, path, prefix } => {
            let mut unheard = Unheard { shared, service: Some(name.clone()) };
            let asked = Asked { service: name, path, prefix };
            let answered = forward::to_service(shared, visit, request, asked).await;
            // What fails here is told where it becomes an answer.
            if !answered.as_ref().is_ok_and(|answer| answer.status().is_server_error()) {
                unheard.service = None;
            }
            answered?
        }
        Destination::Static(path) => match &shared.site.root {
            Root::Static(site) => {
                let (parts, _body) = request.into_parts();
                static_files::answer(site, path, Request::from_parts(parts, ())).await?
            }
            Root::Service(_) | Root::Remote(_) => return Err(Failure::NotFound),
        },
        Destination::Elsewhere(uri) => redirect(&uri)?,
    };
    if reads && is_page(&response, reader) {
        shared.tell_first_page();
    }
    Ok(response)
}

/// A page is HTML, or what a person is sent on to it with.
fn is_page(response: &Response<Body>, reader: Reader) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let html = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(b"text/html"));
    let status = response.status();
    status.is_success() && html || status.is_redirection() && reader == Reader::Person
}

fn redirect(uri: &Uri) -> Result<Response<Body>, Failure> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let location = HeaderValue::from_str(&uri.to_string()).map_err(|_| Failure::NotFound)?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}
