//! Passing a request on to a service or a remote host, and its answer back.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::backend::{Address, Backend};
use crate::body::{self, Body, Endless, Upload};
use crate::failure::{Failure, Upstream};
use crate::headers;
use crate::pool::{Peer, Sender};
use crate::shared::{Shared, Visit};
use crate::tunnel;

/// The pauses between two tries to connect to a service that refuses.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// What a service is asked for.
pub(crate) struct Asked {
    pub(crate) service: String,
    pub(crate) path: PathAndQuery,
    /// What was taken off the path.
    pub(crate) prefix: Option<String>,
}

/// Passes a request on to a service.
pub(crate) async fn to_service(
    shared: &Arc<Shared>,
    visit: &Visit,
    mut request: Request<Incoming>,
    asked: Asked,
) -> Result<Response<Body>, Failure> {
    let upgrade = headers::upgrade(request.headers());
    headers::strip_hop_by_hop(request.headers_mut(), upgrade.as_ref());
    headers::strip_secrets(request.headers_mut(), shared.cookie_name());
    headers::set_forwarded(request.headers_mut(), visit.client, asked.prefix.as_deref());
    *request.uri_mut() = Uri::from(asked.path);
    let peer = Wanted::Service(asked.service);
    let mut response = exchange(shared, visit, request, &peer, upgrade).await?;
    if let Some(name) = shared.cookie_name() {
        headers::keep_own_cookie(response.headers_mut(), name);
    }
    Ok(response)
}

/// Passes a request on to a remote host, in plain.
pub(crate) async fn to_remote(
    shared: &Arc<Shared>,
    visit: &Visit,
    mut request: Request<Incoming>,
    peer: Peer,
) -> Result<Response<Body>, Failure> {
    let upgrade = headers::upgrade(request.headers());
    headers::strip_hop_by_hop(request.headers_mut(), upgrade.as_ref());
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    let name = match &peer {
        Peer::Remote(target, _) => target.to_string(),
        Peer::Service(_) => String::new(),
    };
    exchange(shared, visit, request, &Wanted::Remote(peer, name), upgrade).await
}

/// Who is to answer.
enum Wanted {
    Service(String),
    Remote(Peer, String),
}

impl Wanted {
    fn upstream(&self) -> Upstream {
        match self {
            Self::Service(name) => Upstream::Service(name.clone()),
            Self::Remote(_, name) => Upstream::Remote(name.clone()),
        }
    }

    fn no_answer(&self, why: &dyn std::error::Error) -> Failure {
        let cause = why.source().map(|source| format!(": {source}")).unwrap_or_default();
        Failure::BadGateway { peer: self.upstream(), why: format!("{why}{cause}") }
    }
}

async fn exchange(
    shared: &Arc<Shared>,
    visit: &Visit,
    mut request: Request<Incoming>,
    wanted: &Wanted,
    upgrade: Option<HeaderValue>,
) -> Result<Response<Body>, Failure> {
    let client = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    *request.version_mut() = Version::HTTP_11;
    frame_unusual_body(&mut request);
    let can_repeat = upgrade.is_none() && is_repeatable(&request);
    let (parts, incoming) = request.into_parts();
    let (upload, uploaded) = Upload::wrap(incoming, shared.limits().body_idle);
    let request = Request::from_parts(parts, upload);

    let mut response = send(shared, request, wanted, can_repeat, &uploaded).await?;
    match (response.status(), client) {
        (StatusCode::SWITCHING_PROTOCOLS, Some(client)) => {
            let service = hyper::upgrade::on(&mut response);
            let half_closed = shared.limits().half_closed;
            let carry = tunnel::join_upgraded(client, service, half_closed, shared.stop.clone());
            visit.spawn(shared, carry);
        }
        (StatusCode::SWITCHING_PROTOCOLS, None) => return Err(unasked_switch(wanted)),
        (StatusCode::PROXY_AUTHENTICATION_REQUIRED, _) => return Err(unasked_switch(wanted)),
        _ => {}
    }
    Ok(pass_back(shared, response))
}

/// Only the gateway may switch protocols or ask for the proxy's credentials.
fn unasked_switch(wanted: &Wanted) -> Failure {
    let why = "Its answer has a status that only a proxy may send".to_owned();
    Failure::BadGateway { peer: wanted.upstream(), why }
}

/// A body on a method that mostly has none is only sent when its framing says so.
fn frame_unusual_body(request: &mut Request<Incoming>) {
    let body = request.body();
    if !body.is_end_stream() && body.size_hint().exact().is_none() {
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

/// Sending it twice means the same as once, and there is nothing to read twice.
fn is_repeatable(request: &Request<Incoming>) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    safe && request.body().is_end_stream()
}

/// Sends a request until its head is answered: again if it was never written, and once again if
/// it can be repeated.
async fn send(
    shared: &Arc<Shared>,
    mut request: Request<Body>,
    wanted: &Wanted,
    repeatable: bool,
    uploaded: &CancellationToken,
) -> Result<Response<Incoming>, Failure> {
    let mut spare = repeatable.then(|| copy_head(&request));
    let deadline = Instant::now() + shared.limits().wait_for_service;
    loop {
        let (mut sender, peer) = connection(shared, wanted, repeatable, deadline).await?;
        let answer = in_time(shared, wanted, sender.try_send_request(request), uploaded).await?;
        let mut error = match answer {
            Ok(response) => {
                shared.pool.keep(peer, sender);
                return Ok(response);
            }
            Err(error) => error,
        };
        let unsent = error.take_message().filter(|_| Instant::now() < deadline);
        let Some(again) = unsent.or_else(|| spare.take()) else {
            return Err(wanted.no_answer(error.error()));
        };
        tracing::debug!("Sent again, for the connection was closed: {}", error.error());
        request = again;
    }
}

/// Waits for an answer's head; the limit counts from the end of the request's body.
async fn in_time<Answer>(
    shared: &Shared,
    wanted: &Wanted,
    answer: impl Future<Output = Answer>,
    uploaded: &CancellationToken,
) -> Result<Answer, Failure> {
    let limit = shared.limits().answer;
    let too_late = async {
        uploaded.cancelled().await;
        sleep(limit).await;
    };
    tokio::select! {
        answer = answer => Ok(answer),
        () = too_late => Err(Failure::NoAnswer { peer: wanted.upstream(), limit }),
    }
}

fn copy_head(request: &Request<Body>) -> Request<Body> {
    let mut copy = Request::new(body::empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    copy
}

async fn connection(
    shared: &Arc<Shared>,
    wanted: &Wanted,
    repeatable: bool,
    deadline: Instant,
) -> Result<(Sender, Peer), Failure> {
    let peer = match wanted {
        Wanted::Service(name) => return to_ready(shared, name, repeatable, deadline).await,
        Wanted::Remote(peer, _) => peer.clone(),
    };
    match shared.pool.take(&peer, repeatable) {
        Some(sender) => Ok((sender, peer)),
        None => {
            let opened = shared.pool.open(&peer).await;
            opened.map(|sender| (sender, peer)).map_err(|error| wanted.no_answer(&error))
        }
    }
}

/// Connects to a service as soon as it is ready. One that is said to be ready and refuses has
/// just died, or is just being born; nothing was sent to it, so every request may wait.
async fn to_ready(
    shared: &Arc<Shared>,
    service: &str,
    repeatable: bool,
    deadline: Instant,
) -> Result<(Sender, Peer), Failure> {
    let unknown = || Failure::Unavailable { service: service.to_owned() };
    let mut backend = shared.backends.watch(service).ok_or_else(unknown)?;
    let mut refused_since = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let peer = Peer::Service(ready(shared, &mut backend, service, deadline).await?);
        if let Some(sender) = shared.pool.take(&peer, repeatable) {
            return Ok((sender, peer));
        }
        let error = match shared.pool.open(&peer).await {
            Ok(sender) => return Ok((sender, peer)),
            Err(error) => error,
        };
        let since: Instant = *refused_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= shared.limits().refused || Instant::now() >= deadline {
            return Err(Wanted::Service(service.to_owned()).no_answer(&error));
        }
        // A change of state ends the pause early.
        let _ = tokio::time::timeout(pause, backend.changed()).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Waits until a service is ready, and not a moment longer.
async fn ready(
    shared: &Shared,
    backend: &mut tokio::sync::watch::Receiver<Backend>,
    service: &str,
    deadline: Instant,
) -> Result<Address, Failure> {
    let name = || service.to_owned();
    loop {
        let state = backend.borrow_and_update().clone();
        let too_late = match state {
            Backend::Ready(address) => return Ok(address),
            Backend::Failed(why) => return Err(Failure::Failed { service: name(), why }),
            Backend::Stopped => return Err(Failure::Unavailable { service: name() }),
            Backend::Starting => Failure::Starting { service: name() },
            Backend::Restarting => Failure::Unavailable { service: name() },
        };
        let changed = shared.stop.run_until_cancelled(timeout_at(deadline, backend.changed()));
        if !matches!(changed.await, Some(Ok(Ok(())))) {
            return Err(too_late);
        }
    }
}

fn pass_back(shared: &Shared, mut response: Response<Incoming>) -> Response<Body> {
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let upgrade = headers::upgrade(response.headers()).filter(|_| switched);
    headers::strip_hop_by_hop(response.headers_mut(), upgrade.as_ref());
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind.is_some_and(|kind| kind.starts_with(b"text/event-stream")) {
        return response.map(|body| Endless::wrap(body, &shared.stop));
    }
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}
